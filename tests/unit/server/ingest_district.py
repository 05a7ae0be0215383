"""What ingest's tests stand on: a district of one kiosk, a pen that writes its frames, an ingest driven by hand."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from anganwadi import events
from anganwadi.ids import CentreId, DistrictId, Origin, PersonId, WorkerId
from anganwadi.people import Person, Sex
from anganwadi.wire import chain, frame, letters, receipt, topics
from anganwadi.wire.gap import GAP, GapReason, GapRecord
from anganwadi.wire.keys import PrivateKeys
from server.ingest.worker import Inbound, IngestWorker
from server.storage import log, origins, own_origin, tables, vault
from server.storage.engine import writing

DISTRICT = DistrictId("namuna")
KIOSK = Origin("kiosk-a")
CENTRE, OTHER_CENTRE = CentreId("09123456701"), CentreId("09123456702")
WORKER = WorkerId("w-1")
PEOPLE = tuple(PersonId(f"p-{n}") for n in range(10))
DAY = date(2026, 11, 21)


def fill(engine: sa.Engine, server: PrivateKeys, device: PrivateKeys) -> None:
    """Enrol the kiosk and the server itself, register the centre's worker and ten people."""
    with writing(engine) as connection:
        own_origin.enrol_self(connection, DISTRICT, server.public)
        origins.register(connection, DISTRICT, KIOSK, 1, CENTRE, device.public)
        add_worker(connection, WORKER)
        for person in PEOPLE:
            vault.keep(connection, DISTRICT, registration(person), 0)


def add_worker(
    connection: sa.Connection, worker: WorkerId, centre: CentreId = CENTRE, post: str = "AWW"
) -> None:
    connection.execute(
        sa.insert(tables.centre_workers).values(
            district_id=DISTRICT,
            worker_id=worker,
            centre_id=centre,
            post=post,
            name="Savitri",
            language="hi",
            pin_hash="",
        )
    )


def registration(person: str, centre: CentreId = CENTRE, **more) -> events.PersonRecord:
    fields = {
        "household": "H1",
        "name": "सुनीता",
        "name_latin": "Sunita",
        "sex": Sex.FEMALE,
        "born": date(1999, 1, 1),
        "registered": DAY,
    } | more
    known = Person(person_id=PersonId(person), centre_id=centre, **fields)
    return events.PersonRecord(person_id=PersonId(person), person=known)


class Pen:
    """Writes a kiosk's frames: keeps its chain as the kiosk does."""

    topic = topics.up(DISTRICT, KIOSK, "frame")
    gap_topic = topics.up(DISTRICT, KIOSK, GAP)

    def __init__(self, server: PrivateKeys, device: PrivateKeys) -> None:
        self._server = server
        self._device = device
        self.head = chain.genesis(DISTRICT, KIOSK, 1)
        self.sequence = 0

    def raw(self, body: events.Body, *, ago: timedelta = timedelta(), **envelope) -> bytes:
        fields = {"centre_id": CENTRE, "worker_id": WORKER, "simulated": False}
        return events.encode(events.new_event(body, **{"at": datetime.now(UTC) - ago, **fields, **envelope}))

    def attendance(self, count: int) -> list[bytes]:
        return [self.raw(events.AttendanceMarked(DAY, PEOPLE[n % 10], True)) for n in range(count)]

    def frame(self, raws: Sequence[bytes], **changes) -> bytes:
        """The next frame of the chain."""
        made = self.at(self.sequence + 1, self.head, raws, **changes)
        self.sequence += len(raws)
        self.head = chain.extend(self.head, [chain.event_hash(raw) for raw in raws])
        return made

    def frames(self, *counts: int) -> list[bytes]:
        return [self.frame(self.attendance(count)) for count in counts]

    def at(
        self, first: int, before: bytes, raws: Sequence[bytes], *, to: PrivateKeys | None = None, **changes
    ):
        server = (to or self._server).public
        fields = {
            "key_id": server.seal_id,
            "district": DISTRICT,
            "origin": KIOSK,
            "epoch": 1,
            "first_sequence": first,
            "count": len(raws),
            "chain_before": before,
            "clock": frame.Clock(0, 0, bytes(16), "rtc"),
        }
        return frame.make(frame.Header(**{**fields, **changes}), raws, server, self._device)

    def gap(self, first: int, last: int, after: bytes | None = None, **changes) -> bytes:
        fields = {"epoch": 1, "chain_after": after or self.head, "reason": GapReason.DAMAGED, "at_ms": 1}
        record = GapRecord(first=first, last=last, **{**fields, **changes})
        return letters.write(GAP, record, KIOSK, self._device, self._server.public.seal)


class Ingest:
    """An ingest worker driven by hand, and what it said and stored."""

    def __init__(self, engine: sa.Engine, keys: PrivateKeys, *, demo: bool = False) -> None:
        self.engine, self.keys = engine, keys
        self.acknowledged = 0
        self.published: list[tuple[str, bytes]] = []
        self.worker = IngestWorker(
            engine, DISTRICT, keys, lambda *said: self.published.append(said), lambda: None, demo=demo
        )

    def inbound(self, payload: bytes, topic: str = Pen.topic) -> Inbound:
        def acknowledge() -> None:
            self.acknowledged += 1

        return Inbound(topic, payload, acknowledge)

    def take(self, *payloads: bytes, topic: str = Pen.topic, epoch: int = 1) -> receipt.Receipt | None:
        """Store these as one group; the receipt it brought, if any."""
        self.published.clear()
        self.worker.store([self.inbound(payload, topic) for payload in payloads])
        return self.last_receipt(epoch) if self.published else None

    def last_receipt(self, epoch: int = 1) -> receipt.Receipt:
        return receipt.verify(self.published[-1][1], self.keys.public, DISTRICT, KIOSK, epoch)

    def take_gap(self, letter: bytes) -> receipt.Receipt | None:
        return self.take(letter, topic=Pen.gap_topic)

    def through(self, *payloads: bytes, topic: str = Pen.topic) -> int:
        """As `take`; how far the kiosk is stored after it."""
        receipted = self.take(*payloads, topic=topic)
        assert receipted is not None
        return receipted.stored_through

    def counts(self) -> dict[str, int]:
        """What is stored, by type."""
        with self.engine.connect() as connection:
            return log.counts(connection, DISTRICT)

    def sequences(self) -> list[tuple[int, str]]:
        """What is stored of the kiosk, in order of arrival."""
        with self.engine.connect() as connection:
            return log.sequences(connection, DISTRICT).get(KIOSK, [])

    def rows(self, table: sa.Table) -> list[sa.Row]:
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(table)))

    def reasons(self) -> list[str]:
        return [row.reason for row in self.rows(tables.quarantine)]
