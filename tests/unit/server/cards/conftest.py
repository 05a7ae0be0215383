"""A district with a centre of families, some of whom come for rations."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from anganwadi.events import PersonRecord
from anganwadi.ids import CentreId, DistrictId, PersonId
from anganwadi.people import Person, Sex
from anganwadi.wire.keys import PrivateKeys
from server.settings import Database
from server.storage import engine as databases
from server.storage import own_origin, tables, vault
from tests.unit.server.web_district import web

__all__ = ["web"]

DISTRICT, CENTRE = DistrictId("namuna"), CentreId("09123456701")
TODAY = date.today()


def person(person_id: str, years: int = 27, **more: Any) -> Person:
    """A woman of so many years; owed nothing unless `more` says why."""
    fields = {"household": "h-1", "name": "सुनीता देवी", "name_latin": person_id, "sex": Sex.FEMALE} | more
    return Person(
        person_id=PersonId(person_id),
        centre_id=CENTRE,
        born=TODAY - timedelta(days=366 * years),
        registered=TODAY - timedelta(days=366),
        **fields,
    )


def families() -> list[Person]:
    """Two pregnant women, one with a baby; a grandmother with two; a girl and her guardian; a woman owed nothing."""
    pregnant = TODAY - timedelta(days=90)
    return [
        person("asha", pregnant_since=pregnant),
        person("asha-baby", 1, guardian=PersonId("asha")),
        person("bano", pregnant_since=pregnant, household="h-2", name="شبانہ خاتون", language="ur"),
        person("dadi", 61, household="h-3"),
        person("dadi-twin-1", 1, guardian=PersonId("dadi"), household="h-3"),
        person("dadi-twin-2", 1, guardian=PersonId("dadi"), household="h-3"),
        person("girl", 15, guardian=PersonId("elder"), in_adolescent_scheme=True, household="h-4"),
        person("elder", 50, household="h-4"),
        person("foundling", 1, household="h-5"),
        person("nobody", 30, household="h-6"),
    ]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    (tmp_path / "db.key").write_text("ab" * 32)
    made = databases.connect(Database(path=tmp_path / "server.db", key_file=tmp_path / "db.key"))
    tables.metadata.create_all(made)
    with databases.writing(made) as connection:
        own_origin.enrol_self(connection, DISTRICT, PrivateKeys.generate().public)
        connection.execute(
            sa.insert(tables.centres).values(
                district_id=DISTRICT, centre_id=CENTRE, sector_id="s", name_en="Rampur 1", name_hi="रामपुर 1",
                name_ur="رام پور 1",
            )
        )  # fmt: skip
        for each in families():
            vault.keep(connection, DISTRICT, PersonRecord(person_id=each.person_id, person=each), 1)
    yield made
    made.dispose()
