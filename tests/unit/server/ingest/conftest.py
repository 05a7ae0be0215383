"""A real SQLCipher database, migrated, with one enrolled kiosk, and a pen that writes its frames."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

import pytest

from anganwadi import events
from anganwadi.ids import CentreId, DistrictId, Origin, PersonId, WorkerId
from anganwadi.wire import chain, frame, topics
from anganwadi.wire.keys import PrivateKeys
from server.settings import Database
from server.storage import engine as databases
from server.storage import migrations, origins

DISTRICT = DistrictId("namuna")
KIOSK = Origin("kiosk-a")
CENTRE = CentreId("09123456701")
DAY = date(2026, 11, 21)


@pytest.fixture
def database(tmp_path):
    (tmp_path / "db.key").write_text("ab" * 32)
    engine = databases.connect(Database(path=tmp_path / "server.db", key_file=tmp_path / "db.key"))
    migrations.migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def server_keys():
    return PrivateKeys.generate()


@pytest.fixture(scope="session")
def device_keys():
    return PrivateKeys.generate()


@pytest.fixture
def enrolled(database, device_keys):
    with databases.writing(database) as connection:
        origins.register(connection, DISTRICT, KIOSK, 1, CENTRE, device_keys.public)


class Pen:
    """Writes a kiosk's frames: keeps its chain as the kiosk does."""

    topic = topics.up(DISTRICT, KIOSK, "frame")

    def __init__(self, server: PrivateKeys, device: PrivateKeys) -> None:
        self._server = server
        self._device = device
        self.head = chain.genesis(DISTRICT, KIOSK, 1)
        self.sequence = 0

    def raw(self, body: events.Body, centre: CentreId = CENTRE, simulated: bool = False) -> bytes:
        return events.encode(
            events.new_event(
                body,
                centre_id=centre,
                worker_id=WorkerId("w-1"),
                at=datetime(2026, 11, 21, 5, tzinfo=UTC),
                simulated=simulated,
            )
        )

    def attendance(self, count: int) -> list[bytes]:
        return [self.raw(events.AttendanceMarked(DAY, PersonId(f"p-{n}"), True)) for n in range(count)]

    def frame(self, raws: Sequence[bytes], **changes) -> bytes:
        made = self.at(self.sequence + 1, self.head, raws, **changes)
        self.sequence += len(raws)
        self.head = chain.extend(self.head, [chain.event_hash(raw) for raw in raws])
        return made

    def at(self, first: int, before: bytes, raws: Sequence[bytes], **changes) -> bytes:
        fields = {
            "key_id": self._server.public.seal_id,
            "district": DISTRICT,
            "origin": KIOSK,
            "epoch": 1,
            "first_sequence": first,
            "count": len(raws),
            "chain_before": before,
            "clock": frame.Clock(0, 0, bytes(16), "rtc"),
        }
        return frame.make(frame.Header(**{**fields, **changes}), raws, self._server.public, self._device)


@pytest.fixture
def pen(server_keys, device_keys) -> Pen:
    return Pen(server_keys, device_keys)


@pytest.fixture
def take(database, enrolled, server_keys) -> Callable:
    """Accept one frame in a transaction of its own, as the worker does."""
    from server.ingest.acceptance import Acceptance

    acceptance = Acceptance(DISTRICT, server_keys, demo=False)

    def accept(payload: bytes, topic: str = Pen.topic):
        with databases.writing(database) as connection:
            return acceptance.accept(connection, topic, payload, 1_000)

    return accept
