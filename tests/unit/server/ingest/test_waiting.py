"""Frames ahead of a gap: kept, told in the receipt, and stored in order once the gap is closed."""

from itertools import pairwise

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anganwadi.wire import chain
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.receipt import MAX_HELD
from server.ingest import placing
from server.storage import origins, tables, waiting
from server.storage.engine import writing
from server.storage.log import QUARANTINED
from server.storage.waiting import Waiting
from tests.unit.server.ingest_district import DISTRICT, KIOSK, Ingest, Pen


def test_frame_ahead_of_a_gap_waits_is_acknowledged_and_told_in_the_receipt(ingest, pen):
    first, second, third = pen.frames(2, 3, 4)
    receipted = ingest.take(third)
    assert (receipted.stored_through, receipted.held) == (0, ((6, 9),))
    assert ingest.acknowledged == 1
    receipted = ingest.take(second)
    assert receipted.held == ((3, 9),)
    assert ingest.counts() == {}
    receipted = ingest.take(first)
    assert (receipted.stored_through, receipted.held, receipted.chain_head) == (9, (), pen.head)
    assert [sequence for sequence, _ in ingest.sequences()] == list(range(1, 10))
    assert ingest.rows(tables.waiting) == []


def test_frame_that_waits_and_comes_again_waits_once(ingest, pen):
    _, second = pen.frames(1, 1)
    ingest.take(second)
    assert ingest.take(second, second).held == ((2, 2),)
    assert len(ingest.rows(tables.waiting)) == 1


def test_batch_waits_in_the_stead_of_the_single_it_replaces_and_not_the_other_way_round(ingest, pen):
    (first,) = pen.frames(1)
    before, raws = pen.head, pen.attendance(3)
    single, batch = pen.at(2, before, raws[:1]), pen.frame(raws)
    assert ingest.take(single).held == ((2, 2),)
    assert ingest.take(batch).held == ((2, 4),)
    assert ingest.take(single).held == ((2, 4),)
    assert ingest.through(first) == 4
    assert ingest.counts() == {"attendance": 4}


def test_two_different_frames_for_the_same_waiting_place_are_a_fork(ingest, pen):
    pen.frames(1)
    before = pen.head
    (second,) = pen.frames(1)
    forked = pen.at(2, before, pen.attendance(1))
    ingest.take(second)
    assert ingest.take(forked).held == ((2, 2),)
    (kept,) = ingest.rows(tables.quarantine)
    assert (kept.alarm, kept.frame) == (True, forked)


def test_waiting_frame_that_does_not_fit_when_its_turn_comes_is_a_fork_and_the_chain_goes_on(ingest, pen):
    (first,) = pen.frames(1)
    stranger = pen.at(2, chain.event_hash(b"another past"), pen.attendance(2))
    ingest.take(stranger)
    assert ingest.through(first) == 1
    assert [row.alarm for row in ingest.rows(tables.quarantine)] == [True]
    assert ingest.rows(tables.waiting) == []
    assert ingest.through(*pen.frames(1)) == 2


def test_waiting_frames_overtaken_are_compared_and_deleted(ingest, pen):
    before, raws = pen.head, pen.attendance(4)
    second = pen.at(2, chain.extend(before, [chain.event_hash(raws[0])]), raws[1:3])
    ingest.take(second)
    assert ingest.through(pen.frame(raws)) == 4
    assert (ingest.rows(tables.waiting), ingest.reasons()) == ([], [])
    assert ingest.counts() == {"attendance": 4}


def test_waiting_frame_that_nobody_can_open_when_its_turn_comes_gives_up_its_place(ingest, pen, server_keys):
    first, second = pen.frames(1, 1)
    third = pen.frames(1)[0]
    ingest.take(second, third)
    later = Ingest(ingest.engine, PrivateKeys(server_keys.sign, PrivateKeys.generate().open))
    pen._server = later.keys
    assert later.through(first) == 0
    assert later.through(*pen.frames(1)) == 4
    assert [kind for _, kind in later.sequences()] == [QUARANTINED] * 3 + ["attendance"]
    assert later.rows(tables.waiting) == []


