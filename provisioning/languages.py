"""The words on screens: English msgids, and gettext catalogues of the other languages beside the pages that use them.

A catalogue is kept as text, `LOCALE_DIR/<language>/LC_MESSAGES/<domain>.po`, and compiled in memory when a program
starts, so nothing has to be built and nothing compiled can be out of date. `missing` is for tests: it names every
sentence on a page that some language lacks.
"""

import gettext
import io
import re
from collections.abc import Iterable
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE_LANGUAGE = "en"
"""The language of the msgids: it needs no catalogue."""

RIGHT_TO_LEFT = frozenset({"ar", "fa", "ks", "sd", "ur"})

OWN_NAMES = {"hi": "हिन्दी", "en": "English", "ur": "اردو"}
"""Each language by the name its speakers give it, in the order a switch offers them."""

_EXTRACTORS = [("**.py", "python"), ("**.html", "jinja2")]
_KEYWORDS = {**DEFAULT_KEYWORDS, "msgid": None}
"""What marks a sentence: gettext's own names, `N_` among them, and `msgid`."""
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def msgid(text: str) -> str:
    """Mark `text` as a sentence of the catalogue that is looked up later, where it is shown."""
    return text


def direction(language: str) -> str:
    """The way the language is written: the value of HTML's `dir`."""
    return "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"


def load_catalogue(locale_dir: Path, domain: str) -> dict[str, gettext.NullTranslations]:
    """All languages of `domain`, English among them.

    Raises:
        babel.messages.pofile.PoFileError: a catalogue is not a .po file.
    """
    found: dict[str, gettext.NullTranslations] = {SOURCE_LANGUAGE: gettext.NullTranslations()}
    for path in _catalogues(locale_dir, domain):
        compiled = io.BytesIO()
        write_mo(compiled, _read(path))
        compiled.seek(0)
        found[_language(path)] = gettext.GNUTranslations(compiled)
    return found


def missing(
    locale_dir: Path, domain: str, sources: Iterable[Path], unmarked: Iterable[str] = ()
) -> list[str]:
    """One line for every sentence in the Python files and templates under `sources` that a language of `domain` lacks,
    marks as fuzzy, or translates with other placeholders; and for every one in a catalogue that no page uses.
    `unmarked` are sentences the pages show besides, from code that knows nothing of catalogues."""
    used = set[str | tuple[str, ...]](unmarked)
    for folder in sources:
        for _, _, found, _, _ in extract_from_dir(folder, _EXTRACTORS, keywords=_KEYWORDS):
            used.add(tuple(found) if isinstance(found, (list, tuple)) else found)
    complaints: list[str] = []
    for path in _catalogues(locale_dir, domain):
        catalogue, language = _read(path), _language(path)
        for message in sorted(used, key=str):
            complaint = _complaint(
                catalogue.get(message if isinstance(message, str) else message[0]), message
            )
            if complaint:
                complaints.append(f"{language}: {complaint}: {message!r}")
        known = {tuple(m.id) if isinstance(m.id, (list, tuple)) else m.id for m in catalogue if m.id}
        complaints += [
            f"{language}: not used by any page: {text!r}" for text in sorted(known - used, key=str)
        ]
    return complaints


def _complaint(entry: Message | None, wanted: str | tuple[str, ...]) -> str | None:
    forms = (wanted,) if isinstance(wanted, str) else wanted
    if entry is None or isinstance(entry.id, str) != isinstance(wanted, str):
        return "not translated"
    if entry.fuzzy:
        return "fuzzy"
    translated = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ("",))
    if not all(translated):
        return "not translated"
    placeholders = set(_PLACEHOLDER.findall(forms[-1]))
    if any(set(_PLACEHOLDER.findall(text)) != placeholders for text in translated):
        return "placeholders differ"
    return None


def _catalogues(locale_dir: Path, domain: str) -> list[Path]:
    return sorted(locale_dir.glob(f"*/LC_MESSAGES/{domain}.po"))


def _language(path: Path) -> str:
    return path.parent.parent.name


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=_language(path), abort_invalid=True)
