"""The kiosk below its pages: log-ins that meet, work with nobody logged in, and what it says of itself."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from anganwadi import events
from anganwadi.events import CentreOpened, Meal, MealServed, RationCollected, RationWithoutRoster
from anganwadi.ids import PersonId
from anganwadi.verification import Rung
from anganwadi.wire.login import Notice
from edge.kiosk.session import CentreSession, KeyStanding, LoginRefused
from edge.store.centre import JournalRow
from edge.sync import roster


@pytest.fixture
def kiosk(stage):
    return stage.kiosk


def test_of_two_log_ins_at_once_one_session_lives_and_the_other_is_closed(kiosk):
    begin, sessions = threading.Barrier(2), []

    def log_in(post: str) -> None:
        begin.wait()
        sessions.append(kiosk.log_in(post, "2580"))

    threads = [threading.Thread(target=log_in, args=(post,)) for post in ("AWW", "AWH")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    alive: CentreSession = kiosk.session
    assert sorted(each.worker.post for each in sessions) == ["AWH", "AWW"]
    assert [each for each in sessions if each.people] == [alive]
    assert alive.record(CentreOpened(alive.today()))


def test_a_refused_log_in_leaves_whoever_is_logged_in(kiosk):
    session = kiosk.log_in("AWW", "2580")
    with pytest.raises(LoginRefused):
        kiosk.log_in("AWH", "0000")
    assert kiosk.session is session
    assert session.people


def test_what_is_recorded_with_nobody_logged_in_is_only_counted(kiosk):
    today = kiosk.today()
    accepted = kiosk.record_sealed(CentreOpened(today), MealServed(today, Meal.HOT_COOKED_MEAL, 20))
    assert [each.type for each in accepted] == ["centre_opened", "meal_served"]
    kiosk.record_sealed(RationWithoutRoster(day=today, days_covered=25, described="Sunita, by the well"))
    assert kiosk.state().state is KeyStanding.SEALED_ONLY
    assert kiosk.link().recorded == 3
    assert not kiosk.log_in("AWW", "2580").day().is_open


def test_sealed_events_between_two_of_a_session_leave_its_chain_whole(kiosk):
    session = kiosk.log_in("AWW", "2580")
    first = session.record(CentreOpened(session.today()))
    between = kiosk.record_sealed(MealServed(session.today(), Meal.MORNING_SNACK, 3))
    last = session.record(MealServed(session.today(), Meal.HOT_COOKED_MEAL, 20))
    assert [each.sequence for each in (*first, *between, *last)] == [1, 2, 3]


def test_the_state_says_who_is_in_and_that_nobody_can_without_the_server(kiosk):
    assert kiosk.state().offline_until is None
    kiosk.log_in("AWW", "2580")
    assert kiosk.state().state is KeyStanding.LOGGED_IN
    kiosk.log_out()
    assert kiosk.state().state is KeyStanding.SEALED_ONLY


def test_a_session_ends_with_its_lease(kiosk):
    session = kiosk.log_in("AWW", "2580")
    assert session.expires - datetime.now(UTC) > timedelta(hours=9)
    session.ends_at = 0.0
    assert kiosk.session is None
    assert not session.people


def test_what_is_wrong_is_told(kiosk):
    kiosk.health.note(Notice.DISK_FULL)
    assert Notice.DISK_FULL in kiosk.notices()


def test_an_event_that_a_crash_kept_from_being_accepted_does_not_come_back_under_anothers_number(kiosk):
    session = kiosk.log_in("AWW", "2580")
    today = session.today()
    lost = events.new_event(
        CentreOpened(today),
        centre_id=session.centre_id,
        worker_id=session.worker.worker_id,
        at=datetime.now(UTC),
        simulated=False,
    )
    session._store.append([JournalRow(1, today, None, events.encode(lost))])
    kiosk.log_out()  # in a crash nothing between journal and outbox happens either
    assert [each.sequence for each in kiosk.record_sealed(MealServed(today, Meal.HOT_COOKED_MEAL, 20))] == [1]
    assert not kiosk.log_in("AWW", "2580").day().is_open


def test_nobody_is_owed_a_ration_again_while_a_newer_roster_is_taken_in(kiosk, monkeypatch):
    session = kiosk.log_in("AWW", "2580")
    today, seen = session.today(), []
    session.record(
        RationCollected(
            day=today, person_id=PersonId("mother"), collected_by=PersonId("mother"), rung=Rung.ATTESTATION,
            services=("THR",), days_covered=25, cycle="2031-01",
        )
    )  # fmt: skip
    journal = session._store.journal
    asking = threading.Thread(target=lambda: seen.append(session.people[PersonId("mother")].cycles))

    def slowly():
        asking.start()
        asking.join(0.2)
        return journal()

    monkeypatch.setattr(session._store, "journal", slowly)
    monkeypatch.setattr(roster, "renew", lambda *_: True)
    session.reload()
    asking.join(10)
    assert seen == [("2031-01",)]
