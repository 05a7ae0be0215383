"""Who a centre serves: people, their households, and the beneficiary category each is in on a given day.

A category is never stored. It follows from a person's dates, so that a child who turns three, a delivery or a
discharge from SAM changes what is owed on the right day by itself.
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from anganwadi.ids import CentreId, PersonId

LACTATING_DAYS = 183
"""Days after delivery in which a mother counts as lactating: ICDS-CAS's figure for NFSA's six months."""


Line = Annotated[str, Meta(max_length=200)]


class Sex(StrEnum):
    MALE = "M"
    FEMALE = "F"


class Category(StrEnum):
    """The beneficiary categories of NFSA Schedule II and the adolescent girls' scheme."""

    CHILD_0_6M = "CHILD_0_6M"
    CHILD_6_36M = "CHILD_6_36M"
    CHILD_3_6Y = "CHILD_3_6Y"
    SAM_6_36M = "SAM_6_36M"
    SAM_3_6Y = "SAM_3_6Y"
    PREGNANT = "PW"
    LACTATING = "LM_0_6M"
    ADOLESCENT = "AG_14_18"
    NONE = "NONE"


ADULT_CATEGORIES = frozenset({Category.PREGNANT, Category.LACTATING, Category.ADOLESCENT})


class Person(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One person on a centre's roster: an identity. It lives in the vault, never in the event log.

    `name` is written as the family writes it, in Devanagari, Nastaliq or Latin; `name_latin` serves search and the
    office. `malnourished` holds the day from which the child is managed as SAM, until `recovered`.
    """

    person_id: PersonId
    centre_id: CentreId
    household: Line
    name: Line
    name_latin: Line
    sex: Sex
    born: date
    registered: date
    guardian: PersonId | None = None
    nominees: Annotated[tuple[PersonId, ...], Meta(max_length=8)] = ()
    pregnant_since: date | None = None
    delivered: date | None = None
    malnourished: date | None = None
    recovered: date | None = None
    in_adolescent_scheme: bool = False
    left: date | None = None
    phone: Line | None = None
    language: Line = "hi"
    card: Line | None = None
    """The number printed on her card."""


def months_on(born: date, day: date) -> int:
    """Completed months of age on `day`; negative before birth."""
    return (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)


def category_on(person: Person, day: date) -> Category:
    """The category `person` is in on `day`, `Category.NONE` where nothing is owed to her on that day."""
    if not person.registered <= day or (person.left is not None and person.left <= day) or day < person.born:
        return Category.NONE
    months = months_on(person.born, day)
    if months < 72:
        return _child_category(person, months, day)
    return _woman_category(person, months, day)


def _child_category(person: Person, months: int, day: date) -> Category:
    if months < 6:
        return Category.CHILD_0_6M
    young = months < 36
    if _is_malnourished(person, day):
        return Category.SAM_6_36M if young else Category.SAM_3_6Y
    return Category.CHILD_6_36M if young else Category.CHILD_3_6Y


def _is_malnourished(person: Person, day: date) -> bool:
    if person.malnourished is None or day < person.malnourished:
        return False
    return person.recovered is None or person.recovered < person.malnourished or day < person.recovered


def _woman_category(person: Person, months: int, day: date) -> Category:
    if person.sex is not Sex.FEMALE:
        return Category.NONE
    if (
        person.pregnant_since is not None
        and person.pregnant_since <= day
        and not _delivered_since(person, day)
    ):
        return Category.PREGNANT
    if person.delivered is not None and person.delivered <= day < person.delivered + timedelta(
        days=LACTATING_DAYS
    ):
        return Category.LACTATING
    if person.in_adolescent_scheme and 14 * 12 <= months < 18 * 12:
        return Category.ADOLESCENT
    return Category.NONE


def _delivered_since(person: Person, day: date) -> bool:
    """Whether the pregnancy of `pregnant_since` has ended by `day`."""
    assert person.pregnant_since is not None  # noqa: S101 - the caller looked
    return person.delivered is not None and person.pregnant_since < person.delivered <= day


def attends_preschool(person: Person, day: date) -> bool:
    """Whether the child is one of the 3-6 year-olds whose attendance is marked."""
    return category_on(person, day) in {Category.CHILD_3_6Y, Category.SAM_3_6Y}


def is_weighed(person: Person, day: date) -> bool:
    """Whether the person is a child of 0-6 years, who is weighed every month."""
    return category_on(person, day) not in ADULT_CATEGORIES | {Category.NONE}


def may_enrol_face(person: Person, day: date) -> bool:
    """Whether a face may be enrolled: adults only. Children are weighed and fed, not enrolled by face."""
    return months_on(person.born, day) >= 18 * 12
