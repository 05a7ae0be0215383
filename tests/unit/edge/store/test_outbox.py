import sqlite3

import msgspec
import pytest

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire.receipt import Receipt, VerifiedReceipt
from edge.store.outbox import Outbox, OutboxFrame, ReceiptRejected, StoreError

GENESIS = bytes(32)


def after(sequence: int) -> bytes:
    return sequence.to_bytes(32, "big")


def single(sequence: int) -> OutboxFrame:
    return OutboxFrame(sequence, sequence, b"sealed %d" % sequence, after(sequence))


def batch(first: int, last: int) -> OutboxFrame:
    return OutboxFrame(first, last, b"batch", after(last))


def receipt(stored: int, safe: int = 0, generation: int = 1, head: bytes | None = None) -> VerifiedReceipt:
    chain_head = after(stored) if head is None else head
    return VerifiedReceipt(
        Receipt(DistrictId("namuna"), Origin("kiosk-a"), 1, generation, stored, safe, chain_head, 1)
    )


@pytest.fixture
def outbox(tmp_path):
    opened = Outbox(tmp_path / "outbox.db", GENESIS)
    yield opened
    opened.close()


def test_accepted_events_are_there_after_reopening_without_a_close(tmp_path, outbox):
    outbox.put([single(1), single(2)])
    again = Outbox(tmp_path / "outbox.db", GENESIS)
    assert again.state().recorded == 2
    assert [each.first_sequence for each in again.pending(10)] == [1, 2]


def test_singles_wait_for_their_batch_and_go_up_as_it(outbox):
    outbox.put([single(1), single(2), single(3)])
    assert outbox.pending(10) == []
    outbox.replace(batch(1, 2))
    assert outbox.pending(10) == [batch(1, 2)]


def test_nothing_is_forgotten_before_it_is_safe(outbox):
    outbox.put([single(1), single(2)])
    outbox.replace(batch(1, 2))
    assert outbox.apply(receipt(stored=2))
    assert outbox.pending(10) == []
    outbox.apply(receipt(stored=0, generation=2, head=GENESIS))
    assert outbox.pending(10) == [batch(1, 2)]


def test_what_is_safe_is_forgotten(outbox):
    outbox.put([single(1), single(2)])
    outbox.replace(batch(1, 2))
    outbox.apply(receipt(stored=2, safe=2))
    outbox.apply(receipt(stored=2, safe=2, generation=2))
    assert outbox.pending(10) == []
    assert outbox.state().safe_through == 2


@pytest.mark.parametrize(
    "bad",
    [
        receipt(stored=1, generation=0),
        receipt(stored=9),
        receipt(stored=1, safe=2),
        receipt(stored=1, head=b"x" * 32),
    ],
    ids=["older generation", "never recorded", "safe beyond stored", "another chain"],
)
def test_receipt_that_does_not_fit_deletes_nothing(bad, outbox):
    outbox.put([single(1), single(2)])
    outbox.replace(batch(1, 1))
    outbox.apply(receipt(stored=0, head=GENESIS))
    with pytest.raises(ReceiptRejected):
        outbox.apply(bad)
    assert outbox.pending(10) == [batch(1, 1)]
    assert outbox.state().stored_through == 0


def test_older_receipt_of_the_same_generation_takes_nothing_back(outbox):
    outbox.put([single(1), single(2)])
    outbox.replace(batch(1, 2))
    outbox.apply(receipt(stored=2))
    assert not outbox.apply(receipt(stored=0, head=GENESIS))
    assert outbox.state().stored_through == 2


def test_event_that_cannot_be_kept_is_not_accepted(tmp_path, outbox):
    outbox.put([single(1)])
    with sqlite3.connect(tmp_path / "outbox.db") as other:
        other.execute(
            "create trigger full before insert on frames begin select raise(abort, 'disk full'); end"
        )
    with pytest.raises(StoreError, match="free space"):
        outbox.put([single(2)])
    assert outbox.state().recorded == 1


def test_folder_that_cannot_be_written_says_what_to_do(tmp_path):
    (tmp_path / "state").write_text("a file stands where the folder should be")
    with pytest.raises(StoreError, match="free space or replace the card"):
        Outbox(tmp_path / "state" / "outbox.db", GENESIS)


def test_store_is_synchronous_so_that_saved_means_on_the_disk(outbox):
    assert outbox._db.execute("pragma synchronous").fetchone() == (2,)
    assert msgspec.structs.asdict(outbox.state())["recorded"] == 0
