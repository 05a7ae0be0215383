"""Rations handed out while nobody was logged in: kept apart, and matched to whoever her card says she is."""

from datetime import date

import pytest

from anganwadi import events
from anganwadi.ids import NOBODY, PersonId
from anganwadi.verification import Rung
from server.storage import tables, vault
from server.storage.engine import writing
from tests.unit.server.ingest_district import (
    CENTRE,
    DISTRICT,
    OTHER_CENTRE,
    registration,
)


def without_roster(card: str | None) -> events.RationWithoutRoster:
    return events.RationWithoutRoster(day=date(2026, 11, 21), days_covered=25, card=card)


def hand_out(ingest, pen, *cards: str | None) -> None:
    nobody = {"worker_id": NOBODY, "proof": events.Proof.NONE}
    ingest.take(pen.frame([pen.raw(without_roster(card), **nobody) for card in cards]))


def own_events(ingest) -> list[events.Event]:
    rows = [row for row in ingest.rows(tables.events) if row.origin == "server"]
    return [events.decode(row.raw) for row in rows]


def test_ration_without_roster_is_kept_apart_and_the_log_keeps_only_that_it_came(ingest, pen):
    hand_out(ingest, pen, "C-9")
    assert [(row.type, row.raw) for row in ingest.rows(tables.events)] == [("ration_without_roster", None)]
    (kept,) = ingest.rows(tables.unmatched_rations)
    assert (kept.origin, kept.sequence, kept.centre_id, kept.person_id) == ("kiosk-a", 1, CENTRE, None)
    assert b"C-9" in kept.record


def test_card_that_exactly_one_person_of_the_centre_has_is_matched_at_once(ingest, pen, database):
    with writing(database) as connection:
        vault.keep(connection, DISTRICT, registration("p-1", card="C-1"), 0)
    hand_out(ingest, pen, "c-1 ")
    (kept,) = ingest.rows(tables.unmatched_rations)
    assert (kept.record, kept.person_id, kept.matched_ms is None) == (None, "p-1", False)
    (own,) = own_events(ingest)
    assert isinstance(own.body, events.RationCollected)
    assert (own.body.person_id, own.body.rung, own.body.cycle) == ("p-1", Rung.CARD, "2026-11")
    assert (own.centre_id, own.worker_id, own.proof) == (CENTRE, NOBODY, events.Proof.NONE)
    assert round(own.at.timestamp() * 1000) == kept.at_ms


@pytest.mark.parametrize(("children", "matched"), [(1, "p-child-0"), (2, None), (0, "p-1")])
def test_card_of_a_guardian_is_for_the_one_child_to_whom_a_ration_is_owed(
    ingest, pen, database, children, matched
):
    with writing(database) as connection:
        vault.keep(connection, DISTRICT, registration("p-1", card="C-1"), 0)
        for n in range(children):
            child = registration(f"p-child-{n}", born=date(2025, 6, 1), guardian=PersonId("p-1"))
            vault.keep(connection, DISTRICT, child, 0)
    hand_out(ingest, pen, "C-1")
    assert [row.person_id for row in ingest.rows(tables.unmatched_rations)] == [matched]
    collected = [event.body for event in own_events(ingest) if isinstance(event.body, events.RationCollected)]
    assert [(body.person_id, body.collected_by) for body in collected] == (
        [] if matched is None else [(matched, "p-1")]
    )


@pytest.mark.parametrize("holders", [("p-1", "p-2"), ()])
def test_card_that_several_or_none_have_stays_unmatched(ingest, pen, database, holders):
    with writing(database) as connection:
        for person in holders:
            vault.keep(connection, DISTRICT, registration(person, card="C-1"), 0)
    hand_out(ingest, pen, "C-1", None)
    assert [row.person_id for row in ingest.rows(tables.unmatched_rations)] == [None, None]
    assert own_events(ingest) == []


def test_card_of_another_centres_person_is_not_matched(ingest, pen, database):
    with writing(database) as connection:
        vault.keep(connection, DISTRICT, registration("p-y", OTHER_CENTRE, card="C-1"), 0)
    hand_out(ingest, pen, "C-1")
    assert own_events(ingest) == []
