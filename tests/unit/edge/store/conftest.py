from datetime import UTC, date, datetime

import pytest

from anganwadi import events
from anganwadi.ids import CentreId, DistrictId, Origin, PersonId, WorkerId
from anganwadi.wire.keys import PrivateKeys
from edge.store.centre import CentreStore
from edge.store.outbox import Outbox
from edge.store.recorder import Identity, Recorder

DAY = date(2026, 11, 21)
DATA_KEY = b"k" * 32


@pytest.fixture(scope="session")
def server_keys():
    return PrivateKeys.generate()


@pytest.fixture
def identity(server_keys):
    return Identity(DistrictId("namuna"), Origin("kiosk-a"), 1, PrivateKeys.generate(), server_keys.public)


@pytest.fixture
def outbox(tmp_path, identity):
    opened = Outbox(tmp_path / "outbox.db", identity.genesis)
    yield opened
    opened.close()


@pytest.fixture
def centre(tmp_path):
    opened = CentreStore(tmp_path / "centre.db", DATA_KEY)
    yield opened
    opened.close()


@pytest.fixture
def recorder(outbox, identity):
    return Recorder(outbox, identity, batch_events=3, batch_seconds=60)


@pytest.fixture
def present():
    def make(person: str) -> events.Event:
        return events.new_event(
            events.AttendanceMarked(DAY, PersonId(person), True),
            centre_id=CentreId("09123456701"),
            worker_id=WorkerId("w-1"),
            at=datetime(2026, 11, 21, 5, 0, tzinfo=UTC),
            simulated=False,
        )

    return make
