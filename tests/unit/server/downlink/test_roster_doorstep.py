"""Who is to have her ration brought home stands in the roster of every kiosk of the centre."""

import sqlalchemy as sa

from anganwadi.ids import SERVER_ORIGIN
from anganwadi.wire.downlink import Kind
from anganwadi.wire.login import Roster
from server.storage import tables
from server.storage.engine import writing
from tests.unit.server.downlink.kiosk_district import CENTRE, DAY, DISTRICT, KIOSK, District


def list_at_door(district: District, person: str, sequence: int, origin: str, *, listed: bool = True) -> None:
    with writing(district.engine) as connection:
        connection.execute(
            sa.insert(tables.doorstep).values(
                district_id=DISTRICT, origin=origin, epoch=1, sequence=sequence, centre_id=CENTRE,
                day=DAY.isoformat(), at_ms=sequence, person_id=person, reason="far", listed=listed,
            )
        )  # fmt: skip


def at_door(district: District) -> dict[str, bool]:
    roster = district.read(Kind.ROSTER, Roster)
    return {entry.person.person_id: entry.doorstep for entry in roster.entries}


def test_last_word_on_the_doorstep_list_is_in_the_roster(district):
    district.keep("p-1")
    district.keep("p-2")
    list_at_door(district, "p-1", 1, "kiosk-b")
    list_at_door(district, "p-2", 2, "kiosk-b")
    list_at_door(district, "p-2", 3, "kiosk-b", listed=False)
    assert at_door(district) == {"p-1": True, "p-2": False}


def test_listing_by_the_office_is_a_new_version_at_once_and_the_kiosks_own_is_not(district, clock):
    district.keep("p-1")
    first = district.version()
    district.records("doorstep_listed")
    list_at_door(district, "p-1", 1, KIOSK)
    clock.pass_by(hours=1)
    assert district.version() == first
    list_at_door(district, "p-1", 1, SERVER_ORIGIN)
    assert district.version() > first
