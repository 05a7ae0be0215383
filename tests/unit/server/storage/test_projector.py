from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from anganwadi import events
from anganwadi.ids import CentreId, DistrictId, Grams, PersonId, WorkerId
from anganwadi.verification import AttestationReason, Rung
from anganwadi.wire.keys import PrivateKeys
from server.settings import Database
from server.storage import engine as databases
from server.storage import migrations, own_origin, projector, tables

DISTRICT, CENTRE, DAY = DistrictId("namuna"), CentreId("09123456701"), date(2026, 11, 21)
ONE = PersonId("p-1")


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
def happen(database):
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


def read(database, table: sa.Table) -> list[sa.Row]:
    with database.connect() as connection:
        return list(connection.execute(sa.select(table)))


def test_last_mark_of_a_child_stands_in_the_register(database, happen):
    happen(events.AttendanceMarked(DAY, ONE, True), events.AttendanceMarked(DAY, ONE, False))
    projector.step(database, DISTRICT)
    assert [row.present for row in read(database, tables.attendance)] == [False]


def test_centre_opened_again_after_closing_is_open_since_it_first_opened(database, happen):
    happen(events.CentreOpened(DAY), events.CentreClosed(DAY), events.CentreOpened(DAY))
    projector.step(database, DISTRICT)
    (row,) = read(database, tables.centre_days)
    assert row.closed_ms is None
    assert datetime.fromtimestamp(row.opened_ms / 1000, UTC).hour == 4


def test_closing_keeps_when_the_centre_was_opened(database, happen):
    happen(events.CentreOpened(DAY), events.CentreClosed(DAY))
    projector.step(database, DISTRICT)
    (row,) = read(database, tables.centre_days)
    assert (row.opened_ms is None, row.closed_ms - row.opened_ms) == (False, 3_600_000)


def test_ration_carries_its_rung_and_a_refusal_none(database, happen):
    happen(
        events.RationCollected(
            day=DAY,
            person_id=ONE,
            collected_by=ONE,
            rung=Rung.ATTESTATION,
            services=("THR",),
            days_covered=25,
            cycle="2026-11",
            reason=AttestationReason.TOO_DARK,
        ),
        events.RationRefused(DAY, PersonId("p-2"), "no stock"),
    )
    projector.step(database, DISTRICT)
    rungs = {row.person_id: (row.rung, row.reason) for row in read(database, tables.rations)}
    assert rungs == {"p-1": ("attestation", "too_dark"), "p-2": (None, "no stock")}


def test_nothing_is_projected_twice_and_all_can_be_made_again(database, happen):
    happen(events.Weighed(day=DAY, person_id=ONE, grams=Grams(9120), source=events.WeightSource.SCALE))
    assert projector.step(database, DISTRICT) == 1
    assert projector.step(database, DISTRICT) == 0
    before = read(database, tables.weighings)
    with databases.writing(database) as connection:
        for table in (*projector.PROJECTIONS, tables.cursors):
            connection.execute(sa.delete(table))
    assert projector.step(database, DISTRICT) == 1
    assert read(database, tables.weighings) == before


def test_written_migrations_make_exactly_the_schema_of_the_tables(database):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
