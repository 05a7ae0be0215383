"""What a receipt may do to the outbox: only a genuine, fitting, newer one makes it forget."""

import time

import pytest

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire import receipt as wire
from anganwadi.wire.gap import GapReason
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.login import Notice
from anganwadi.wire.receipt import BadReceipt
from edge.store.outbox import ReceiptRejected
from tests.unit.edge.store.small_kiosk import IDENTITY, SERVER, SmallKiosk, arrived


@pytest.fixture
def kiosk(tmp_path):
    """Eight events in two frames of four."""
    opened = SmallKiosk(tmp_path / "kiosk")
    opened.record(8)
    yield opened
    opened.close()


def places(kiosk: SmallKiosk) -> list[int]:
    return [each.first_sequence for each in kiosk.outbox.pending(99)]


def kept(kiosk: SmallKiosk) -> int:
    return kiosk.outbox._db.execute("select count(*) from frames").fetchone()[0]


def verified(kiosk: SmallKiosk, signed: bytes) -> wire.VerifiedReceipt:
    return wire.verify(signed, IDENTITY.server, IDENTITY.district, IDENTITY.origin, IDENTITY.epoch)


def test_nothing_is_forgotten_before_it_is_safe(kiosk):
    assert kiosk.outbox.apply(kiosk.receipt(stored=4))
    assert (places(kiosk), kept(kiosk)) == ([5], 2)


def test_what_is_safe_is_forgotten(kiosk):
    assert kiosk.outbox.apply(kiosk.receipt(stored=8, safe=4))
    assert (places(kiosk), kept(kiosk)) == ([], 1)


def test_receipt_signed_by_another_server_deletes_nothing(kiosk):
    forged = wire.sign(kiosk.receipt(8, 8), PrivateKeys.generate())
    with pytest.raises(BadReceipt):
        verified(kiosk, forged)
    genuine = wire.sign(kiosk.receipt(8, 8), SERVER)
    with pytest.raises(BadReceipt):
        verified(kiosk, genuine[:20] + bytes((genuine[20] ^ 1,)) + genuine[21:])
    assert kept(kiosk) == 2


@pytest.mark.parametrize(
    "other",
    [{"origin": Origin("kiosk-b")}, {"epoch": 2}, {"district": DistrictId("other")}],
    ids=["another kiosk", "another epoch", "another district"],
)
def test_receipt_for_another_deletes_nothing(kiosk, other):
    with pytest.raises(BadReceipt, match="another device or epoch"):
        verified(kiosk, wire.sign(kiosk.receipt(8, 8, **other), SERVER))
    assert kept(kiosk) == 2


def test_receipt_of_before_the_server_was_restored_deletes_nothing(kiosk):
    old = kiosk.receipt(stored=8, safe=8)
    kiosk.outbox.apply(kiosk.receipt(stored=4, generation=2))
    with pytest.raises(ReceiptRejected, match="before the server was restored"):
        kiosk.outbox.apply(old)
    assert (places(kiosk), kept(kiosk)) == ([5], 2)
    assert kiosk.health.notices() == ()


def test_replayed_receipt_takes_nothing_back_and_deletes_nothing(kiosk):
    first = kiosk.receipt(stored=0)
    second = kiosk.receipt(stored=4, held=((5, 8),))
    kiosk.outbox.apply(first)
    kiosk.outbox.apply(second)
    kiosk.outbox.apply(kiosk.receipt(stored=8))
    assert not kiosk.outbox.apply(first)
    assert not kiosk.outbox.apply(second)
    assert (kiosk.outbox.state().stored_through, kept(kiosk)) == (8, 2)


def test_receipt_that_calls_safe_what_is_not_stored_deletes_nothing(kiosk):
    with pytest.raises(ReceiptRejected):
        kiosk.outbox.apply(kiosk.receipt(stored=4, safe=8))
    assert kept(kiosk) == 2


@pytest.mark.parametrize(
    ("stored", "head"),
    [(8, b"x" * 32), (4, b"x" * 32), (0, b"x" * 32), (6, b"x" * 32), (9, b"x" * 32)],
    ids=["another head", "another older chain", "another beginning", "within a frame", "never recorded"],
)
def test_receipt_for_another_chain_deletes_nothing_and_is_told_as_a_fork(kiosk, stored, head):
    with pytest.raises(ReceiptRejected):
        kiosk.outbox.apply(kiosk.receipt(stored, stored, chain_head=head))
    assert (places(kiosk), kept(kiosk)) == ([1, 5], 2)
    assert kiosk.health.notices() == (Notice.FORKED,)


