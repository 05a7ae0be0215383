"""The letters on the screen for typing a name: the kiosk has no other keyboard.

Hindi and Urdu stand in the order of the primer, English as on a phone. Rows are at most `WIDTH` keys long.
"""

WIDTH = 15

_HINDI = (
    "अ आ इ ई उ ऊ ए ऐ ओ औ ड़ ढ़ ज़ फ़ ृ",
    "क ख ग घ च छ ज झ ञ ट ठ ड ढ ण ं",
    "त थ द ध न प फ ब भ म य र ल व ँ",
    "श ष स ह ा ि ी ु ू े ै ो ौ ् ़",
)
_URDU = (
    "ا آ ب پ ت ٹ ث ج چ ح خ د ڈ ذ ر",
    "ڑ ز ژ س ش ص ض ط ظ ع غ ف ق ک گ",
    "ل م ن ں و ہ ھ ء ی ے ئ ؤ",
)
_ENGLISH = ("Q W E R T Y U I O P", "A S D F G H J K L", "Z X C V B N M")

_SIGNS = frozenset("ृंँािीुूेैोौ़्")


def _keys(rows: tuple[str, ...]) -> tuple[tuple[tuple[str, str], ...], ...]:
    return tuple(
        tuple((key, f"\u25cc{key}" if key in _SIGNS else key) for key in row.split()) for row in rows
    )


LAYOUTS = {"hi": _keys(_HINDI), "ur": _keys(_URDU), "en": _keys(_ENGLISH)}
"""By language, rows of keys: what a key types, and what is on it. A vowel sign stands on a dotted circle."""
