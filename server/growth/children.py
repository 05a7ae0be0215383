"""The children a report is about: those of 0-6 years registered on its day, column by column."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

import msgspec
import numpy as np

from anganwadi.growth import AGE_LIMIT_MONTHS, DAYS_PER_MONTH, MUAC_FROM_DAY, BoolArray, who_sex
from anganwadi.growth_tables import IntArray
from anganwadi.people import is_weighed
from server.centres.enrolment import person_of
from server.centres.queries import AnyRow


class Band(StrEnum):
    """Completed months of age, as WHO counts them: of 30.4375 days."""

    FROM_0 = "0_5"
    FROM_6 = "6_23"
    FROM_24 = "24_59"
    FROM_60 = "60_71"


_FROM_MONTHS = {Band.FROM_0: 0, Band.FROM_6: 6, Band.FROM_24: 24, Band.FROM_60: AGE_LIMIT_MONTHS}


def is_below_five(age_days: IntArray) -> BoolArray:
    """Where WHO's standards of 2006 hold."""
    return age_days / DAYS_PER_MONTH < AGE_LIMIT_MONTHS


def arm_counts(age_days: IntArray) -> BoolArray:
    """Where the arm is judged: from 6 months to below five years."""
    return (age_days >= MUAC_FROM_DAY) & is_below_five(age_days)


class Children(msgspec.Struct, frozen=True, eq=False):
    """Arrays of one length, a row a child; `rows` gives a child's row by id, `sex` is 1 male, 2 female, `centre` the
    row of her centre in `centre_ids`. Ages are of the report's `day`."""

    day: date
    rows: dict[str, int]
    centre_ids: list[str]
    centre: IntArray
    sex: IntArray
    age_days: IntArray

    @classmethod
    def of(cls, records: Iterable[AnyRow], day: date) -> "Children":
        """Those of the vault's `records` who are 0-6 years old on `day`."""
        rows: dict[str, int] = {}
        places: dict[str, int] = {}
        found: list[tuple[int, int, int]] = []
        for row in records:
            person = person_of(row.record)
            if is_weighed(person, day):
                rows[row.person_id] = len(rows)
                place = places.setdefault(row.centre_id, len(places))
                found.append((place, who_sex(person.sex), (day - person.born).days))
        columns = np.array(found, np.int64).reshape(-1, 3).T
        return cls(day, rows, list(places), *columns)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def below_five(self) -> BoolArray:
        return is_below_five(self.age_days)

    @property
    def arm_counts(self) -> BoolArray:
        return arm_counts(self.age_days)

    def ages_on(self, rows: IntArray, days: IntArray) -> IntArray:
        """Days of age of the children in `rows`, each on a day of its own, given as ordinal."""
        return self.age_days[rows] - (self.day.toordinal() - days)

    def in_band(self, band: Band) -> BoolArray:
        months = self.age_days / DAYS_PER_MONTH
        later = [start for start in _FROM_MONTHS.values() if start > _FROM_MONTHS[band]]
        return (months >= _FROM_MONTHS[band]) & (months < min(later, default=np.inf))

    def by_centre(self, which: BoolArray) -> dict[str, int]:
        """How many of `which` each centre has."""
        counted = np.bincount(self.centre[which], minlength=len(self.centre_ids))
        return dict(zip(self.centre_ids, counted.tolist(), strict=True))
