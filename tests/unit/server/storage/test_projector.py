import time
from datetime import UTC, date, datetime

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from sqlalchemy import event

from anganwadi import events
from anganwadi.ids import CentreId, DistrictId, Grams, Origin, PersonId, WorkerId
from anganwadi.verification import AttestationReason, Rung
from server.storage import engine as databases
from server.storage import log as event_log
from server.storage import projection, projector, tables
from server.storage.log import LogEntry

DISTRICT, CENTRE, DAY = DistrictId("namuna"), CentreId("09123456701"), date(2026, 11, 21)
ONE = PersonId("p-1")


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


def test_event_out_of_quarantine_is_projected_at_the_servers_own_place(database, happen):
    inner = events.new_event(
        events.RationRefused(DAY, ONE, "no stock"),
        centre_id=CENTRE,
        worker_id=WorkerId("w-1"),
        at=datetime(2026, 11, 20, 5, tzinfo=UTC),
        simulated=False,
    )
    kiosk = Origin("kiosk-a")
    happen(events.QuarantineReleased(origin=kiosk, epoch=1, sequence=77, raw=events.encode(inner)))
    projector.step(database, DISTRICT)
    (row,) = read(database, tables.rations)
    assert (row.origin, row.sequence, row.person_id, row.reason) == ("server", 1, "p-1", "no stock")
    assert row.at_ms == inner.at.timestamp() * 1000


def test_message_seen_twice_was_seen_when_it_first_was(database, happen):
    happen(events.MessageSeen("m-1"), events.MessageSeen("m-2"), events.MessageSeen("m-1"))
    projector.step(database, DISTRICT)
    hours = {
        row.message_id: datetime.fromtimestamp(row.seen_ms / 1000, UTC).hour
        for row in read(database, tables.messages_seen)
    }
    assert hours == {"m-1": 4, "m-2": 5}


def test_place_of_an_event_that_was_lost_is_passed_over(database, happen):
    with databases.writing(database) as connection:
        lost = event_log.LogRow(1, event_log.NO_HASH, event_log.LOST, None)
        event_log.append(connection, DISTRICT, Origin("kiosk-a"), 1, [lost], 1)
    happen(events.AttendanceMarked(DAY, ONE, True))
    assert projector.step(database, DISTRICT) == 2
    assert len(read(database, tables.attendance)) == 1


def test_lag_is_the_events_not_projected_and_the_age_of_the_oldest(database, happen):
    happen(events.AttendanceMarked(DAY, ONE, True), events.AttendanceMarked(DAY, ONE, False))
    now_ms = time.time_ns() // 1_000_000
    with database.connect() as connection:
        behind = projector.lag(connection, DISTRICT, now_ms + 5_000)
    assert behind.events == 2
    assert 5.0 <= behind.seconds < 15.0
    projector.step(database, DISTRICT)
    with database.connect() as connection:
        assert projector.lag(connection, DISTRICT, now_ms + 5_000) == projector.Lag(0, 0.0)
    seen = [REGISTRY.get_sample_value(f"aangan_projector_lag_{unit}") for unit in ("events", "seconds")]
    assert seen == [0, 0]


def test_projector_that_was_overtaken_writes_nothing(database, happen, monkeypatch):
    happen(events.AttendanceMarked(DAY, ONE, True))
    gather = projection.gather

    def overtaken(district, entries):
        monkeypatch.setattr(projection, "gather", gather)
        assert projector.step(database, DISTRICT) == 1
        with databases.writing(database) as connection:
            connection.execute(sa.delete(tables.attendance))
        return gather(district, entries)

    monkeypatch.setattr(projection, "gather", overtaken)
    projector.step(database, DISTRICT)
    assert read(database, tables.attendance) == []


def test_following_the_log_never_sorts_or_scans_it(database):
    asked: list[tuple[str, tuple]] = []
    note = event.listens_for(database, "before_cursor_execute")
    note(lambda connection, cursor, statement, values, *_: asked.append((statement, values)))
    with database.connect() as connection:
        event_log.after(connection, DISTRICT, 5, 10)
        event_log.last_position(connection, DISTRICT)
        event_log.oldest_after(connection, DISTRICT, 5)
        selects = [each for each in asked if each[0].startswith("SELECT")]
        for statement, values in selects:
            plan = connection.exec_driver_sql(f"explain query plan {statement}", values).all()
            assert len(plan) == 1, plan
            assert "INDEX sqlite_autoindex_events_2" in plan[0][3], plan
    assert len(selects) == 3


bodies = st.one_of(
    st.builds(events.CentreOpened, st.just(DAY)),
    st.builds(events.CentreClosed, st.just(DAY)),
    st.builds(events.AttendanceMarked, st.just(DAY), st.sampled_from(["p-1", "p-2"]), st.booleans()),
    st.builds(events.MessageSeen, st.sampled_from(["m-1", "m-2"])),
    st.builds(events.RationRefused, st.just(DAY), st.just("p-1"), st.just("no stock")),
    st.builds(events.HeadCounted, st.just(DAY), st.integers(0, 9), st.integers(0, 9)),
    st.builds(events.DoorstepListed, st.just(DAY), st.just("p-1"), st.just("far"), st.booleans()),
    st.builds(
        events.GrievanceHandled,
        origin=st.just("kiosk-a"),
        epoch=st.just(1),
        sequence=st.integers(1, 2),
        person_id=st.just("p-1"),
        outcome=st.sampled_from(events.GrievanceOutcome),
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(happened=st.lists(bodies, max_size=12), cut=st.integers(0, 12))
def test_registers_are_the_same_whether_events_come_one_by_one_or_together(database, happened, cut):
    entries = [
        LogEntry(n, Origin("kiosk-a"), 1, n, "", events.encode(_event(body, n)))
        for n, body in enumerate(happened, 1)
    ]
    seen = []
    for parts in ([[entry] for entry in entries], [entries], [entries[:cut], entries[cut:]]):
        with database.connect().execution_options(writes=True) as connection, connection.begin() as outer:
            for part in parts:
                projection.write(connection, projection.gather(DISTRICT, part))
            seen.append([sorted(connection.execute(sa.select(t)).all()) for t in projector.PROJECTIONS])
            outer.rollback()
    assert seen[0] == seen[1] == seen[2]


def _event(body: events.Body, hour: int) -> events.Event:
    at = datetime(2026, 11, 21, hour, tzinfo=UTC)
    return events.new_event(body, centre_id=CENTRE, worker_id=WorkerId("w-1"), at=at, simulated=False)


def test_written_migrations_make_exactly_the_schema_of_the_tables(database):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
