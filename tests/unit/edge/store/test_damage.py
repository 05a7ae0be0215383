"""A damaged card: the file is kept aside, everything readable goes up, what is lost is told as a gap."""

import sqlite3
from pathlib import Path

import pytest

from anganwadi.wire import frame
from anganwadi.wire.gap import GapReason
from anganwadi.wire.login import Notice
from edge.store.outbox import StoreError
from tests.unit.edge.store.small_kiosk import SmallKiosk, arrived

PAGE = 4096


@pytest.fixture
def kiosk(tmp_path):
    """Forty events, all in the file and none in its log."""
    opened = SmallKiosk(tmp_path / "kiosk", batch_events=1)
    opened.record(40)
    settle(opened)
    yield opened
    opened.close()


def settle(kiosk: SmallKiosk) -> None:
    kiosk.outbox._db.execute("pragma wal_checkpoint(truncate)").fetchall()


def frame_pages(file: Path) -> list[int]:
    content = file.read_bytes()
    return [
        at
        for at in range(0, len(content), PAGE)
        if content[at] == 0x0D and b"AGN\1" in content[at : at + PAGE]
    ]


def garble(file: Path, at: int, length: int = PAGE) -> None:
    with file.open("r+b") as content:
        content.seek(at)
        content.write(b"\xa5" * length)


def reopened(kiosk: SmallKiosk, tmp_path: Path, spoil) -> SmallKiosk:
    """The kiosk after a power cut, with its card spoilt by then."""
    folder = kiosk.copy(tmp_path / "after")
    spoil(folder / "outbox.db")
    return SmallKiosk(folder, batch_events=1)


def lost_of(kiosk: SmallKiosk) -> list[tuple[int, int]]:
    return kiosk.outbox._db.execute("select first, last from gaps order by first").fetchall()


def check_nothing_is_missing_untold(after: SmallKiosk, accepted: dict[int, str]) -> None:
    """What arrived and what is told lost make up what was accepted; numbers go on after all of it."""
    sent = arrived(after.outbox)
    told = {n for first, last in lost_of(after) for n in range(first, last + 1)}
    assert {n: accepted[n] for n in sent} == sent
    assert told | set(sent) == set(accepted)
    assert not told & set(sent)
    assert after.record() == [max(accepted) + 1]


def test_damaged_page_loses_only_what_was_on_it(kiosk, tmp_path):
    spoilt = frame_pages(tmp_path / "kiosk" / "outbox.db")[1]
    after = reopened(kiosk, tmp_path, lambda file: garble(file, spoilt))
    assert Notice.STORE_DAMAGED in after.health.notices()
    assert Notice.EVENTS_LOST in after.health.notices()
    ((first, last),) = lost_of(after)
    assert 1 < first <= last < 40
    check_nothing_is_missing_untold(after, kiosk.accepted)
    after.close()


def test_lost_range_is_told_with_the_hash_of_the_chain_after_it(kiosk, tmp_path):
    spoilt = frame_pages(tmp_path / "kiosk" / "outbox.db")[1]
    after = reopened(kiosk, tmp_path, lambda file: garble(file, spoilt))
    gap = after.outbox.gap()
    assert gap is not None
    following = next(each for each in after.outbox.pending(99) if each.first_sequence == gap.last + 1)
    assert gap.chain_after == frame.parse(following.frame).header.chain_before
    assert (gap.epoch, gap.reason) == (1, GapReason.DAMAGED)
    after.close()


@pytest.mark.parametrize("at", [0, PAGE], ids=["the first page", "the page that leads to all frames"])
def test_page_that_leads_to_everything_loses_nothing(at, kiosk, tmp_path):
    after = reopened(kiosk, tmp_path, lambda file: garble(file, at))
    assert after.health.notices() == (Notice.STORE_DAMAGED,)
    check_nothing_is_missing_untold(after, kiosk.accepted)
    after.close()


def test_origins_state_is_known_without_its_page(kiosk, tmp_path):
    after = reopened(kiosk, tmp_path, lambda file: garble(file, 2 * PAGE))
    assert after.outbox.state().recorded == 40
    check_nothing_is_missing_untold(after, kiosk.accepted)
    after.close()


