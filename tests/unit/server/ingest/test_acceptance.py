from datetime import date

import msgspec
import pytest
import sqlalchemy as sa

from anganwadi import events
from anganwadi.ids import CentreId, DistrictId, Origin, PersonId
from anganwadi.people import Person, Sex
from anganwadi.wire import chain, topics
from anganwadi.wire.keys import PrivateKeys
from server.ingest.acceptance import QUARANTINED, Gap, Quarantined
from server.storage import log, tables, vault

DISTRICT = DistrictId("namuna")
DAY = date(2026, 11, 21)


@pytest.fixture
def stored(database):
    def counts() -> dict[str, int]:
        with database.connect() as connection:
            return log.counts(connection, DISTRICT)

    return counts


@pytest.fixture
def reasons(database):
    def read() -> list[str]:
        with database.connect() as connection:
            return list(connection.execute(sa.select(tables.quarantine.c.reason)).scalars())

    return read


def test_events_are_stored_in_order_and_the_receipt_moves_on(take, pen, stored):
    outcome = take(pen.frame(pen.attendance(3)))
    assert (outcome.new, outcome.origin.stored_through, outcome.origin.chain_head) == (3, 3, pen.head)
    assert stored() == {"attendance": 3}


def test_frame_sent_twice_is_stored_once_and_receipted_again(take, pen, stored):
    sent = pen.frame(pen.attendance(2))
    take(sent)
    again = take(sent)
    assert (again.new, again.origin.stored_through) == (0, 2)
    assert stored() == {"attendance": 2}


def test_batch_over_singles_already_stored_adds_only_what_is_new(take, pen, stored):
    before, raws = pen.head, pen.attendance(3)
    take(pen.at(1, before, raws[:1]))
    outcome = take(pen.frame(raws))
    assert (outcome.new, outcome.origin.stored_through) == (2, 3)
    assert stored() == {"attendance": 3}


def test_frame_ahead_of_a_gap_is_not_stored(take, pen, stored):
    pen.frame(pen.attendance(2))
    with pytest.raises(Gap):
        take(pen.frame(pen.attendance(1)))
    assert stored() == {}


def test_other_event_at_a_stored_place_is_a_fork(take, pen):
    start = pen.head
    take(pen.frame(pen.attendance(2)))
    with pytest.raises(Quarantined, match="fork"):
        take(pen.at(1, start, pen.attendance(2)))


def test_chain_that_does_not_continue_what_is_stored_is_a_fork(take, pen):
    take(pen.frame(pen.attendance(1)))
    with pytest.raises(Quarantined, match="fork"):
        take(pen.at(2, chain.event_hash(b"another past"), pen.attendance(1)))


def test_device_nobody_enrolled_is_refused(take, pen):
    with pytest.raises(Quarantined, match="enrolled"):
        take(pen.frame(pen.attendance(1), epoch=2))


def test_frame_of_another_device_key_is_refused(take, server_keys, pen):
    forger = type(pen)(server_keys, PrivateKeys.generate())
    with pytest.raises(Quarantined, match="signature"):
        take(forger.frame(forger.attendance(1)))


def test_frame_on_another_devices_topic_is_refused(take, pen):
    with pytest.raises(Quarantined, match="topic"):
        take(pen.frame(pen.attendance(1)), topics.up(DISTRICT, Origin("kiosk-b"), "frame"))


def test_frame_sealed_to_another_server_is_refused(take, device_keys, pen):
    elsewhere = type(pen)(PrivateKeys.generate(), device_keys)
    with pytest.raises(Quarantined, match="key"):
        take(elsewhere.frame(elsewhere.attendance(1)))


def test_unknown_event_is_quarantined_alone_and_keeps_its_place(take, pen, stored, reasons):
    good = pen.attendance(2)
    strange = msgspec.msgpack.encode({"schema": 1, "body": {"type": "danced"}})
    outcome = take(pen.frame([good[0], strange, good[1]]))
    assert outcome.origin.stored_through == 3
    assert stored() == {"attendance": 2, QUARANTINED: 1}
    assert len(reasons()) == 1


def test_event_about_another_centre_is_quarantined(take, pen, stored):
    take(pen.frame([pen.raw(events.CentreOpened(DAY), centre=CentreId("99999999999"))]))
    assert stored() == {QUARANTINED: 1}


def test_simulated_event_outside_a_demo_district_is_quarantined(take, pen, stored, reasons):
    take(pen.frame([pen.raw(events.CentreOpened(DAY), simulated=True)]))
    assert stored() == {QUARANTINED: 1}
    assert "simulated" in reasons()[0]


def registration(centre: CentreId, person: str = "p-1") -> events.PersonRecord:
    return events.PersonRecord(
        person_id=PersonId(person),
        person=Person(
            person_id=PersonId(person),
            centre_id=centre,
            household="H1",
            name="सुनीता",
            name_latin="Sunita",
            sex=Sex.FEMALE,
            born=date(1999, 1, 1),
            registered=DAY,
        ),
    )


def test_person_record_goes_to_the_vault_and_the_log_keeps_only_that_it_came(take, pen, stored, database):
    centre = CentreId("09123456701")
    template = events.FaceTemplateRecord("mobilefacenet", b"\x01\x02")
    take(
        pen.frame(
            [
                pen.raw(registration(centre)),
                pen.raw(events.PersonRecord(person_id=PersonId("p-1"), template=template)),
            ]
        )
    )
    assert stored() == {"person_record": 2}
    with database.connect() as connection:
        kept = vault.of_centre(connection, DISTRICT, centre)
        raws = list(connection.execute(sa.select(tables.events.c.raw)).scalars())
    assert (kept[0].person.name, kept[0].template) == ("सुनीता", template)
    assert raws == [None, None]


def test_erased_template_is_gone_from_the_vault(take, pen, database):
    centre = CentreId("09123456701")
    take(pen.frame([pen.raw(registration(centre))]))
    template = events.FaceTemplateRecord("mobilefacenet", b"\x01\x02")
    take(pen.frame([pen.raw(events.PersonRecord(person_id=PersonId("p-1"), template=template))]))
    take(pen.frame([pen.raw(events.PersonRecord(person_id=PersonId("p-1"), erase_template=True))]))
    with database.connect() as connection:
        assert vault.of_centre(connection, DISTRICT, centre)[0].template is None


def test_kiosk_cannot_register_somebody_at_another_centre(take, pen, stored):
    take(pen.frame([pen.raw(registration(CentreId("99999999999")))]))
    assert stored() == {QUARANTINED: 1}


def test_template_of_nobody_registered_is_quarantined(take, pen, stored):
    template = events.FaceTemplateRecord("mobilefacenet", b"\x01\x02")
    take(pen.frame([pen.raw(events.PersonRecord(person_id=PersonId("p-9"), template=template))]))
    assert stored() == {QUARANTINED: 1}


def test_names_cannot_be_read_in_the_servers_files(take, pen, tmp_path):
    take(pen.frame([pen.raw(registration(CentreId("09123456701")))]))
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.name.startswith("server.db"))
    assert written
    assert b"Sunita" not in written


def test_record_of_one_person_under_anothers_id_is_quarantined(take, pen, stored):
    swapped = msgspec.structs.replace(registration(CentreId("09123456701")), person_id=PersonId("p-2"))
    take(pen.frame([pen.raw(swapped)]))
    assert stored() == {QUARANTINED: 1}
