"""A district with one kiosk, in a database in RAM."""

import pytest
import sqlalchemy as sa

from server.storage import tables
from server.storage.engine import begin_explicitly
from tests.unit.server.downlink.kiosk_district import Clock, District


@pytest.fixture
def engine() -> sa.Engine:
    made = sa.create_engine(
        "sqlite://",
        poolclass=sa.pool.StaticPool,
        connect_args={"check_same_thread": False, "isolation_level": None},
    )
    begin_explicitly(made)
    tables.metadata.create_all(made)
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def district(engine: sa.Engine, clock: Clock) -> District:
    return District(engine, clock)
