"""What is held about a person, told to her and corrected."""

from datetime import UTC, date, datetime

import pytest

from anganwadi import events
from anganwadi.events import (
    AttendanceMarked,
    ConsentGiven,
    ConsentPurpose,
    FaceTemplateRecord,
    PersonRecord,
    Proof,
    QuarantineReleased,
    RationRefused,
)
from anganwadi.ids import Origin, PersonId, WorkerId
from server.accounts import queries
from server.storage import correction, person_export, vault
from server.storage import engine as databases
from server.storage.correction import BadCorrection
from server.storage.vault import UnknownPerson
from tests.unit.server.ingest_district import CENTRE, DISTRICT, registration

ONE, DAY, NOW = PersonId("p-1"), date(2026, 11, 21), datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def known(database, happen):
    happen(
        registration(ONE, phone="9412345678"),
        registration("p-10"),
        PersonRecord(person_id=ONE, template=FaceTemplateRecord("mobilefacenet", b"\1\2\3\4")),
        ConsentGiven(ONE, ConsentPurpose.FACE, "notice-1", "hi"),
        AttendanceMarked(DAY, ONE, True),
        AttendanceMarked(DAY, PersonId("p-2"), True),
    )
    return database


def export(database, **given):
    with databases.snapshot(database) as connection:
        return person_export.export(connection, DISTRICT, ONE, **given)


def correct(database, **changes: str) -> None:
    by = {"by": WorkerId("o-1"), "proof": Proof.NONE, "now": NOW}
    correction.correct(database, DISTRICT, ONE, changes, **by)


def test_export_tells_her_record_her_events_and_nobody_elses(known):
    found = export(known)
    assert (found["person"]["name_latin"], found["person"]["phone"]) == ("Sunita", "9412345678")
    assert {kind: len(rows) for kind, rows in found["events"].items()} == {
        "consent_given": 1,
        "attendance": 1,
    }
    (consent,) = found["events"]["consent_given"]
    assert (consent["body"]["notice"], consent["sequence"], consent["origin"]) == ("notice-1", 4, "server")


def test_export_says_that_a_face_is_enrolled_and_gives_it_only_where_asked(known):
    assert export(known)["face"] == {"model": "mobilefacenet", "bytes": 4}
    assert export(known, with_template=True)["face"]["vectors"] == "AQIDBA=="


def test_export_tells_an_event_that_came_out_of_quarantine_as_what_it_is(known, happen):
    inner = events.new_event(
        RationRefused(DAY, ONE, "no stock"),
        centre_id=CENTRE,
        worker_id=WorkerId("w-1"),
        at=NOW,
        simulated=False,
    )
    happen(QuarantineReleased(origin=Origin("kiosk-a"), epoch=1, sequence=3, raw=events.encode(inner)))
    (refused,) = export(known)["events"]["ration_refused"]
    assert refused["body"]["reason"] == "no stock"


def test_export_tells_who_looked_at_her_or_at_her_centre(known):
    with databases.writing(known) as connection:
        for n, subject in enumerate((ONE, CENTRE, "09123456799")):
            queries.add_access(
                connection,
                DISTRICT,
                access_id=str(n),
                officer_id="o-1",
                action="view",
                subject=subject,
                at_ms=1_000 + n,
            )
    assert [each["subject"] for each in export(known)["looked_at"]] == [ONE, CENTRE]


def test_correction_changes_the_record_and_nothing_else_and_stands_in_the_log(known):
    correct(known, name="सुनीता देवी", phone="", born="1998-05-01", nominees="p-10, p-2")
    with known.connect() as connection:
        kept = vault.find(connection, DISTRICT, ONE)
    assert (kept.person.name, kept.person.phone, kept.person.born) == ("सुनीता देवी", None, date(1998, 5, 1))
    assert kept.person.nominees == ("p-10", "p-2")
    assert (kept.person.name_latin, kept.template) == (
        "Sunita",
        FaceTemplateRecord("mobilefacenet", b"\1\2\3\4"),
    )
    assert "person_record" not in export(known)["events"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"height": "120"}, "height cannot be corrected; what can be is household, name"),
        ({"person_id": "p-2"}, "person_id cannot be corrected"),
        ({"centre_id": "09123456702"}, "centre_id cannot be corrected"),
        ({"born": "yesterday"}, "not a value that can stand there"),
        ({"name": ""}, "not a value that can stand there"),
        ({"sex": "X"}, "not a value that can stand there"),
        ({"name": "a" * 201}, "not a value that can stand there"),
    ],
)
def test_correction_to_what_cannot_be_is_refused_and_changes_nothing(known, changes, said):
    before = export(known)
    with pytest.raises(BadCorrection, match=said):
        correct(known, **changes)
    assert export(known) == before


def test_person_nobody_knows_is_neither_told_nor_corrected(database):
    with pytest.raises(UnknownPerson, match="nobody is registered as p-1"):
        export(database)
    with pytest.raises(UnknownPerson, match="nobody is registered as p-1"):
        correct(database, name="x")