def test_card_that_was_copied_is_noticed_and_goes_on_sending(tmp_path, kiosk):
    copy = SmallKiosk(kiosk.copy(tmp_path / "copy"))
    kiosk.record(4)
    copy.record(4)
    told = kiosk.receipt(stored=12, safe=12)
    with pytest.raises(ReceiptRejected, match="may be a copy"):
        copy.outbox.apply(told)
    assert copy.health.notices() == (Notice.FORKED,)
    assert places(copy) == [1, 5, 9]
    assert kiosk.outbox.apply(told)
    assert kiosk.health.notices() == ()
    copy.close()


def test_card_set_back_to_an_old_image_is_noticed(tmp_path, kiosk):
    old = SmallKiosk(kiosk.copy(tmp_path / "image"))
    kiosk.record(4)
    with pytest.raises(ReceiptRejected, match="never recorded"):
        old.outbox.apply(kiosk.receipt(stored=12))
    old.record(8)
    with pytest.raises(ReceiptRejected, match="may be a copy"):
        old.outbox.apply(kiosk.receipt(stored=12))
    assert old.health.notices() == (Notice.FORKED,)
    assert kept(old) == 4
    old.close()


def test_restored_server_gets_again_what_it_lost(kiosk):
    kiosk.outbox.apply(kiosk.receipt(stored=8, safe=0))
    kiosk.outbox.apply(kiosk.receipt(stored=4, generation=2))
    assert places(kiosk) == [5]
    assert kiosk.outbox.gap() is None


def test_what_a_server_called_safe_and_lost_nevertheless_becomes_a_gap(kiosk):
    head = kiosk.head(4)
    kiosk.outbox.apply(kiosk.receipt(stored=8, safe=4))
    kiosk.outbox.apply(kiosk.receipt(stored=1, generation=2, chain_head=b"y" * 32))
    lost = kiosk.outbox.gap()
    assert lost is not None
    assert (lost.first, lost.last, lost.chain_after, lost.reason) == (2, 4, head, GapReason.FORGOTTEN)
    assert places(kiosk) == [5]
    assert kiosk.health.notices() == (Notice.EVENTS_LOST,)
    kiosk.outbox.apply(kiosk.receipt(stored=0, generation=3))
    lost = kiosk.outbox.gap()
    assert lost is not None
    assert (lost.first, lost.last, lost.chain_after) == (1, 4, head)
    kiosk.outbox.apply(kiosk.receipt(stored=4, generation=3))
    assert kiosk.outbox.gap() is None
    assert kiosk.health.notices() == ()


def test_held_frames_are_not_sent_again_but_kept(kiosk):
    assert kiosk.outbox.apply(kiosk.receipt(stored=0, held=((5, 8),)))
    assert (places(kiosk), kept(kiosk)) == ([1], 2)
    assert not kiosk.outbox.apply(kiosk.receipt(stored=0, held=((5, 8),)))


def test_frame_held_in_part_is_sent(kiosk):
    kiosk.outbox.apply(kiosk.receipt(stored=0, held=((5, 7),)))
    assert places(kiosk) == [1, 5]


def test_what_was_held_is_sent_again_to_a_restored_server(kiosk):
    kiosk.outbox.apply(kiosk.receipt(stored=0, held=((5, 8),)))
    kiosk.outbox.apply(kiosk.receipt(stored=0, generation=2))
    assert places(kiosk) == [1, 5]


def test_receipt_overtaken_by_a_newer_one_says_nothing_of_what_is_held(kiosk):
    older = kiosk.receipt(stored=0, server_ms=1)
    kiosk.outbox.apply(kiosk.receipt(stored=0, held=((5, 8),)))
    assert not kiosk.outbox.apply(older)
    assert places(kiosk) == [1]


def test_safe_events_can_be_receipted_again_by_a_restored_server(kiosk):
    kiosk.outbox.apply(kiosk.receipt(stored=8, safe=8))
    kiosk.outbox.apply(kiosk.receipt(stored=8, safe=8, generation=2))
    assert (places(kiosk), kiosk.outbox.state().safe_through) == ([], 8)


def test_signed_time_is_kept_over_a_restart_without_a_write_for_every_receipt(tmp_path, kiosk):
    now = time.time_ns() // 1_000_000
    kiosk.outbox.apply(kiosk.receipt(stored=8, server_ms=now))
    kiosk.outbox.apply(kiosk.receipt(stored=8, server_ms=now + 60_000))
    assert kiosk.outbox.state().server_ms == now
    kiosk.outbox.apply(kiosk.receipt(stored=8, server_ms=now + 700_000))
    again = SmallKiosk(kiosk.copy(tmp_path / "after"))
    assert again.outbox.state().server_ms == now + 700_000
    again.close()


def test_receipts_in_between_lose_nothing(kiosk):
    kiosk.outbox.apply(kiosk.receipt(stored=4, safe=0))
    kiosk.record(4)
    kiosk.outbox.apply(kiosk.receipt(stored=0, generation=2))
    assert arrived(kiosk.outbox) == kiosk.accepted
