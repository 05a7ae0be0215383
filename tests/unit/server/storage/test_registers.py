"""What the events of verification, grievances and the doorstep list mean in the registers."""

from datetime import UTC, date, datetime

import sqlalchemy as sa

from anganwadi import events
from anganwadi.events import FaceLook, GrievanceHandled, GrievanceOutcome
from anganwadi.ids import SERVER_ORIGIN, CentreId, DistrictId, Origin, PersonId, WorkerId
from anganwadi.verification import Light, Rung
from server.settings import Database
from server.storage import engine as databases
from server.storage import log as event_log
from server.storage import migrations, projector, registers, tables
from server.storage.rebuild import rebuild

DISTRICT, CENTRE, DAY = DistrictId("namuna"), CentreId("09123456701"), date(2026, 11, 21)
ONE = PersonId("p-1")
LOOK = FaceLook(
    model="quick",
    calibration="2026-11",
    light=Light.DIM,
    live=True,
    flags=("moire",),
    challenge_ms=6_000,
    machine_ms=700,
)


def ration(rung: Rung, **more) -> events.RationCollected:
    return events.RationCollected(
        day=DAY, person_id=ONE, collected_by=ONE, rung=rung, services=("THR",), days_covered=25, cycle="2026-11", **more
    )  # fmt: skip


def read(database, table: sa.Table) -> list[sa.Row]:
    with database.connect() as connection:
        return list(connection.execute(sa.select(table).order_by(*table.primary_key)))


def missed(**more) -> events.FaceNotMatched:
    return events.FaceNotMatched(day=DAY, person_id=ONE, rung=Rung.FACE, threshold=0.4, **more)


def test_every_look_is_kept_accepted_or_not_and_no_card(database, happen):
    happen(
        missed(score=0.2, look=LOOK),
        ration(Rung.FACE_RETRY, score=0.7, threshold=0.4, look=LOOK, tries=1, serve_ms=14_000),
        ration(Rung.CARD),
    )
    projector.step(database, DISTRICT)
    looks = [(row.rung, row.accepted, row.score, row.threshold) for row in read(database, tables.face_tries)]
    assert looks == [("face", False, 0.2, 0.4), ("face_retry", True, 0.7, 0.4)]
    assert [(row.tries, row.serve_ms) for row in read(database, tables.rations)] == [(1, 14_000), (0, None)]


def test_what_a_look_measured_is_in_the_register(database, happen):
    happen(missed(look=LOOK))
    projector.step(database, DISTRICT)
    (row,) = read(database, tables.face_tries)
    assert (row.model, row.calibration, row.light, row.live) == ("quick", "2026-11", "dim", True)
    assert (row.flags, row.challenge_ms, row.machine_ms) == ('["moire"]', 6_000, 700)


def test_what_was_not_measured_stays_missing(database, happen):
    happen(missed(hint="too_dark"), missed(look=FaceLook(model="quick", calibration="c")))
    projector.step(database, DISTRICT)
    for row in read(database, tables.face_tries):
        assert (row.light, row.live, row.challenge_ms, row.machine_ms) == (None, None, None, None)


def test_refusal_opens_a_grievance_and_its_handling_stands_beside_it(database, happen):
    happen(events.RationRefused(DAY, ONE, "stranger"))
    happen(
        GrievanceHandled(
            origin=SERVER_ORIGIN,
            epoch=1,
            sequence=1,
            person_id=ONE,
            outcome=GrievanceOutcome.OTHER,
            note="the van was late",
        )
    )
    projector.step(database, DISTRICT)
    (opened,), (handled,) = read(database, tables.grievances), read(database, tables.grievances_handled)
    assert (opened.person_id, opened.reason, opened.centre_id) == ("p-1", "stranger", CENTRE)
    assert (opened.origin, opened.epoch, opened.sequence) == (handled.origin, handled.epoch, handled.sequence)
    assert (handled.officer_id, handled.outcome, handled.note) == ("w-1", "other", "the van was late")


def test_doorstep_list_keeps_who_was_put_on_it_and_taken_off(database, happen):
    happen(
        events.DoorstepListed(DAY, ONE, "bedridden"), events.DoorstepListed(DAY, ONE, "other", listed=False)
    )
    projector.step(database, DISTRICT)
    assert [row.listed for row in read(database, tables.doorstep)] == [True, False]


def test_last_head_count_of_a_day_holds(database, happen):
    happen(events.HeadCounted(DAY, 11, 12), events.HeadCounted(DAY, 12, 12))
    projector.step(database, DISTRICT)
    assert [(row.counted, row.marked) for row in read(database, tables.head_counts)] == [(12, 12)]


def test_draw_is_of_the_kiosks_own_event_also_where_it_came_out_of_quarantine(database, happen):
    inner = events.encode(
        events.new_event(
            ration(Rung.CARD),
            centre_id=CENTRE,
            worker_id=WorkerId("w-1"),
            at=datetime(2026, 11, 20, 5, tzinfo=UTC),
            simulated=False,
        )
    )
    happen(events.QuarantineReleased(origin=Origin("kiosk-a"), epoch=1, sequence=77, raw=inner))
    projector.step(database, DISTRICT)
    (row,) = read(database, tables.rations)
    assert row.draw == registers.draw(inner)


def test_all_of_it_can_be_made_again_from_the_log(database, happen):
    happen(
        missed(look=LOOK),
        ration(Rung.FACE, look=LOOK),
        events.RationRefused(DAY, ONE, "no_stock"),
        events.DoorstepListed(DAY, ONE, "far"),
        events.HeadCounted(DAY, 3, 4),
        GrievanceHandled(
            origin=SERVER_ORIGIN, epoch=1, sequence=3, person_id=ONE, outcome=GrievanceOutcome.SERVED_LATER
        ),
    )
    projector.step(database, DISTRICT)
    new = ("face_tries", "grievances", "grievances_handled", "doorstep", "head_counts")
    with databases.writing(database) as connection:
        for name in new:
            connection.execute(sa.delete(tables.metadata.tables[name]))
    assert {each.table.name: each.missing for each in rebuild(database, DISTRICT, write=True) if each.any} == {
        "face_tries": 2, "grievances": 1, "grievances_handled": 1, "doorstep": 1, "head_counts": 1
    }  # fmt: skip
    assert not any(each.any for each in rebuild(database, DISTRICT))


def test_closing_of_a_grievance_is_the_servers_alone_to_say():
    assert GrievanceHandled in events.SERVER_ONLY


def test_registers_of_an_older_database_are_filled_from_its_log_after_the_migration(tmp_path):
    (tmp_path / "db.key").write_text("ab" * 32)
    settings = Database(path=tmp_path / "server.db", key_file=tmp_path / "db.key")
    engine = databases.connect(settings)
    migrations.migrate(engine, "0004")
    raw = events.encode(
        events.new_event(
            events.RationRefused(DAY, ONE, "stranger"),
            centre_id=CENTRE,
            worker_id=WorkerId("w-1"),
            at=datetime(2026, 11, 20, 5, tzinfo=UTC),
            simulated=False,
        )
    )
    with databases.writing(engine) as connection:
        row = event_log.LogRow(1, event_log.NO_HASH, "ration_refused", raw)
        event_log.append(connection, DISTRICT, Origin("kiosk-a"), 1, [row], 1)
        projector.set_cursor(connection, DISTRICT, 1)
    migrations.migrate(engine)
    projector.step(engine, DISTRICT)
    assert [each.person_id for each in read(engine, tables.grievances)] == ["p-1"]
    engine.dispose()
