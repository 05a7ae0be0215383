"""Days, clock times and ages, as the pages write them.

The database holds UTC milliseconds; the pages show India's time.
"""

from datetime import UTC, date, datetime, timedelta, timezone
from gettext import NullTranslations

from babel.dates import format_date

INDIA = timezone(timedelta(hours=5, minutes=30), "IST")
"""One zone, without summer time, for the whole country."""

_MINUTE, _HOUR, _DAY = 60_000, 3_600_000, 86_400_000


def india_day(now: datetime) -> date:
    """The calendar day in India at `now` (any zone)."""
    return now.astimezone(INDIA).date()


def clock_time(ms: int) -> str:
    """`09:05`, Indian time."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(INDIA).strftime("%H:%M")


def day_text(day: date | str) -> str:
    """`21-11-2026`, the way dates are written in India; `day` may be an ISO date."""
    return (date.fromisoformat(day) if isinstance(day, str) else day).strftime("%d-%m-%Y")


def long_day(language: str, day: date) -> str:
    """`Saturday, 21 November 2026`, as one reads it aloud; digits are Western in every language."""
    text = format_date(day, "EEEE, d MMMM y", locale=f"{language}_IN")
    text = "".join(str(int(char)) if char.isdecimal() else char for char in text)
    return text.replace(",", "،") if language == "ur" else text


def month_name(language: str, month: str) -> str:
    """`November 2026`, of `2026-11`; digits are Western in every language."""
    text = format_date(date.fromisoformat(f"{month}-01"), "LLLL y", locale=f"{language}_IN")
    return "".join(str(int(char)) if char.isdecimal() else char for char in text)


def day_and_time(ms: int) -> str:
    """`21-11-2026 09:05`, Indian time."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(INDIA).strftime("%d-%m-%Y %H:%M")


def age_text(words: NullTranslations, age_ms: int) -> str:
    """How long ago: `just now`, `3 minutes ago`, `2 hours ago`, `4 days ago`. A clock ahead of ours is `just now`."""
    if age_ms < _MINUTE:
        return words.gettext("just now")
    if age_ms < _HOUR:
        return _counted(
            words.ngettext("%(n)s minute ago", "%(n)s minutes ago", age_ms // _MINUTE), age_ms // _MINUTE
        )
    if age_ms < _DAY:
        return _counted(words.ngettext("%(n)s hour ago", "%(n)s hours ago", age_ms // _HOUR), age_ms // _HOUR)
    return _counted(words.ngettext("%(n)s day ago", "%(n)s days ago", age_ms // _DAY), age_ms // _DAY)


def _counted(text: str, n: int) -> str:
    return text % {"n": n}
