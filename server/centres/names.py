"""People as pages write them, from the vault; somebody erased there, or not yet come, under the end of her id."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from anganwadi.people import Person, months_on
from server.centres import queries
from server.centres.enrolment import person_of
from server.storage.tables import centres


@dataclass(frozen=True)
class Named:
    """A person as a page writes her: `name` in her family's script, `latin` in Latin letters, `months` of age."""

    person_id: str
    name: str
    latin: str
    months: int | None


class Names:
    """What `people`, by id, are called, and how old they are on `day`."""

    def __init__(self, people: Mapping[str, Person], day: date) -> None:
        self._people = people
        self._day = day

    def of(self, person_id: str) -> Named:
        person = self._people.get(person_id)
        if person is None:
            return Named(
                person_id=person_id, name=f"…{person_id[-6:]}", latin=f"…{person_id[-6:]}", months=None
            )
        months = months_on(person.born, self._day)
        return Named(person_id=person_id, name=person.name, latin=person.name_latin, months=months)


def people_of(connection: Connection, district: str, centre_id: str) -> dict[str, Person]:
    """Everybody registered at a centre, by id."""
    here = (centres.c.district_id == district) & (centres.c.centre_id == centre_id)
    return {row.person_id: person_of(row.record) for row in queries.records(connection, here)}
