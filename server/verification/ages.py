"""The age band of whose face is looked at, from the vault as it is now: the registers know no birth dates."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from anganwadi.people import Person, may_enrol_face, months_on


class AgeBand(StrEnum):
    """Completed years."""

    UNDER_18 = "under_18"
    FROM_18 = "18_24"
    FROM_25 = "25_34"
    FROM_35 = "35_44"
    FROM_45 = "45_59"
    FROM_60 = "60_and_over"
    UNKNOWN = "unknown"
    """Erased from the vault, or a child whose guardian is not known."""


_FROM = ((60, AgeBand.FROM_60), (45, AgeBand.FROM_45), (35, AgeBand.FROM_35), (25, AgeBand.FROM_25),
         (18, AgeBand.FROM_18))  # fmt: skip


def band_of(person_id: str, people: Mapping[str, Person], day: date) -> AgeBand:
    """The band, on `day`, of who stands before the camera for this person's ration: herself, or the guardian of a
    child or a girl under 18."""
    person = people.get(person_id)
    if person is not None and not may_enrol_face(person, day):
        person = people.get(person.guardian or "")
    if person is None:
        return AgeBand.UNKNOWN
    years = months_on(person.born, day) // 12
    return next((band for least, band in _FROM if years >= least), AgeBand.UNDER_18)
