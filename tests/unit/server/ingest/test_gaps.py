"""What a kiosk says it lost: its places are closed, and the chain goes on behind them."""

from anganwadi.wire import chain
from anganwadi.wire.keys import PrivateKeys
from server.ingest.reasons import Reason
from server.storage import gaps, tables
from server.storage.log import LOST, NO_HASH, QUARANTINED
from tests.unit.server.ingest_district import Pen


def test_reported_gap_is_closed_and_the_chain_goes_on_behind_it(ingest, pen):
    first, _, third = pen.frames(2, 3, 1)
    ingest.take(first)
    receipted = ingest.take_gap(pen.gap(3, 5, after := head_before(pen, third)))
    assert (receipted.stored_through, receipted.chain_head) == (5, after)
    assert ingest.through(third) == 6
    assert [kind for _, kind in ingest.sequences()] == ["attendance"] * 2 + [LOST] * 3 + ["attendance"]
    (kept,) = ingest.rows(tables.gaps)
    assert (kept.first_sequence, kept.last_sequence, kept.reason) == (3, 5, "damaged")
    lost = [row for row in ingest.rows(tables.events) if row.type == LOST]
    assert {(row.raw, row.event_hash) for row in lost} == {(None, NO_HASH)}


def head_before(pen, payload: bytes) -> bytes:
    from anganwadi.wire import frame

    return frame.parse(payload).header.chain_before


def test_gap_told_twice_or_of_what_is_stored_is_only_receipted(ingest, pen):
    ingest.take(*pen.frames(2, 3))
    assert ingest.take_gap(pen.gap(3, 5)).stored_through == 5
    assert ingest.rows(tables.gaps) == []
    pen.frames(2)
    letter = pen.gap(6, 7)
    ingest.take_gap(letter)
    assert ingest.take_gap(letter).stored_through == 7
    assert len(ingest.rows(tables.gaps)) == 1


def test_gap_over_a_part_that_is_stored_closes_the_rest(ingest, pen):
    first, _ = pen.frames(3, 2)
    ingest.take(first)
    assert ingest.take_gap(pen.gap(2, 5)).stored_through == 5
    assert ingest.counts() == {"attendance": 3, LOST: 2}
    assert [row.first_sequence for row in ingest.rows(tables.gaps)] == [4]


def test_gap_ahead_of_what_is_stored_is_answered_and_told_again_later(ingest, pen):
    first, _ = pen.frames(2, 2)
    letter = pen.gap(3, 4)
    assert ingest.take_gap(letter).stored_through == 0
    assert ingest.counts() == {}
    ingest.take(first)
    assert ingest.take_gap(letter).stored_through == 4


def test_what_waits_behind_a_gap_takes_its_place_with_it(ingest, pen):
    _, second = pen.frames(2, 2)
    ingest.take(second)
    receipted = ingest.take_gap(pen.gap(1, 2, head_before(pen, second)))
    assert (receipted.stored_through, receipted.chain_head) == (4, pen.head)
    assert [kind for _, kind in ingest.sequences()] == [LOST] * 2 + ["attendance"] * 2


def test_what_waits_within_a_gap_is_not_lost(ingest, pen):
    frames = pen.frames(2, 2, 2)
    ingest.take(frames[1])
    receipted = ingest.take_gap(pen.gap(1, 6))
    assert (receipted.stored_through, receipted.chain_head) == (6, pen.head)
    assert [kind for _, kind in ingest.sequences()] == [LOST] * 2 + ["attendance"] * 2 + [LOST] * 2
    assert ingest.rows(tables.waiting) == []


def test_gap_gives_up_the_place_of_a_frame_before_it_that_nobody_can_open(ingest, pen):
    unopened = pen.frame(pen.attendance(2), to=PrivateKeys.generate())
    pen.frames(1)
    ingest.take(unopened)
    assert ingest.take_gap(pen.gap(3, 3)).stored_through == 3
    assert [kind for _, kind in ingest.sequences()] == [QUARANTINED] * 2 + [LOST]
    assert ingest.through(*pen.frames(1)) == 4


def test_event_that_turns_up_after_its_place_was_given_up_is_kept_and_is_no_fork(ingest, pen):
    (found,) = pen.frames(2)
    ingest.take_gap(pen.gap(1, 2))
    assert ingest.through(found) == 2
    (kept,) = ingest.rows(tables.quarantine)
    assert (kept.frame, kept.reason, kept.alarm) == (found, Reason.LATE, False)


def test_what_comes_behind_a_late_event_in_the_same_frame_is_stored(ingest, pen):
    before, raws = pen.head, pen.attendance(3)
    pen.frame(raws[:2])
    ingest.take_gap(pen.gap(1, 2))
    assert ingest.through(pen.at(1, before, raws)) == 3
    assert ingest.counts() == {LOST: 2, "attendance": 1}
    assert ingest.reasons() == [Reason.LATE]


def test_more_lost_than_a_device_may_lose_is_quarantined_with_an_alarm(ingest, pen, monkeypatch):
    monkeypatch.setattr(gaps, "MOST_LOST", 10)
    assert ingest.take_gap(pen.gap(1, 8)).stored_through == 8
    assert ingest.take_gap(pen.gap(9, 11)).stored_through == 8
    (kept,) = ingest.rows(tables.quarantine)
    assert (kept.reason, kept.alarm) == (Reason.TOO_MUCH_LOST, True)


def test_gap_of_another_epoch_is_quarantined(ingest, pen):
    assert ingest.take_gap(pen.gap(1, 2, epoch=2)).stored_through == 0
    assert ingest.reasons() == [Reason.OTHER_EPOCH]


def test_gap_that_another_device_signed_closes_nothing(ingest, server_keys):
    forger = Pen(server_keys, PrivateKeys.generate())
    assert ingest.take_gap(forger.gap(1, 2, chain.event_hash(b"anything"))) is None
    assert ingest.counts() == {}
    assert [row.frame for row in ingest.rows(tables.quarantine)] == [None]


def test_gap_told_between_frames_of_one_group_is_dealt_with_in_its_turn(ingest, pen):
    first, _, third = pen.frames(1, 1, 1)
    letter = pen.gap(2, 2, head_before(pen, third))
    ingest.worker.store([ingest.inbound(first), ingest.inbound(letter, Pen.gap_topic), ingest.inbound(third)])
    assert ingest.last_receipt().stored_through == 3
    assert [kind for _, kind in ingest.sequences()] == ["attendance", LOST, "attendance"]


def test_gap_before_what_waits_and_is_due_is_told_again_later(ingest, pen, monkeypatch):
    unopened = pen.frame(pen.attendance(2), to=PrivateKeys.generate())
    behind, _ = pen.frames(2, 1)
    monkeypatch.setattr("server.ingest.placing.MOST_DRAINED", 0)
    ingest.take(behind)
    letter = pen.gap(3, 5)
    with monkeypatch.context() as crash:
        crash.setattr(ingest.worker, "_finish", lambda: None)
        ingest.take(unopened)
        assert ingest.take_gap(letter).stored_through == 0
    monkeypatch.setattr("server.ingest.placing.MOST_DRAINED", 200)
    assert ingest.take_gap(letter).stored_through == 4
    assert ingest.take_gap(letter).stored_through == 5
    assert [kind for _, kind in ingest.sequences()] == [QUARANTINED] * 2 + ["attendance"] * 2 + [LOST]
    assert not any(row.alarm for row in ingest.rows(tables.quarantine))
