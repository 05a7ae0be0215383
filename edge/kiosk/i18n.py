"""Words in the reader's language: gettext catalogues, compiled in memory from the `.po` files at the start.

The msgids are English. `N_` marks a sentence that Python code holds and a template translates later.
"""

import io
from datetime import date
from functools import cache
from gettext import NullTranslations
from pathlib import Path

import msgspec
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from anganwadi.people import Person, months_on

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "kiosk"


class Language(msgspec.Struct, frozen=True):
    """A language of the screen: its code, its own name, the direction it is written in, Babel's locale."""

    code: str
    name: str
    direction: str
    locale: str


LANGUAGES = {
    language.code: language
    for language in (
        Language("hi", "हिन्दी", "ltr", "hi_IN"),
        Language("en", "English", "ltr", "en_IN"),
        Language("ur", "اردو", "rtl", "ur_IN"),
    )
}


def N_(text: str) -> str:  # noqa: N802 - gettext's own name
    """Mark `text` for the catalogues and leave it as it is."""
    return text


def catalogue_path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of one language; English needs none."""
    path = catalogue_path(language)
    if not path.is_file():
        return NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language, domain=DOMAIN))
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)


def say(language: str, text: str, **values: object) -> str:
    """`text`, a msgid, in `language`, with its named placeholders filled."""
    return translations(language).gettext(text) % values


def long_date(language: str, day: date) -> str:
    """A day with its weekday, as one reads it aloud; digits are Western in every language."""
    return _western(format_date(day, "EEEE, d MMMM y", locale=LANGUAGES[language].locale))


def short_date(day: date) -> str:
    """dd-mm-yyyy, as in the registers."""
    return format_date(day, "dd-MM-yyyy", locale="en_IN")


def age(language: str, person: Person, day: date) -> str:
    """How old somebody is: months for a baby, years and months for a child, years for a grown woman."""
    months = months_on(person.born, day)
    if months < 12:
        return say(language, N_("%(months)s months"), months=max(months, 0))
    if months < 6 * 12:
        return say(language, N_("%(years)s years %(months)s months"), years=months // 12, months=months % 12)
    return say(language, N_("%(years)s years"), years=months // 12)


def _western(text: str) -> str:
    return "".join(str(int(char)) if char.isdecimal() else char for char in text)
