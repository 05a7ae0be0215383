"""What the kiosk's pages say in the reader's language: its catalogues, its days and its ages.

The msgids are English. `N_`, gettext's own name for a marker, marks one that Python code holds and a template
translates later. `provisioning.languages` loads the catalogues and knows what the languages are called.
"""

from datetime import date, datetime
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from babel.dates import format_date

from anganwadi.people import Person, months_on
from provisioning.languages import OWN_NAMES, direction, load_catalogue, msgid

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "kiosk"
IST = ZoneInfo("Asia/Kolkata")

N_ = msgid


class Language(msgspec.Struct, frozen=True):
    """A language of the screen, as the pages need it: its code, its own name, the direction it is written in."""

    code: str
    name: str
    direction: str


LANGUAGES = {code: Language(code, name, direction(code)) for code, name in OWN_NAMES.items()}


@cache
def catalogues() -> dict[str, NullTranslations]:
    """The kiosk's words in every language it speaks."""
    return load_catalogue(LOCALE, DOMAIN)


def say(language: str, text: str, **values: object) -> str:
    """`text`, a msgid, in `language`, with its named placeholders filled."""
    return catalogues()[language].gettext(text) % values


def long_date(language: str, day: date) -> str:
    """A day with its weekday, as one reads it aloud; digits are Western in every language."""
    return _western(format_date(day, "EEEE, d MMMM y", locale=f"{language}_IN"))


def short_date(day: date) -> str:
    """dd-mm-yyyy, as in the registers."""
    return format_date(day, "dd-MM-yyyy", locale="en_IN")


def age(language: str, person: Person, day: date) -> str:
    """How old somebody is: months for a baby, years and months for a child, years for a grown woman."""
    months = months_on(person.born, day)
    if months < 12:
        return _months(language, max(months, 0))
    years = _years(language, months // 12)
    return f"{years} {_months(language, months % 12)}" if months < 6 * 12 and months % 12 else years


def until(at: datetime) -> str:
    """A moment soon: the hour, with its day unless that is today."""
    here = at.astimezone(IST)
    hour = f"{here:%H:%M}"
    return hour if here.date() == datetime.now(IST).date() else f"{short_date(here.date())} {hour}"


def ago(language: str, seconds: float) -> str:
    """How long something has lasted, in the largest unit that fits; less than a minute counts as one."""
    words = catalogues()[language]
    if seconds >= 2 * 86400:
        days = int(seconds // 86400)
        return words.ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    if seconds >= 3600:
        hours = int(seconds // 3600)
        return words.ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    minutes = max(int(seconds // 60), 1)
    return words.ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def _months(language: str, count: int) -> str:
    return catalogues()[language].ngettext("%(months)s month", "%(months)s months", count) % {"months": count}


def _years(language: str, count: int) -> str:
    return catalogues()[language].ngettext("%(years)s year", "%(years)s years", count) % {"years": count}


def _western(text: str) -> str:
    return "".join(str(int(char)) if char.isdecimal() else char for char in text)
