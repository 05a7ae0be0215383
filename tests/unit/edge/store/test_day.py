from datetime import UTC, date, datetime

from anganwadi import events
from anganwadi.ids import CentreId, PersonId, WorkerId
from edge.store.day import fold

DAY = date(2026, 11, 21)


def at(hour: int, body: events.Body) -> events.Event:
    return events.new_event(
        body,
        centre_id=CentreId("09123456701"),
        worker_id=WorkerId("w"),
        at=datetime(2026, 11, 21, hour, tzinfo=UTC),
        simulated=False,
    )


def test_last_mark_of_a_child_holds():
    marks = [(True, "p-1"), (True, "p-2"), (False, "p-1")]
    state = fold(
        DAY, [at(5, events.AttendanceMarked(DAY, PersonId(person), present)) for present, person in marks]
    )
    assert (state.present, state.absent) == ({"p-2"}, {"p-1"})


def test_centre_closed_and_opened_again_is_open():
    opened, closed = events.CentreOpened(DAY), events.CentreClosed(DAY)
    assert not fold(DAY, [at(4, opened), at(5, closed)]).is_open
    assert fold(DAY, [at(4, opened), at(5, closed), at(6, opened)]).is_open


def test_day_nobody_opened_is_not_open():
    assert not fold(DAY, []).is_open
