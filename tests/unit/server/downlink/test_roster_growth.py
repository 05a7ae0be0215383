"""What was measured of a child and the care decided for it stand in the roster of every kiosk of the centre."""

from datetime import date, timedelta

import sqlalchemy as sa

from anganwadi.anthropometry import Position
from anganwadi.ids import SERVER_ORIGIN, Grams, Millimetres
from anganwadi.wire.downlink import Kind
from anganwadi.wire.login import Care, PastMeasure, PastWeight, Roster, RosterEntry
from server.downlink.documents import NEIGHBOURS_AFTER
from server.downlink.roster import MEASURES
from server.storage import tables
from server.storage.engine import writing
from tests.unit.server.downlink.kiosk_district import CENTRE, DAY, DISTRICT, KIOSK, District


def happens(district: District, table: sa.Table, number: int, origin: str, day: date, **more: object) -> None:
    with writing(district.engine) as connection:
        connection.execute(
            sa.insert(table).values(
                district_id=DISTRICT, origin=origin, epoch=1, sequence=number, centre_id=CENTRE,
                day=day.isoformat(), at_ms=number, person_id="p-1", **more,
            )
        )  # fmt: skip


def measure(
    district: District, number: int, *, day: date = DAY, origin: str = SERVER_ORIGIN, **more: object
) -> None:
    happens(district, tables.measurings, number, origin, day, flagged="[]", confirmed=False, **more)


def decide(
    district: District,
    number: int,
    step: str,
    *,
    day: date = DAY,
    origin: str = SERVER_ORIGIN,
    **more: object,
) -> None:
    rest: dict[str, object] = {"oedema": False, "signs": "[]", "visits": "[]", **more}
    happens(district, tables.care, number, origin, day, step=step, **rest)


def entry(district: District) -> RosterEntry:
    (found,) = district.read(Kind.ROSTER, Roster).entries
    return found


def test_last_event_of_a_day_holds_and_what_was_not_taken_stays_missing(district):
    district.keep("p-1")
    measure(district, 1, length=700, position="L")
    measure(district, 2, length=705, position="L")
    measure(district, 3, day=DAY + timedelta(days=1), muac=118, oedema=False)
    assert entry(district).measures == (
        PastMeasure(day=DAY, length=Millimetres(705), position=Position.LYING),
        PastMeasure(day=DAY + timedelta(days=1), muac=Millimetres(118), oedema=False),
    )


def test_of_two_weights_of_a_day_the_last_comes_down_alone(district):
    district.keep("p-1")
    weigh = {"source": "scale"}
    happens(district, tables.weighings, 1, "kiosk-b", DAY, grams=94_000, **weigh)
    happens(district, tables.weighings, 2, SERVER_ORIGIN, DAY, grams=9_400, **weigh)
    assert entry(district).weights == (PastWeight(DAY, Grams(9_400)),)


def test_twelve_days_of_measuring_come_down_the_last_ones(district):
    district.keep("p-1")
    for n in range(MEASURES + 3):
        measure(district, n + 1, day=DAY + timedelta(days=30 * n), length=700 + n)
    assert [past.length for past in entry(district).measures] == list(range(703, 715))


def test_latest_care_comes_down_and_the_end_of_care_too(district):
    district.keep("p-1")
    assert entry(district).care is None
    decide(district, 1, "medical_officer", seen_by="2026-11-26", visits='["2026-11-28"]')
    assert entry(district).care == Care(
        day=DAY, step="medical_officer", seen_by=date(2026, 11, 26), visits=(date(2026, 11, 28),)
    )
    decide(district, 2, "none", day=DAY + timedelta(days=7))
    assert entry(district).care == Care(day=DAY + timedelta(days=7), step="none")


def test_measures_and_care_of_the_office_are_a_new_version_at_once(district):
    district.keep("p-1")
    seen = [district.version()]
    measure(district, 1, muac=130)
    seen.append(district.version())
    decide(district, 2, "centre")
    seen.append(district.version())
    assert seen == sorted(set(seen))


def test_kiosks_own_measures_send_nothing_down_and_a_neighbours_come_within_minutes(district, clock):
    district.keep("p-1")
    first = district.version()
    measure(district, district.records("measured"), origin=KIOSK, muac=130)
    assert district.version() == first
    decide(district, 1, "centre", origin="kiosk-b")
    assert district.version() == first
    clock.now += NEIGHBOURS_AFTER
    assert district.version() > first


def test_two_measures_that_differ_in_one_value_alone_are_two_versions(district):
    district.keep("p-1")
    measure(district, 1, muac=130, oedema=False)
    first = district.version()
    with writing(district.engine) as connection:
        connection.execute(sa.update(tables.measurings).values(oedema=True))
    district.keep("p-1", name="सुनीता")  # what is looked at is counted first: something has to be new
    assert district.version() > first