def test_lost_file_is_told_as_a_gap_and_no_number_is_given_twice(kiosk, tmp_path):
    after = reopened(kiosk, tmp_path, lambda file: file.unlink())
    assert lost_of(after) == [(1, 40)]
    check_nothing_is_missing_untold(after, kiosk.accepted)
    after.close()


def test_rot_within_a_frame_is_seen_by_its_signature(kiosk, tmp_path):
    def spoil(file: Path) -> None:
        at = file.read_bytes().index(b"AGN\1", frame_pages(file)[2])
        garble(file, at + 300, 1)

    after = reopened(kiosk, tmp_path, spoil)
    ((first, last),) = lost_of(after)
    assert first == last
    check_nothing_is_missing_untold(after, kiosk.accepted)
    after.close()


def test_rot_in_the_log_is_not_taken_for_its_end(tmp_path):
    kiosk = SmallKiosk(tmp_path / "kiosk", batch_events=99)
    kiosk.record(12)
    folder = kiosk.copy(tmp_path / "after")
    log = folder / "outbox.db-wal"
    garble(log, log.stat().st_size // 2, 64)
    after = SmallKiosk(folder)
    assert Notice.STORE_DAMAGED in after.health.notices()
    check_nothing_is_missing_untold(after, kiosk.accepted)
    assert len(arrived(after.outbox)) >= 12
    after.close()
    kiosk.close()


def test_damaged_file_and_its_log_are_kept(kiosk, tmp_path):
    kiosk.record(2)
    folder = kiosk.copy(tmp_path / "after")
    spoilt = frame_pages(folder / "outbox.db")[0]
    garble(folder / "outbox.db", spoilt)
    log = (folder / "outbox.db-wal").read_bytes()
    SmallKiosk(folder).close()
    aside = folder / "outbox.damaged-1.db"
    assert aside.read_bytes()[spoilt : spoilt + PAGE] == b"\xa5" * PAGE
    assert aside.with_name("outbox.damaged-1.db-wal").read_bytes() == log
    before = aside.read_bytes()
    garble(folder / "outbox.db", 0)
    SmallKiosk(folder).close()
    assert aside.read_bytes() == before
    assert (folder / "outbox.damaged-2.db").exists()


def test_worker_is_told_of_the_card_until_what_was_set_aside_is_taken_away(kiosk, tmp_path):
    after = reopened(kiosk, tmp_path, lambda file: garble(file, 0))
    after.close()
    again = SmallKiosk(after.folder)
    assert again.health.notices() == (Notice.STORE_DAMAGED,)
    again.close()
    for aside in after.folder.glob("outbox.damaged-*"):
        aside.unlink()
    again = SmallKiosk(after.folder)
    assert again.health.notices() == ()
    again.close()


def test_salvage_goes_on_where_a_power_cut_stopped_it(kiosk, tmp_path, monkeypatch):
    folder = kiosk.copy(tmp_path / "after")
    garble(folder / "outbox.db", 0)

    class PowerCut(BaseException):
        pass

    def cut(_: object, target: Path) -> None:
        raise PowerCut(target)

    renames = Path.rename
    for allowed in (
        0,
        1,
        1,
    ):  # before it bears its name; before the old one gave way; before it took the place
        done = [0]

        def rename(path: Path, target: Path, allowed: int = allowed, done: list[int] = done) -> Path:
            if done[0] == allowed:
                cut(path, target)
            done[0] += 1
            return renames(path, target)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "rename", rename)
            with pytest.raises(PowerCut):
                SmallKiosk(folder)
    after = SmallKiosk(folder)
    check_nothing_is_missing_untold(after, kiosk.accepted)
    assert list(folder.glob("outbox.made")) == []
    after.close()


def test_damage_found_while_running_keeps_the_kiosk_recording(kiosk, tmp_path):
    file = tmp_path / "kiosk" / "outbox.db"
    garble(file, frame_pages(file)[1])
    kiosk.outbox._db.execute("pragma shrink_memory")
    assert len(kiosk.outbox.pending(99)) >= 30
    assert Notice.STORE_DAMAGED in kiosk.health.notices()
    assert Notice.EVENTS_LOST in kiosk.health.notices()
    check_nothing_is_missing_untold(kiosk, dict(kiosk.accepted))


