"""The demo's count: every way in which an event can be missing, doubled or other than accepted is seen."""

import sqlite3
from pathlib import Path

import pytest

from provisioning.demo.ledger import Counts, Ledger, ServerCounts, parse_accepted

ORIGIN = "kiosk-a"


class FakeOutbox:
    """The two tables of the kiosk's outbox file that the ledger looks at."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path)
        self._db.execute("create table frames (first_sequence, last_sequence)")
        self._db.execute("create table origin_state (stored_through, safe_through)")
        self._db.execute("insert into origin_state values (0, 0)")
        self._db.commit()

    def seal(self, first: int, last: int) -> None:
        self._db.execute("insert into frames values (?, ?)", [first, last])
        self._db.commit()

    def receipt(self, stored: int, safe: int) -> None:
        self._db.execute("update origin_state set stored_through = ?, safe_through = ?", [stored, safe])
        self._db.execute("delete from frames where last_sequence <= ?", [safe])
        self._db.commit()


@pytest.fixture
def outbox(tmp_path: Path) -> FakeOutbox:
    return FakeOutbox(tmp_path / "outbox.db")


@pytest.fixture
def ledger(outbox: FakeOutbox) -> Ledger:
    """Three events accepted: centre_opened, then two of attendance, all sealed and receipted."""
    outbox.seal(1, 1)
    ledger = Ledger(outbox.path)
    ledger.note("centre_opened=1")
    outbox.seal(2, 3)
    ledger.note("attendance=2")
    outbox.receipt(3, 0)
    return ledger


def on_server(*rows: tuple[int, str]) -> ServerCounts:
    return ServerCounts(types={}, sequences={ORIGIN: list(rows)})


GOOD = ((1, "centre_opened"), (2, "attendance"), (3, "attendance"))


def test_the_header_is_read_in_order() -> None:
    assert parse_accepted("attendance=2,meal_served=1") == ["attendance", "attendance", "meal_served"]
    assert parse_accepted(None) == []


def test_a_log_that_holds_what_was_accepted_has_no_differences(ledger: Ledger) -> None:
    assert ledger.differences(ORIGIN, on_server(*GOOD)) == []


def test_counts_are_per_type(ledger: Ledger) -> None:
    assert ledger.counts(ORIGIN, on_server(*GOOD)) == [
        Counts("attendance", 2, 2, 2, 2),
        Counts("centre_opened", 1, 1, 1, 1),
    ]


def test_an_event_that_did_not_arrive_is_seen(ledger: Ledger) -> None:
    assert ledger.differences(ORIGIN, on_server(*GOOD[:2])) == ["event 3 (attendance) is not on the server"]


def test_an_event_that_arrived_twice_is_seen(ledger: Ledger) -> None:
    assert ledger.differences(ORIGIN, on_server(*GOOD, GOOD[2])) == ["event 3 is on the server 2 times"]


def test_an_event_that_arrived_as_another_is_seen(ledger: Ledger) -> None:
    found = ledger.differences(ORIGIN, on_server(*GOOD[:2], (3, "weighed")))
    assert found == ["event 3 is weighed on the server, accepted as attendance"]


def test_an_event_nobody_accepted_is_seen(ledger: Ledger) -> None:
    found = ledger.differences(ORIGIN, on_server(*GOOD, (4, "weighed")))
    assert found == ["event 4 is weighed on the server, accepted as nothing"]


def test_an_event_accepted_but_not_on_the_disk_is_seen(ledger: Ledger) -> None:
    ledger.note("meal_served=1")
    found = ledger.differences(ORIGIN, on_server(*GOOD, (4, "meal_served")))
    assert found == ["event 4 (meal_served) is not sealed", "receipts reach 3 of 4"]


def test_events_already_safe_and_forgotten_count_as_sealed(outbox: FakeOutbox) -> None:
    outbox.receipt(2, 2)
    ledger = Ledger(outbox.path)
    ledger.note("attendance=2")
    assert ledger.differences(ORIGIN, on_server((1, "attendance"), (2, "attendance"))) == []