def test_what_waits_of_one_device_is_bounded_in_number(ingest, pen, monkeypatch):
    monkeypatch.setattr(waiting, "MAX_FRAMES", 3)
    frames = pen.frames(*[1] * 6)
    receipted = ingest.take(*frames[1:])
    assert receipted.held == ((2, 4),)
    assert ingest.acknowledged == 5
    assert ingest.through(frames[0]) == 4
    assert ingest.through(*frames[4:]) == 6


def test_what_waits_of_one_device_is_bounded_in_bytes(ingest, pen, monkeypatch):
    frames = pen.frames(*[1] * 4)
    monkeypatch.setattr(waiting, "MAX_BYTES", 2 * len(frames[1]) + 50)
    assert ingest.take(*frames[1:]).held == ((2, 3),)


def test_long_backlog_takes_its_places_in_several_transactions(ingest, pen, monkeypatch):
    monkeypatch.setattr(placing, "MOST_DRAINED", 2)
    frames = pen.frames(*[1] * 8)
    ingest.take(*frames[1:])
    assert ingest.through(frames[0]) == 8
    assert len(ingest.published) == 4


def test_backlog_that_a_crash_left_half_way_takes_its_places_at_the_next_start(ingest, pen, monkeypatch):
    frames = pen.frames(*[1] * 5)
    ingest.take(*frames[1:])
    monkeypatch.setattr(ingest.worker, "_finish", lambda: None)
    monkeypatch.setattr(placing, "MOST_DRAINED", 1)
    assert ingest.through(frames[0]) == 2
    again = Ingest(ingest.engine, ingest.keys)
    again.worker.start()
    again.worker.stop()
    assert [sequence for sequence, _ in again.sequences()] == [1, 2, 3, 4, 5]


def test_receipt_that_answers_a_status_tells_what_waits_as_well(ingest, pen, database):
    _, second = pen.frames(1, 1)
    ingest.take(second)
    ingest.published.clear()
    with database.connect() as connection:
        state = origins.find(connection, DISTRICT, KIOSK, 1)
    ingest.worker.receipt(state, 1)
    assert ingest.last_receipt().held == ((2, 2),)


def test_nothing_that_waits_of_a_retired_device_is_stored(ingest, pen, database):
    first, second = pen.frames(1, 1)
    ingest.take(second)
    with writing(database) as connection:
        connection.execute(sa.update(tables.origins).values(retired_ms=1))
    ingest.take(first)
    assert ingest.counts() == {}


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 9)), max_size=30), st.integers(0, 40))
def test_ranges_told_are_merged_apart_and_all_that_waits(places, stored):
    frames = [Waiting(first, first + more, 1) for first, more in places]
    held = waiting.held(frames, stored)
    assert all(end + 1 < start for (_, end), (start, _) in pairwise(held))
    told = {n for first, last in held for n in range(first, last + 1)}
    assert told == {n for each in frames for n in range(each.first, each.last + 1) if n > stored}


def test_no_more_ranges_are_told_than_a_receipt_holds():
    frames = [Waiting(3 * n, 3 * n, 1) for n in range(1, 200)]
    held = waiting.held(frames, 0)
    assert (len(held), held[0]) == (MAX_HELD, (3, 3))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_frames_in_whatever_order_and_grouping_are_stored_once_and_in_order(
    data, fresh_ingest, server_keys, device_keys
):
    ingest, pen = fresh_ingest(), Pen(server_keys, device_keys)
    counts = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=8))
    frames = pen.frames(*counts)
    order = data.draw(st.permutations([*frames, *data.draw(st.lists(st.sampled_from(frames), max_size=4))]))
    while order:
        size = data.draw(st.integers(1, len(order)))
        ingest.take(*order[:size])
        order = order[size:]
    total = sum(counts)
    assert ingest.sequences() == [(n, "attendance") for n in range(1, total + 1)]
    assert (ingest.last_receipt().stored_through, ingest.last_receipt().chain_head) == (total, pen.head)
    assert (ingest.rows(tables.waiting), ingest.reasons()) == ([], [])
