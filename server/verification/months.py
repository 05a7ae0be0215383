"""Calendar months, as the pages offer them: rations are owed by month, and two reports of whole months cannot be
subtracted from each other to tell about one day."""

import calendar
import re
from datetime import date

OFFERED = 12
_FORM = re.compile(r"(2[0-9]{3})-(0[1-9]|1[0-2])")


class BadMonth(ValueError):
    """Not a month, written as 2026-11."""


def month_of(day: date) -> str:
    """`2026-11`."""
    return f"{day:%Y-%m}"


def days_of(month: str) -> tuple[date, date]:
    """Its first and last day.

    Raises:
        BadMonth: it is none.
    """
    found = _FORM.fullmatch(month)
    if found is None:
        raise BadMonth(month)
    year, number = int(found[1]), int(found[2])
    return date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1])


def last_months(today: date, count: int = OFFERED) -> list[str]:
    """This month and those before it, newest first."""
    whole = today.year * 12 + today.month - 1
    return [f"{(whole - ago) // 12:04}-{(whole - ago) % 12 + 1:02}" for ago in range(count)]
