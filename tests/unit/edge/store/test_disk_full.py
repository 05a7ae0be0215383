"""A full card: the worker is told that nothing was saved, nothing is half saved, and it empties by receipts."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from anganwadi.wire.login import Notice
from edge.store.centre import CentreStore, JournalRow
from edge.store.outbox import StoreError
from edge.store.reserve import RESERVE_BYTES
from tests.unit.edge.store.small_kiosk import DAY, SmallKiosk, arrived

CARD_BYTES = 4 << 20


class SmallCard:
    """A file system of 4 MB in RAM. Mounting it takes root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    @staticmethod
    def mount(folder: Path) -> bool:
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={CARD_BYTES}", "tmpfs", str(folder)]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    def fill(self, kiosk: SmallKiosk | None = None) -> None:
        del kiosk
        with self._filler.open("ab", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass

    def free(self, kiosk: SmallKiosk | None = None) -> None:
        del kiosk
        self._filler.unlink()


class FullFile:
    """Where nothing may be mounted: the store's file must not grow."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder

    def unmount(self) -> None:
        pass

    def fill(self, kiosk: SmallKiosk) -> None:
        kiosk.outbox._db.execute("pragma max_page_count = 1")

    def free(self, kiosk: SmallKiosk) -> None:
        kiosk.outbox._db.execute("pragma max_page_count = 1000000")


@pytest.fixture
def card(tmp_path) -> Iterator[SmallCard | FullFile]:
    folder = tmp_path / "card"
    card = SmallCard(folder) if SmallCard.mount(folder) else FullFile(folder)
    yield card
    card.unmount()


@pytest.fixture
def kiosk(card) -> Iterator[SmallKiosk]:
    opened = SmallKiosk(card.folder)
    opened.record(8)
    yield opened
    opened.close()


def record_until_full(kiosk: SmallKiosk) -> None:
    """Record until nothing is saved any more."""
    with pytest.raises(StoreError, match="card is full") as refused:
        kiosk.record(10_000)
    assert refused.value.full


def test_what_a_full_card_does_not_take_is_not_accepted_and_the_worker_is_told(kiosk, card):
    card.fill(kiosk)
    record_until_full(kiosk)
    before = kiosk.outbox.state()
    with pytest.raises(StoreError):
        kiosk.record()
    assert kiosk.outbox.state() == before
    assert before.recorded == len(kiosk.accepted)
    assert kiosk.health.notices() == (Notice.DISK_FULL,)


def test_recording_goes_on_where_it_stopped_once_there_is_room(kiosk, card):
    card.fill(kiosk)
    record_until_full(kiosk)
    card.free(kiosk)
    kiosk.record(6)
    assert kiosk.health.notices() == ()
    kiosk.recorder.let_go()
    assert list(kiosk.accepted) == list(range(1, len(kiosk.accepted) + 1))
    assert arrived(kiosk.outbox) == kiosk.accepted


def test_power_cut_on_a_full_card_loses_nothing_that_was_accepted(tmp_path, kiosk, card):
    card.fill(kiosk)
    record_until_full(kiosk)
    after = SmallKiosk(kiosk.copy(tmp_path / "after"))
    assert arrived(after.outbox) == kiosk.accepted
    assert after.health.notices() == ()
    after.close()


def test_receipts_empty_a_full_card(kiosk, card):
    card.fill(kiosk)
    record_until_full(kiosk)
    kiosk.recorder.let_go()
    last = kiosk.outbox.pending(9999)[-1].last_sequence
    assert kiosk.outbox.apply(kiosk.receipt(last, last))
    assert kiosk.outbox._db.execute("select count(*) from frames").fetchone() == (0,)
    assert len(kiosk.record(20)) == 20
    assert kiosk.health.notices() == ()


def test_store_opens_on_a_full_card(tmp_path, card):
    kiosk = SmallKiosk(card.folder)
    kiosk.record(7)
    accepted = kiosk.accepted
    card.fill(kiosk)
    kiosk.close()
    again = SmallKiosk(card.folder)
    assert arrived(again.outbox) == accepted
    again.close()


def test_reserve_is_given_up_for_receipts_and_made_again_when_there_is_room(tmp_path):
    kiosk = SmallKiosk(tmp_path)
    reserve = tmp_path / "outbox.reserve"
    assert reserve.stat().st_blocks * 512 >= RESERVE_BYTES
    assert kiosk.outbox._file.reserve.give_up()
    assert not reserve.exists()
    kiosk.record()
    assert reserve.stat().st_size == RESERVE_BYTES
    kiosk.close()


def test_card_with_little_room_is_for_recording_before_the_reserve(tmp_path, monkeypatch):
    kiosk = SmallKiosk(tmp_path)
    kiosk.outbox._file.reserve.give_up()
    nearly_full = os.statvfs_result((4096, 4096, 1000, 300, 300, 0, 0, 0, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _: nearly_full)
    kiosk.record()
    assert not (tmp_path / "outbox.reserve").exists()
    kiosk.close()


def test_full_card_keeps_the_centres_data_as_it_was(tmp_path):
    store = CentreStore(tmp_path / "centre.db", b"k" * 32)
    store.append([JournalRow(1, DAY, None, b"\xc0")])
    store._db.execute("pragma max_page_count = 1")
    with pytest.raises(StoreError, match="card is full") as raised:
        store.append([JournalRow(n, DAY, None, bytes(4096)) for n in range(2, 9)])
    assert raised.value.full
    assert store._db.execute("select count(*) from journal").fetchone() == (1,)
    store.close()
