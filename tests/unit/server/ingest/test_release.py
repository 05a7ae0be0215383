"""Taking something out of quarantine: once, by the rules of ingest, and without a name in the log."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from anganwadi import events
from anganwadi.ids import NOBODY, Origin, PersonId, WorkerId
from anganwadi.wire.keys import PrivateKeys
from server.ingest.reasons import Reason
from server.ingest.release import NotReleased, Outcome, release
from server.storage import quarantine, tables, vault
from server.storage.engine import writing
from tests.unit.server.ingest_district import DAY, DISTRICT, OTHER_CENTRE, add_worker, registration

ATTENDANCE = events.AttendanceMarked(DAY, PersonId("p-1"), True)


@pytest.fixture
def released(ingest, server_keys):
    """Releases every row of the quarantine, the oldest first."""

    def go(*, force: bool = False, keys: PrivateKeys = server_keys) -> list[Outcome]:
        outcomes = []
        for row in ingest.rows(tables.quarantine):
            with writing(ingest.engine) as connection:
                kept = quarantine.find(connection, DISTRICT, row.quarantine_id)
                assert kept is not None
                outcomes.append(release(connection, DISTRICT, keys, kept, demo=False, force=force))
        return outcomes

    return go


def own(ingest) -> list[events.Event]:
    """What the server recorded itself, with its content."""
    rows = [row for row in ingest.rows(tables.events) if row.origin == "server" and row.raw is not None]
    return [events.decode(row.raw) for row in rows]


def released_raws(ingest) -> list[bytes]:
    """The events the server took out of quarantine, as their devices wrote them."""
    return [event.body.raw for event in own(ingest) if isinstance(event.body, events.QuarantineReleased)]


def test_event_whose_worker_was_registered_since_enters_the_log_as_the_servers_own(
    ingest, pen, released, database
):
    raw = pen.raw(ATTENDANCE, worker_id=WorkerId("w-2"))
    ingest.take(pen.frame([raw]))
    assert released() == [Outcome(0, (Reason.UNKNOWN_WORKER,))]
    with writing(database) as connection:
        add_worker(connection, WorkerId("w-2"), post="AWH")
    assert released() == [Outcome(1)]
    (event,) = own(ingest)
    assert event.body == events.QuarantineReleased(origin=Origin("kiosk-a"), epoch=1, sequence=1, raw=raw)
    (row,) = ingest.rows(tables.quarantine)
    assert (row.frame, row.released_ms is None) == (None, False)


def test_releasing_twice_releases_once(ingest, pen, released):
    ingest.take(pen.frame([pen.raw(ATTENDANCE, ago=timedelta(days=500))]))
    assert released(force=True) == [Outcome(1)]
    assert released(force=True) == [Outcome(0)]
    assert len(own(ingest)) == 1


@pytest.mark.parametrize(
    ("body", "envelope"),
    [
        (ATTENDANCE, {"ago": timedelta(days=500)}),
        (ATTENDANCE, {"simulated": True}),
        (ATTENDANCE, {"centre_id": OTHER_CENTRE}),
        (events.AttendanceMarked(DAY, PersonId("p-x"), True), {}),
    ],
)
def test_what_is_merely_implausible_is_released_only_by_force(ingest, pen, released, body, envelope):
    ingest.take(pen.frame([pen.raw(body, **envelope)]))
    (outcome,) = released()
    assert (outcome.released, len(outcome.refused)) == (0, 1)
    assert released(force=True) == [Outcome(1)]
    assert len(own(ingest)) == 1


def test_what_only_the_server_may_say_is_released_by_nothing(ingest, pen, released):
    ingest.take(pen.frame([pen.raw(events.PersonErased(PersonId("p-1"), "gone"))]))
    assert released(force=True) == [Outcome(0, (Reason.SERVER_ONLY,))]


def test_unknown_event_stays_until_a_newer_server_knows_it(ingest, pen, released):
    ingest.take(pen.frame([b"\x80"]))
    (outcome,) = released(force=True)
    assert (outcome.released, len(outcome.refused)) == (0, 1)


def test_what_no_device_proved_its_own_cannot_be_released(ingest, released):
    ingest.take(b"junk")
    with pytest.raises(NotReleased):
        released(force=True)


def test_person_record_goes_to_the_vault_and_its_content_never_into_the_log(ingest, pen, released, database):
    raw = pen.raw(registration("p-new"), simulated=True)
    ingest.take(pen.frame([raw]))
    assert released(force=True) == [Outcome(1)]
    with database.connect() as connection:
        assert vault.centre_of(connection, DISTRICT, PersonId("p-new")) is not None
    (row,) = [row for row in ingest.rows(tables.events) if row.origin == "server"]
    assert (row.type, row.raw) == ("quarantine_released", None)
    assert [row.frame for row in ingest.rows(tables.quarantine)] == [None]


def test_template_of_nobody_registered_is_released_once_she_is(ingest, pen, released, database):
    template = events.FaceTemplateRecord("mobilefacenet", b"\x01\x02")
    ingest.take(pen.frame([pen.raw(events.PersonRecord(person_id=PersonId("p-new"), template=template))]))
    assert released(force=True) == [Outcome(0, (Reason.UNKNOWN_PERSON,))]
    ingest.take(pen.frame([pen.raw(registration("p-new"))]))
    assert released() == [Outcome(1)]


def test_ration_without_roster_is_kept_apart_and_matched_as_ever(ingest, pen, released, database):
    with writing(database) as connection:
        vault.keep(connection, DISTRICT, registration("p-1", card="C-1"), 0)
    ration = events.RationWithoutRoster(day=date(2026, 11, 21), days_covered=25, card="C-1")
    nobody = {"worker_id": NOBODY, "proof": events.Proof.NONE}
    ingest.take(pen.frame([pen.raw(ration, ago=timedelta(days=500), **nobody)]))
    assert [row.person_id for row in ingest.rows(tables.quarantine)] == ["p-1"]
    assert released(force=True) == [Outcome(1)]
    (row,) = ingest.rows(tables.unmatched_rations)
    assert (row.origin, row.person_id, row.record) == ("server", "p-1", None)
    assert [type(event.body) for event in own(ingest)] == [events.RationCollected]


def test_frame_sealed_to_a_key_that_is_back_is_released_with_all_its_events(ingest, pen, released):
    lost = PrivateKeys.generate()
    raws = pen.attendance(3)
    ingest.take(pen.frame(raws, to=lost), *pen.frames(1))
    with pytest.raises(NotReleased, match="key"):
        released()
    assert released(keys=lost) == [Outcome(3)]
    assert released_raws(ingest) == raws
    assert released(keys=lost) == [Outcome(0)] * 4


def test_forked_frame_is_released_only_by_force_and_without_what_is_stored_already(ingest, pen, released):
    before, shared = pen.head, pen.attendance(1)
    ours, theirs = pen.attendance(2), pen.attendance(2)
    forked = pen.at(1, before, [*shared, *theirs])
    ingest.take(pen.frame([*shared, *ours]))
    ingest.take(forked)
    with pytest.raises(NotReleased, match="--force"):
        released()
    assert released(force=True) == [Outcome(2)]
    assert released_raws(ingest) == theirs


def test_event_in_two_forked_frames_is_released_once(ingest, pen, released):
    before, theirs = pen.head, pen.attendance(2)
    ingest.take(pen.frame(pen.attendance(2)))
    ingest.take(pen.at(1, before, theirs[:1]), pen.at(1, before, theirs))
    assert released(force=True) == [Outcome(1), Outcome(1)]
    assert released_raws(ingest) == theirs


def test_retired_devices_frame_is_released_only_by_force(ingest, pen, released, database):
    with writing(database) as connection:
        connection.execute(
            sa.update(tables.origins).where(tables.origins.c.origin == "kiosk-a").values(retired_ms=5)
        )
    ingest.take(*pen.frames(2))
    with pytest.raises(NotReleased, match="retired"):
        released()
    assert released(force=True) == [Outcome(2)]


def test_event_found_after_it_was_given_up_for_lost_is_released(ingest, pen, released):
    (found,) = pen.frames(2)
    ingest.take_gap(pen.gap(1, 2))
    ingest.take(found)
    assert released() == [Outcome(2)]
