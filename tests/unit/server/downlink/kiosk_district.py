"""A district with one centre, one kiosk and a few people, and the desk's time in the test's hand."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import sqlalchemy as sa

from anganwadi.events import FaceTemplateRecord, PersonRecord
from anganwadi.ids import CentreId, DistrictId, Origin, PersonId
from anganwadi.people import Person, Sex
from anganwadi.wire import downlink, letters
from anganwadi.wire.downlink import PART, Kind, Name, Part
from anganwadi.wire.keys import PrivateKeys
from server.downlink.documents import Library
from server.storage import origins, tables, vault
from server.storage.engine import writing

DISTRICT, CENTRE, KIOSK = DistrictId("namuna"), CentreId("09123456701"), Origin("kiosk-a")
DAY = date(2026, 11, 21)
SERVER, DEVICE = PrivateKeys.generate(), PrivateKeys.generate()


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 6, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **much: float) -> None:
        self.now += timedelta(**much)


class District:
    """The database, and what happens in it."""

    def __init__(self, engine: sa.Engine, clock: Clock) -> None:
        self.engine, self.clock = engine, clock
        self.library = Library(engine, clock)
        self._changes = 0
        with writing(engine) as connection:
            for centre in (CENTRE, CentreId("09123456702")):
                connection.execute(
                    sa.insert(tables.centres).values(
                        district_id=DISTRICT, centre_id=centre, sector_id="s", name_en="R", name_hi="र",
                        name_ur="ر", roster_version=1,
                    )
                )  # fmt: skip
            origins.register(connection, DISTRICT, KIOSK, 1, CENTRE, DEVICE.public)

    @property
    def device(self) -> origins.OriginState:
        with self.engine.connect() as connection:
            found = origins.current(connection, DISTRICT, KIOSK)
        assert found is not None
        return found

    def version(self, kind: Kind = Kind.ROSTER, **have: int) -> int:
        return self.library.versions(self.device, have).get(kind, 0)

    def keep(self, person: str, **changes: object) -> None:
        """A registration or correction by the office."""
        record = Person(
            person_id=PersonId(person), centre_id=CENTRE, household="h", name="सुनीता", name_latin="Sunita",
            sex=Sex.FEMALE, born=DAY - timedelta(9000), registered=DAY,
        )  # fmt: skip
        record = msgspec.structs.replace(record, **changes)
        with writing(self.engine) as connection:
            vault.keep(
                connection, DISTRICT, PersonRecord(person_id=PersonId(person), person=record), self._ms()
            )

    def erase(self, person: str) -> None:
        with writing(self.engine) as connection:
            connection.execute(sa.delete(tables.persons).where(tables.persons.c.person_id == person))

    def face(self, person: str, vectors: bytes = b"face" * 100) -> None:
        template = FaceTemplateRecord("played", vectors)
        with writing(self.engine) as connection:
            vault.keep(connection, DISTRICT, PersonRecord(person_id=PersonId(person), template=template), 0)

    def _ms(self) -> int:
        """The time, in milliseconds; never the same twice."""
        self._changes += 1
        return round(self.clock.now.timestamp() * 1000) + self._changes

    def records(self, kind: str, origin: str = KIOSK) -> int:
        """An event of a kiosk is stored; returns its sequence."""
        with writing(self.engine) as connection:
            here = tables.origins.c.origin == origin
            connection.execute(
                sa.update(tables.origins)
                .where(here)
                .values(stored_through=tables.origins.c.stored_through + 1)
            )
            stored = connection.execute(sa.select(tables.origins.c.stored_through).where(here)).scalar_one()
            connection.execute(
                sa.insert(tables.events).values(
                    district_id=DISTRICT, origin=origin, epoch=1, sequence=stored, position=stored * 7,
                    event_hash=b"", type=kind, raw=None, received_ms=0,
                )
            )  # fmt: skip
        return stored

    def weighs(self, person: str, grams: int, origin: str = KIOSK, sequence: int | None = None) -> None:
        """A weight, stored and in the registers."""
        with writing(self.engine) as connection:
            connection.execute(
                sa.insert(tables.weighings).values(
                    district_id=DISTRICT, origin=origin, epoch=1, sequence=sequence or 1, centre_id=CENTRE,
                    day=DAY.isoformat(), at_ms=grams, person_id=person, grams=grams, source="scale",
                )
            )  # fmt: skip

    def read(self, kind: Kind, form: type):
        """The newest document as the kiosk reads it."""
        device = self.device
        version = self.version(kind)
        parts = self.library.parts(device, kind)
        packed = downlink.join([part.content for part in parts], parts[0].digest)
        return downlink.unseal(packed, form, Name(DISTRICT, KIOSK, kind, version), device.data_key)


class Post:
    """What was published, opened as the kiosk opens it."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.topics: list[str] = []

    def __call__(self, topic: str, payload: bytes) -> None:
        self.topics.append(topic)
        if topic.endswith("/" + PART):
            self.parts.append(letters.read(payload, PART, Part, Origin("server"), SERVER.public, DEVICE))

    def sent(self) -> list[tuple[Kind, int]]:
        """Kind and number of the parts sent since this was last asked."""
        sent, self.parts = [(part.kind, part.index) for part in self.parts], []
        return sent
