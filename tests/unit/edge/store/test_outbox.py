import sqlite3

import pytest

from edge.store.outbox import Outbox, OutboxFrame, StoreError
from tests.unit.edge.store.small_kiosk import IDENTITY, SmallKiosk, arrived

GENESIS = bytes(32)


def after(sequence: int) -> bytes:
    return sequence.to_bytes(32, "big")


def single(sequence: int, **facts: int) -> OutboxFrame:
    return OutboxFrame(sequence, sequence, b"sealed %d" % sequence, after(sequence), **facts)


def batch(first: int, last: int, **facts: int) -> OutboxFrame:
    return OutboxFrame(first, last, b"batch", after(last), **facts)


@pytest.fixture
def outbox(tmp_path):
    opened = Outbox(tmp_path / "outbox.db", GENESIS)
    yield opened
    opened.close()


@pytest.fixture
def kiosk(tmp_path):
    opened = SmallKiosk(tmp_path / "kiosk")
    yield opened
    opened.close()


def test_accepted_events_are_there_after_reopening_without_a_close(tmp_path, kiosk):
    kiosk.record(2)
    again = SmallKiosk(kiosk.copy(tmp_path / "after"))
    assert again.outbox.state().recorded == 2
    assert arrived(again.outbox) == kiosk.accepted
    again.close()


def test_singles_wait_for_their_batch_and_go_up_as_it(outbox):
    outbox.put([single(1), single(2), single(3)])
    assert outbox.pending(10) == []
    outbox.replace(batch(1, 2))
    assert outbox.pending(10) == [batch(1, 2)]


def test_batch_keeps_when_its_oldest_event_was_recorded_and_which_key_it_is_sealed_to(kiosk):
    kiosk.record(3)
    oldest = kiosk.outbox.state().unreceipted_since_ms
    kiosk.record(1)
    (packed,) = kiosk.outbox.pending(10)
    assert (packed.last_sequence, packed.recorded_ms, packed.key_number) == (4, oldest, 1)
    assert kiosk.outbox.state().unreceipted_since_ms == oldest


def test_state_says_since_when_events_wait_for_the_server_and_for_its_backup(kiosk):
    state = kiosk.outbox.state()
    assert (state.unreceipted_since_ms, state.unsafe_since_ms, state.oldest_key) == (None, None, None)
    kiosk.record(8)
    first, second = kiosk.outbox.pending(2)
    kiosk.outbox.apply(kiosk.receipt(4))
    state = kiosk.outbox.state()
    assert (state.unreceipted_since_ms, state.unsafe_since_ms) == (second.recorded_ms, first.recorded_ms)
    kiosk.outbox.apply(kiosk.receipt(8, 8))
    state = kiosk.outbox.state()
    assert (state.unreceipted_since_ms, state.unsafe_since_ms, state.oldest_key) == (None, None, None)


def test_oldest_key_is_that_of_the_oldest_frame_still_kept(outbox):
    outbox.put([single(1, key_number=3), single(2, key_number=4)])
    assert outbox.state().oldest_key == 3


def test_newest_frames_come_newest_first(outbox):
    outbox.put([single(n) for n in range(1, 6)])
    outbox.release()
    assert [each.first_sequence for each in outbox.pending(2, newest_first=True)] == [5, 4]
    assert [each.first_sequence for each in outbox.pending(2)] == [1, 2]


def test_event_that_cannot_be_kept_is_not_accepted(tmp_path, outbox):
    outbox.put([single(1)])
    with sqlite3.connect(tmp_path / "outbox.db") as other:
        other.execute("create trigger full before insert on frames begin select raise(abort, 'no more'); end")
    with pytest.raises(StoreError, match="free space on the card"):
        outbox.put([single(2)])
    assert outbox.state().recorded == 1


def test_number_that_is_taken_is_never_given_again(outbox):
    outbox.put([single(1)])
    for sequence in (1, 3):
        with pytest.raises(StoreError, match="other events came first"):
            outbox.put([single(sequence)])
    assert outbox.state().recorded == 1


def test_folder_that_cannot_be_written_says_what_to_do(tmp_path):
    (tmp_path / "state").write_text("a file stands where the folder should be")
    with pytest.raises(StoreError, match="free space or replace the card"):
        Outbox(tmp_path / "state" / "outbox.db", GENESIS)


def test_outbox_of_another_enrolment_is_refused(tmp_path):
    Outbox(tmp_path / "outbox.db", GENESIS).close()
    with pytest.raises(StoreError, match="another kiosk or enrolment"):
        Outbox(tmp_path / "outbox.db", IDENTITY.genesis)


def test_store_is_synchronous_so_that_saved_means_on_the_disk(outbox):
    assert outbox._db.execute("pragma synchronous").fetchone() == (2,)