def test_singles_that_wait_for_their_batch_are_not_lost_while_ram_has_them(tmp_path):
    kiosk = SmallKiosk(tmp_path / "kiosk", batch_events=30)
    kiosk.record(20)
    settle(kiosk)
    file = tmp_path / "kiosk" / "outbox.db"
    for at in frame_pages(file):
        garble(file, at)
    kiosk.outbox._db.execute("pragma shrink_memory")
    assert kiosk.outbox.pending(99) == []
    kiosk.recorder.flush()
    assert kiosk.health.notices() == (Notice.STORE_DAMAGED,)
    assert [each.last_sequence for each in kiosk.outbox.pending(99)] == [20]
    check_nothing_is_missing_untold(kiosk, dict(kiosk.accepted))
    kiosk.close()


def test_receipted_events_that_are_lost_need_no_gap(kiosk, tmp_path):
    kiosk.outbox.apply(kiosk.receipt(stored=30))
    kiosk.record()
    settle(kiosk)
    spoilt = frame_pages(tmp_path / "kiosk" / "outbox.db")[0]
    after = reopened(kiosk, tmp_path, lambda file: garble(file, spoilt))
    assert after.outbox.gap() is None
    assert after.health.notices() == (Notice.STORE_DAMAGED,)
    after.outbox.apply(after.receipt(stored=0, generation=2))
    gap = after.outbox.gap()
    assert gap is not None
    assert gap.first == 1
    after.close()


def test_gap_is_told_until_it_is_receipted(kiosk, tmp_path):
    spoilt = frame_pages(tmp_path / "kiosk" / "outbox.db")[1]
    after = reopened(kiosk, tmp_path, lambda file: garble(file, spoilt))
    ((first, last),) = lost_of(after)
    after.outbox.apply(after.receipt(stored=first - 1))
    gap = after.outbox.gap()
    assert gap is not None
    assert (gap.first, gap.last) == (first, last)
    after.outbox.apply(after.receipt(stored=last))
    assert after.outbox.gap() is None
    assert after.health.notices() == (Notice.STORE_DAMAGED,)
    after.close()


def test_kiosk_that_cannot_tell_which_numbers_it_used_records_nothing_more_but_sends_what_it_has(
    kiosk, tmp_path
):
    def spoil(file: Path) -> None:
        file.with_suffix(".mark").unlink()
        content = file.read_bytes()
        for at in range(0, len(content), PAGE):
            if b"AGN\1" not in content[at : at + PAGE]:
                garble(file, at)

    after = reopened(kiosk, tmp_path, spoil)
    assert arrived(after.outbox) == kiosk.accepted
    with pytest.raises(StoreError, match="enrol it anew"):
        after.record()
    after.close()
    again = SmallKiosk(after.folder)
    assert arrived(again.outbox) == kiosk.accepted
    with pytest.raises(StoreError, match="enrol it anew"):
        again.record()
    again.close()


def test_event_under_way_when_the_kiosk_has_to_stop_is_not_recorded(kiosk, monkeypatch):
    def trip(*_, **__):
        error = sqlite3.DatabaseError("malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    def mend(*_):
        kiosk.outbox._file.stopped = True
        broken.undo()

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr("edge.store.outbox.insert", trip)
        monkeypatch.setattr(kiosk.outbox._file, "mend", mend)
        with pytest.raises(StoreError, match="enrol it anew"):
            kiosk.record()
    assert kiosk.outbox.state().recorded == len(kiosk.accepted)


def test_lost_mark_is_made_again(kiosk, tmp_path):
    after = reopened(kiosk, tmp_path, lambda file: file.with_suffix(".mark").unlink())
    assert after.health.notices() == ()
    after.record()
    after.close()
    garble(after.folder / "outbox.db", 0)
    again = SmallKiosk(after.folder)
    assert again.outbox.state().recorded == 41
    again.close()
