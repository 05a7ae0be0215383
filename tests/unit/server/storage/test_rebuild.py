from datetime import date

import pytest
import sqlalchemy as sa

from anganwadi import events
from anganwadi.ids import DistrictId, Grams, PersonId
from server.storage import engine as databases
from server.storage import projector, tables
from server.storage.rebuild import rebuild

DISTRICT, DAY = DistrictId("namuna"), date(2026, 11, 21)


@pytest.fixture
def filled(database, happen):
    """Three children marked and weighed, a meal; all of it projected."""
    for n in range(3):
        child = PersonId(f"p-{n}")
        weight = events.Weighed(
            day=DAY, person_id=child, grams=Grams(9000 + n), source=events.WeightSource.SCALE
        )
        happen(events.AttendanceMarked(DAY, child, True), weight)
    happen(events.MealServed(DAY, events.Meal.HOT_COOKED_MEAL, 3))
    projector.step(database, DISTRICT)
    return database


def spoil(database) -> None:
    """One row wrong, one gone, one too many."""
    attendance = tables.attendance
    with databases.writing(database) as connection:
        connection.execute(sa.update(attendance).where(attendance.c.person_id == "p-0").values(present=False))
        connection.execute(sa.delete(attendance).where(attendance.c.person_id == "p-1"))
        connection.execute(
            sa.insert(attendance).values(
                district_id=DISTRICT, centre_id="c", day="2026-11-20", person_id="p-9", present=True
            )
        )


def counts(found) -> dict[str, tuple[int, int, int, int]]:
    return {each.table.name: (each.same, each.differing, each.missing, each.extra) for each in found}


def test_registers_as_the_projector_made_them_are_the_same_made_again(filled):
    found = counts(rebuild(filled, DISTRICT))
    assert found["attendance"] == (3, 0, 0, 0)
    assert found["weighings"] == (3, 0, 0, 0)
    assert found["meals"] == (1, 0, 0, 0)
    assert set(found) == {table.name for table in projector.PROJECTIONS}


def test_events_not_projected_yet_are_no_difference(filled, happen):
    happen(events.AttendanceMarked(DAY, PersonId("p-1"), False))
    assert counts(rebuild(filled, DISTRICT))["attendance"] == (3, 0, 0, 0)


def test_wrong_missing_and_extra_rows_are_counted_each_and_left_alone(filled):
    spoil(filled)
    for _ in range(2):
        assert counts(rebuild(filled, DISTRICT))["attendance"] == (1, 1, 1, 1)


def test_written_rebuild_mends_the_registers_and_loses_no_event_that_came_meanwhile(filled, happen):
    spoil(filled)
    came = []

    def meanwhile(doing, done, total):
        """The live projector goes on after the comparison has begun."""
        if doing == "tables" and not came:
            came.append(True)
            happen(events.AttendanceMarked(DAY, PersonId("p-2"), False))
            projector.step(filled, DISTRICT)

    rebuild(filled, DISTRICT, write=True, progress=meanwhile)
    with filled.connect() as connection:
        rows = connection.execute(sa.select(tables.attendance).order_by(tables.attendance.c.person_id)).all()
    assert {row.person_id: row.present for row in rows} == {"p-0": True, "p-1": True, "p-2": False}
    assert counts(rebuild(filled, DISTRICT))["attendance"] == (3, 0, 0, 0)


def test_scratch_database_is_encrypted_and_gone_afterwards(filled, tmp_path):
    heads = []

    def look(doing, done, total):
        heads.extend(path.read_bytes()[:16] for path in (tmp_path / "scratch").glob("*/made.db"))

    (tmp_path / "scratch").mkdir()
    rebuild(filled, DISTRICT, progress=look, scratch=tmp_path / "scratch")
    assert heads
    assert b"SQLite format 3\0" not in heads
    assert list((tmp_path / "scratch").iterdir()) == []
