"""Rations handed out without the list: an officer says who received each."""

import msgspec
import pytest
import sqlalchemy as sa

from anganwadi import events
from anganwadi.events import Proof, RationCollected, RationWithoutRoster
from anganwadi.ids import CentreId, DistrictId, Origin, PersonId
from anganwadi.people import Person, Sex
from anganwadi.verification import AttestationReason, Rung
from anganwadi.wire.keys import PrivateKeys
from server.storage import own_origin, tables
from tests.unit.server.centres.test_centre_page import text_of
from tests.unit.server.web_district import CENTRE, DISTRICT, OTHER_SECTOR_CENTRE, TODAY, WebDistrict

PLACE = f"kiosk-{CENTRE}.1.7"


@pytest.fixture
def district(web: WebDistrict) -> WebDistrict:
    """A ration waits that Kamla received; she and a child are on the list."""
    with web.engine.begin() as connection:
        own_origin.enrol_self(connection, DistrictId(DISTRICT), PrivateKeys.generate().public)
    web.add_child("p-child", years=2)
    web.add_person(
        Person(
            person_id=PersonId("p-kamla"),
            centre_id=CentreId(CENTRE),
            household="h-2",
            name="कमला",
            name_latin="Kamla",
            sex=Sex.FEMALE,
            born=TODAY.replace(year=2000),
            registered=TODAY.replace(year=2025),
            pregnant_since=TODAY.replace(month=6),
        )
    )
    wait(web, described="Kamla, Ram's wife", reason=AttestationReason.TOO_DARK, witness="AWH")
    return web


def wait(web: WebDistrict, sequence: int = 7, **said: object) -> None:
    ration = RationWithoutRoster(day=TODAY, days_covered=25, **said)  # type: ignore[arg-type]
    web.add(
        tables.unmatched_rations,
        origin=Origin(f"kiosk-{CENTRE}"),
        epoch=1,
        sequence=sequence,
        centre_id=CENTRE,
        at_ms=web.now_ms - 60_000,
        record=msgspec.msgpack.encode(ration),
    )


def match(web: WebDistrict, person: str, place: str = PLACE, centre: str = CENTRE) -> int:
    browser = web.logged_in()
    form = {"person_id": person, "csrf": web.csrf()}
    return browser.post(f"/centres/{centre}/unmatched/{place}", data=form).status_code


def recorded(web: WebDistrict) -> list[RationCollected]:
    with web.engine.connect() as connection:
        raws = connection.execute(sa.select(tables.events.c.raw).order_by(tables.events.c.position)).scalars()
        found = [events.decode(raw) for raw in raws]
    assert all(event.proof is Proof.NONE for event in found)
    return [event.body for event in found if isinstance(event.body, RationCollected)]


def test_ration_waits_on_the_centre_page_with_what_the_kiosk_wrote(district: WebDistrict) -> None:
    shown = text_of(district.logged_in().get(f"/centres/{CENTRE}").text)
    assert "Kamla, Ram&#39;s wife" in shown
    assert "too dark · witness: the helper" in shown


def test_ration_matched_is_the_servers_own_event_and_what_was_written_is_dropped(
    district: WebDistrict,
) -> None:
    assert match(district, "p-kamla") == 303
    (ration,) = recorded(district)
    assert (ration.person_id, ration.rung, ration.cycle) == ("p-kamla", Rung.ATTESTATION, f"{TODAY:%Y-%m}")
    (row,) = district.rows(tables.unmatched_rations)
    assert (row["record"], row["person_id"]) == (None, "p-kamla")


def test_ration_on_an_unknown_card_stands_on_the_card(district: WebDistrict) -> None:
    wait(district, 8, card="123456")
    assert match(district, "p-kamla", f"kiosk-{CENTRE}.1.8") == 303
    assert [ration.rung for ration in recorded(district)] == [Rung.CARD]


def test_matching_twice_records_once(district: WebDistrict) -> None:
    match(district, "p-kamla")
    assert match(district, "p-kamla") == 404
    assert len(recorded(district)) == 1


@pytest.mark.parametrize(
    ("person", "place", "centre"),
    [
        ("p-nobody", PLACE, CENTRE),
        ("", PLACE, CENTRE),
        ("p-kamla", f"kiosk-{CENTRE}.1.9", CENTRE),
        ("p-kamla", "nonsense", CENTRE),
        ("p-kamla", PLACE, OTHER_SECTOR_CENTRE),
    ],
)
def test_what_is_not_there_cannot_be_matched(
    district: WebDistrict, person: str, place: str, centre: str
) -> None:
    assert match(district, person, place, centre) == 404
    assert recorded(district) == []


def test_page_has_no_such_card_when_nothing_waits(web: WebDistrict) -> None:
    assert "unmatched" not in web.logged_in().get(f"/centres/{CENTRE}").text
