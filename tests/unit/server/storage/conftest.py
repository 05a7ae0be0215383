"""A migrated SQLCipher database of a district with the server enrolled, and a hand that lets things happen in it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from anganwadi import events
from anganwadi.ids import CentreId, DistrictId, WorkerId
from anganwadi.wire.keys import PrivateKeys
from server.settings import Database
from server.storage import engine as databases
from server.storage import migrations, own_origin

DISTRICT, CENTRE = DistrictId("namuna"), CentreId("09123456701")


@pytest.fixture
def database(tmp_path):
    (tmp_path / "db.key").write_text("ab" * 32)
    engine = databases.connect(Database(path=tmp_path / "server.db", key_file=tmp_path / "db.key"))
    migrations.migrate(engine)
    with databases.writing(engine) as connection:
        own_origin.enrol_self(connection, DISTRICT, PrivateKeys.generate().public)
    yield engine
    engine.dispose()


@pytest.fixture
def happen(database) -> Callable[..., None]:
    """Record these bodies as the server's own events, an hour after each other from 4 o'clock."""

    def record(*bodies: events.Body) -> None:
        happened = [
            events.new_event(
                body,
                centre_id=CENTRE,
                worker_id=WorkerId("w-1"),
                at=datetime(2026, 11, 21, 4 + hour, tzinfo=UTC),
                simulated=False,
            )
            for hour, body in enumerate(bodies)
        ]
        with databases.writing(database) as connection:
            own_origin.record(connection, DISTRICT, happened)

    return record
