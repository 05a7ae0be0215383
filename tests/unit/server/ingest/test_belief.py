"""What a kiosk may say: events that are not believed go into quarantine by themselves and keep their places."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from anganwadi import events
from anganwadi.ids import NOBODY, CentreId, Origin, PersonId, WorkerId
from anganwadi.verification import Rung
from server.ingest import acquaintance
from server.ingest.reasons import Reason
from server.storage import tables, vault
from server.storage.engine import writing
from server.storage.log import QUARANTINED
from tests.unit.server.ingest_district import (
    CENTRE,
    DAY,
    DISTRICT,
    OTHER_CENTRE,
    WORKER,
    Ingest,
    add_worker,
    registration,
)

ATTENDANCE = events.AttendanceMarked(DAY, PersonId("p-1"), True)
TEMPLATE = events.FaceTemplateRecord("mobilefacenet", b"\x01\x02")


@pytest.fixture
def judged(ingest, pen):
    """The reason for which an event was not believed; None where it was."""

    def judge(body: events.Body, **envelope) -> str | None:
        ingest.take(pen.frame([pen.raw(body, **envelope)]))
        found = ingest.rows(tables.quarantine)
        place = ingest.sequences()[-1]
        assert place == (pen.sequence, QUARANTINED if found else events.event_type(body))
        return found[-1].reason if found else None

    return judge


def collected(person: str, by: str) -> events.RationCollected:
    return events.RationCollected(
        day=DAY,
        person_id=PersonId(person),
        collected_by=PersonId(by),
        rung=Rung.FACE,
        services=("THR",),
        days_covered=25,
        cycle="2026-11",
    )


def test_event_about_another_centre_is_quarantined(judged):
    assert judged(events.CentreOpened(DAY), centre_id=CentreId("99999999999")) == Reason.OTHER_CENTRE


def test_simulated_event_outside_a_demo_district_is_quarantined(judged):
    assert judged(events.CentreOpened(DAY), simulated=True) == Reason.SIMULATED


def test_simulated_event_in_a_demo_district_is_taken(database, enrolled, server_keys, pen):
    demo = Ingest(database, server_keys, demo=True)
    demo.take(pen.frame([pen.raw(events.CentreOpened(DAY), simulated=True)]))
    assert demo.counts() == {"centre_opened": 1}


@pytest.mark.parametrize(
    "body",
    [
        events.PersonErased(PersonId("p-1"), "on request"),
        events.QuarantineReleased(origin=Origin("kiosk-a"), epoch=1, sequence=1, raw=b""),
    ],
)
def test_what_only_the_server_may_say_is_never_believed_of_a_kiosk(judged, body):
    assert judged(body) == Reason.SERVER_ONLY


@pytest.mark.parametrize(
    ("ago", "reason"),
    [
        (timedelta(days=-1, minutes=-1), Reason.FUTURE),
        (timedelta(hours=-23), None),
        (timedelta(days=399), None),
        (timedelta(days=401), Reason.PAST),
    ],
)
def test_time_far_from_the_servers_is_quarantined(judged, ago, reason):
    assert judged(ATTENDANCE, ago=ago) == reason


# --- workers ------------------------------------------------------------------------------------------------------


def test_worker_of_nobody_is_quarantined(judged):
    assert judged(ATTENDANCE, worker_id=WorkerId("w-9")) == Reason.UNKNOWN_WORKER


def test_worker_of_another_centre_is_quarantined(judged, database):
    with writing(database) as connection:
        add_worker(connection, WorkerId("w-2"), OTHER_CENTRE)
    assert judged(ATTENDANCE, worker_id=WorkerId("w-2")) == Reason.UNKNOWN_WORKER


def test_worker_registered_since_the_centre_was_read_is_believed(judged, database):
    assert judged(ATTENDANCE) is None
    with writing(database) as connection:
        add_worker(connection, WorkerId("w-2"), post="AWH")
    assert judged(ATTENDANCE, worker_id=WorkerId("w-2")) is None


@pytest.mark.parametrize(
    "body",
    [
        events.CentreOpened(DAY),
        events.CentreClosed(DAY),
        events.MealServed(DAY, events.Meal.HOT_COOKED_MEAL, 20),
        events.RationWithoutRoster(day=DAY, days_covered=25, described="blue sari"),
    ],
)
def test_what_is_recorded_without_logging_in_names_nobody_and_proves_nothing(judged, body):
    assert judged(body, worker_id=NOBODY, proof=events.Proof.NONE) is None


@pytest.mark.parametrize(
    "envelope",
    [
        {"worker_id": NOBODY, "proof": events.Proof.SERVER},
        {"worker_id": NOBODY, "proof": events.Proof.NONE},
        {"worker_id": WORKER, "proof": events.Proof.NONE},
    ],
)
def test_anything_else_needs_a_proven_worker(judged, envelope):
    assert judged(ATTENDANCE, **envelope) == Reason.UNPROVEN_WORKER


def test_worker_proven_by_the_kiosks_tpm_is_believed(judged):
    assert judged(ATTENDANCE, proof=events.Proof.TPM) is None


# --- people -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("person", "by"), [("p-x", "p-1"), ("p-1", "p-x")])
def test_person_whom_nobody_registered_is_quarantined_in_whatever_part(judged, person, by):
    assert judged(collected(person, by)) == Reason.UNKNOWN_PERSON


def test_person_of_another_centre_is_quarantined(judged, database):
    with writing(database) as connection:
        vault.keep(connection, DISTRICT, registration("p-y", OTHER_CENTRE), 0)
    assert judged(collected("p-1", "p-y")) == Reason.OTHERS_PERSON


def test_person_registered_earlier_in_the_same_frame_is_known(ingest, pen):
    raws = [pen.raw(registration("p-new")), pen.raw(events.AttendanceMarked(DAY, PersonId("p-new"), True))]
    ingest.take(pen.frame(raws))
    assert ingest.counts() == {"person_record": 1, "attendance": 1}


def test_person_registered_later_in_the_same_frame_is_not_known_yet(ingest, pen):
    raws = [pen.raw(events.AttendanceMarked(DAY, PersonId("p-new"), True)), pen.raw(registration("p-new"))]
    ingest.take(pen.frame(raws))
    assert [kind for _, kind in ingest.sequences()] == [QUARANTINED, "person_record"]


def test_person_moved_here_since_the_centre_was_read_is_known(judged, database):
    with writing(database) as connection:
        vault.keep(connection, DISTRICT, registration("p-y", OTHER_CENTRE), 0)
    assert judged(ATTENDANCE) is None
    with writing(database) as connection:
        vault.keep(connection, DISTRICT, registration("p-y", CENTRE), 0)
    assert judged(events.AttendanceMarked(DAY, PersonId("p-y"), True)) is None


def test_event_about_an_erased_person_is_taken_and_a_record_of_her_is_not(ingest, pen, database):
    with writing(database) as connection:
        connection.execute(
            sa.insert(tables.erased).values(district_id=DISTRICT, person_id="p-gone", erased_ms=1)
        )
    raws = [pen.raw(registration("p-gone")), pen.raw(events.AttendanceMarked(DAY, PersonId("p-gone"), True))]
    ingest.take(pen.frame(raws))
    assert ingest.counts() == {"person_record": 1, "attendance": 1}
    with database.connect() as connection:
        assert vault.centre_of(connection, DISTRICT, PersonId("p-gone")) is None


def test_quarantined_event_says_whom_it_is_about_so_that_she_can_be_erased(ingest, pen):
    ingest.take(
        pen.frame(
            [pen.raw(registration("p-new", CentreId("99999999999"))), pen.raw(ATTENDANCE, simulated=True)]
        )
    )
    assert {row.person_id for row in ingest.rows(tables.quarantine)} == {"p-new", "p-1"}


def test_of_a_doubted_event_about_an_erased_person_only_its_place_is_kept(ingest, pen, database):
    with writing(database) as connection:
        connection.execute(
            sa.insert(tables.erased).values(district_id=DISTRICT, person_id="p-gone", erased_ms=1)
        )
    doubted = [registration("p-gone", OTHER_CENTRE), registration("p-1", OTHER_CENTRE)]
    ingest.take(pen.frame([pen.raw(record) for record in doubted]))
    kept = {row.person_id: row.frame for row in ingest.rows(tables.quarantine)}
    assert (kept["p-gone"], kept["p-1"] is None) == (None, False)


def test_what_is_remembered_of_centres_is_bounded(ingest, pen, monkeypatch):
    monkeypatch.setattr(acquaintance, "MOST_PEOPLE", 3)
    ingest.take(*pen.frames(3))
    ingest.worker._acquaintance._centres[OTHER_CENTRE] = acquaintance.Known()
    ingest.worker._acquaintance._centres.move_to_end(OTHER_CENTRE, last=False)
    ingest.take(*pen.frames(3))
    assert list(ingest.worker._acquaintance._centres) == [CENTRE]
    assert ingest.counts() == {"attendance": 6}


# --- records ------------------------------------------------------------------------------------------------------


def test_person_record_goes_to_the_vault_and_the_log_keeps_only_that_it_came(ingest, pen, database):
    template = pen.raw(events.PersonRecord(person_id=PersonId("p-new"), template=TEMPLATE))
    ingest.take(pen.frame([pen.raw(registration("p-new")), template]))
    assert ingest.counts() == {"person_record": 2}
    with database.connect() as connection:
        kept = {each.person.person_id: each for each in vault.of_centre(connection, DISTRICT, CENTRE)}
    assert (kept[PersonId("p-new")].person.name, kept[PersonId("p-new")].template) == ("सुनीता", TEMPLATE)
    assert [row.raw for row in ingest.rows(tables.events)] == [None, None]


def test_erased_template_is_gone_from_the_vault(ingest, pen, database):
    ingest.take(pen.frame([pen.raw(events.PersonRecord(person_id=PersonId("p-1"), template=TEMPLATE))]))
    ingest.take(pen.frame([pen.raw(events.PersonRecord(person_id=PersonId("p-1"), erase_template=True))]))
    with database.connect() as connection:
        assert [each.template for each in vault.of_centre(connection, DISTRICT, CENTRE)] == [None] * 10


def test_kiosk_cannot_register_somebody_at_another_centre(judged):
    assert judged(registration("p-new", CentreId("99999999999"))) == Reason.ELSEWHERE


def test_kiosk_cannot_take_somebody_over_from_another_centre(judged, database):
    with writing(database) as connection:
        vault.keep(connection, DISTRICT, registration("p-y", OTHER_CENTRE), 0)
    assert judged(registration("p-y")) == Reason.OTHERS_PERSON


@pytest.mark.parametrize("family", [{"guardian": PersonId("p-y")}, {"nominees": (PersonId("p-y"),)}])
def test_registration_that_names_another_centres_person_is_quarantined(judged, database, family):
    with writing(database) as connection:
        vault.keep(connection, DISTRICT, registration("p-y", OTHER_CENTRE), 0)
    assert judged(registration("p-new", **family)) == Reason.OTHERS_PERSON


def test_family_may_be_registered_after_her(judged):
    assert judged(registration("p-new", guardian=PersonId("p-later"))) is None


def test_template_of_nobody_registered_is_quarantined(judged):
    assert judged(events.PersonRecord(person_id=PersonId("p-x"), template=TEMPLATE)) == Reason.UNKNOWN_PERSON


def test_record_of_one_person_under_anothers_id_is_quarantined(judged):
    person = registration("p-new").person
    assert judged(events.PersonRecord(person_id=PersonId("p-2"), person=person)) == Reason.OTHERS_RECORD


@pytest.mark.parametrize("strange", ["p-1\np-2", "p 1", "p-\0", "प-1"])
def test_nobody_is_registered_under_an_id_that_no_person_has(judged, strange):
    assert judged(registration(strange)) == Reason.NO_ID


def test_record_under_an_id_by_which_nobody_could_erase_her_is_not_kept(ingest, pen):
    person = registration("p-new").person
    under_anothers = pen.raw(events.PersonRecord(person_id=PersonId("p-2"), person=person))
    ingest.take(pen.frame([under_anothers, pen.raw(registration("प-1"))]))
    kept = ingest.rows(tables.quarantine)
    assert [(row.sequence, row.frame) for row in kept] == [(1, None), (2, None)]


def test_names_cannot_be_read_in_the_servers_files(ingest, pen, tmp_path):
    ingest.take(pen.frame([pen.raw(registration("p-new"))]))
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.name.startswith("server.db"))
    assert written
    assert b"Sunita" not in written
