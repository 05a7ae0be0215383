"""What each category is owed on a day, from `data/entitlements.csv`, whose rows name their source.

The norm in force on a day is a setting of the state: rows carry a `norm_version`, and a revised schedule is added as
rows, not as code.
"""

import csv
from datetime import date
from functools import cache
from importlib import resources

import msgspec

from anganwadi.people import Category, Person, category_on

CURRENT_NORM = "NFSA2013"
"""The schedule whose values were retrieved. The 2023 revision's were not, so it is not offered."""


class Entitlement(msgspec.Struct, frozen=True):
    """One row of the schedule. `services` are the codes of what is handed out; kcal and grams are per day."""

    category: Category
    services: tuple[str, ...]
    kcal_per_day: int | None
    protein_g: tuple[int, int] | None
    days_per_year: int
    days_per_month: int
    norm_version: str
    source: str

    @property
    def takes_home(self) -> bool:
        """Whether the category is owed a take-home ration."""
        return any(service.startswith("THR") for service in self.services)


class UnknownNorm(LookupError):
    """No entitlement table for that norm version; the text lists those there are."""


@cache
def schedule(norm_version: str = CURRENT_NORM) -> dict[Category, Entitlement]:
    """The whole schedule of one norm version.

    Raises:
        UnknownNorm: the data table has no rows of that version.
    """
    text = resources.files("anganwadi.data").joinpath("entitlements.csv").read_text(encoding="utf-8")
    rows = [_read(row) for row in csv.DictReader(text.splitlines())]
    found = {row.category: row for row in rows if row.norm_version == norm_version}
    if not found:
        known = ", ".join(sorted({row.norm_version for row in rows}))
        raise UnknownNorm(f"no entitlements for norm {norm_version!r}; the table has {known}")
    return found


def entitlement_on(person: Person, day: date, norm_version: str = CURRENT_NORM) -> Entitlement | None:
    """What `person` is owed on `day`; None where she is in no category, or in one the norm does not know."""
    return schedule(norm_version).get(category_on(person, day))


def owed_ration(person: Person, day: date, norm_version: str = CURRENT_NORM) -> bool:
    """Whether a take-home ration is owed to `person` on `day`."""
    entitlement = entitlement_on(person, day, norm_version)
    return entitlement is not None and entitlement.takes_home


def _read(row: dict[str, str]) -> Entitlement:
    low, high = row["protein_g_min"], row["protein_g_max"]
    return Entitlement(
        category=Category(row["category"]),
        services=tuple(row["services"].split("+")) if row["services"] else (),
        kcal_per_day=int(row["kcal_per_day"]) if row["kcal_per_day"] else None,
        protein_g=(int(low), int(high)) if low else None,
        days_per_year=int(row["days_per_year"]),
        days_per_month=int(row["days_per_month"]),
        norm_version=row["norm_version"],
        source=row["source"],
    )
