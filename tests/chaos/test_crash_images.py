"""Crash images: what a power cut, or a rotting card, may leave of a kiosk's store, opened again.

kill -9 is not a power cut: what was written lands in the page cache and survives it. So images are made of the store's
files as they were after a sync, with the bytes written since (the next transaction's) there in part, cut or garbled.
"""

import random
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from anganwadi.wire import frame
from anganwadi.wire.login import Notice
from edge.store.outbox import StoreError
from tests.unit.edge.store.small_kiosk import SmallKiosk, arrived

log = structlog.get_logger(__name__)

SEED = 20261122
POWER_CUTS = 200
ROTTEN = 100
SECTOR = 512
PAGE = 4096

FILES = ("outbox.db", "outbox.db-wal", "outbox.mark")
"""In the order of their syncs at a checkpoint; a transaction syncs its log first, then the mark."""


@dataclass(frozen=True)
class Snapshot:
    """The files after a sync, and what was accepted by then. Events up to `stored` are on the server."""

    files: dict[str, bytes]
    accepted: dict[int, str]
    stored: int


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory) -> list[Snapshot]:
    """A kiosk's few hours: single events and pairs, batches, receipts, checkpoints; a snapshot after each step."""
    folder = tmp_path_factory.mktemp("writer")
    chance = random.Random(SEED)
    kiosk = SmallKiosk(folder, batch_events=10_000)
    kiosk.outbox._db.execute("pragma wal_autocheckpoint = 24")
    taken = [snapshot(kiosk)]
    for _ in range(150):
        step(kiosk, chance)
        taken.append(snapshot(kiosk))
    kiosk.close()
    return taken


def step(kiosk: SmallKiosk, chance: random.Random) -> None:
    kind = chance.random()
    if kind < 0.75:
        kiosk.record()
    elif kind < 0.92:
        kiosk.recorder.flush()
    else:
        state = kiosk.outbox.state()
        ends = [each.last_sequence for each in kiosk.outbox.pending(999)] or [state.stored_through]
        stored = max(chance.choice(ends), state.stored_through)
        safe = chance.choice([state.safe_through, state.stored_through])
        kiosk.outbox.apply(kiosk.receipt(stored, safe))


def snapshot(kiosk: SmallKiosk) -> Snapshot:
    files = {name: (kiosk.folder / name).read_bytes() for name in FILES if (kiosk.folder / name).exists()}
    return Snapshot(files, dict(kiosk.accepted), kiosk.outbox.state().stored_through)


def torn(before: bytes, after: bytes, chance: random.Random) -> bytes:
    """`before` on its way to `after`: of the sectors between them some are written, some not, some garbled. A byte that
    the write did not change is not changed by its failing either, which SQLite relies on (powersafe overwrite)."""
    length = chance.randint(min(len(before), len(after)), max(len(before), len(after)))
    old, new = before[:length].ljust(length, b"\0"), after[:length].ljust(length, b"\0")
    made = bytearray()
    for at in range(0, length, SECTOR):
        was, comes = old[at : at + SECTOR], new[at : at + SECTOR]
        noise = chance.randbytes(len(comes))
        garbled = bytes(a if a == b else c for a, b, c in zip(was, comes, noise, strict=True))
        made += chance.choice((was, comes, comes, garbled))
    return bytes(made)


def power_cut(before: Snapshot, after: Snapshot, chance: random.Random) -> dict[str, bytes]:
    """The files as they may be found: what is synced first is whole before the next is touched."""
    order = chance.choice(
        (["outbox.db-wal", "outbox.mark", "outbox.db"], ["outbox.db-wal", "outbox.db", "outbox.mark"])
    )
    reached = chance.randrange(len(order))
    image = {}
    for n, name in enumerate(order):
        old, new = before.files.get(name, b""), after.files.get(name, b"")
        image[name] = new if n < reached else torn(old, new, chance) if n == reached else old
    return image


def lay_out(folder: Path, image: dict[str, bytes]) -> Path:
    folder.mkdir()
    for name, content in image.items():
        if content:
            (folder / name).write_bytes(content)
    return folder


def told_lost(kiosk: SmallKiosk) -> set[int]:
    rows = kiosk.outbox._db.execute("select first, last from gaps").fetchall()
    return {n for first, last in rows for n in range(first, last + 1)}


def test_nothing_accepted_is_lost_to_a_power_cut(snapshots, tmp_path):
    chance = random.Random(SEED)
    done, further = 0, 0
    for n in range(POWER_CUTS):
        place = chance.randrange(1, len(snapshots) - 1)
        before, after = snapshots[place], snapshots[place + 1]
        kiosk = SmallKiosk(lay_out(tmp_path / str(n), power_cut(before, after, chance)), batch_events=10_000)
        state = kiosk.outbox.state()
        sent = arrived(kiosk.outbox)
        for sequence, person in before.accepted.items():
            assert sequence <= state.stored_through or sent[sequence] == person, (n, place, sequence)
        assert state.stored_through in (before.stored, after.stored)
        assert state.recorded in (len(before.accepted), len(after.accepted))
        assert told_lost(kiosk) == set()
        assert kiosk.health.notices() == (), (n, place)
        assert kiosk.outbox._db.execute("pragma quick_check").fetchone() == ("ok",)
        assert kiosk.record() == [state.recorded + 1]
        further += state.recorded > len(before.accepted)
        done += 1
        kiosk.close()
    log.info("power_cuts", images=done, unfinished_event_whole=further, events_lost=0)
    assert done == POWER_CUTS


def readable(image: dict[str, bytes], spoilt: set[tuple[str, int]], frames: dict[int, bytes]) -> set[int]:
    """The events whose frame still stands whole on a page that was not spoilt."""
    pages = [
        image[name][at : at + PAGE]
        for name, start, width in (("outbox.db", 0, PAGE), ("outbox.db-wal", 56, PAGE + 24))
        for at in range(start, len(image.get(name, b"")), width)
        if not any(file == name and at - PAGE < where < at + PAGE for file, where in spoilt)
    ]
    return {sequence for sequence, raw in frames.items() if any(raw in page for page in pages)}


def rot(image: dict[str, bytes], names: list[str], chance: random.Random) -> set[tuple[str, int]]:
    """Spoil one to three stretches of bytes in each of these files. Returns where each 512 of them begin."""
    spoilt: set[tuple[str, int]] = set()
    for name in names:
        content = bytearray(image.get(name, b""))
        for _ in range(chance.randint(1, 3) if content else 0):
            at, length = chance.randrange(len(content)), chance.choice((1, SECTOR, PAGE, 3 * PAGE))
            content[at : at + length] = chance.randbytes(len(content[at : at + length]))
            spoilt |= {(name, where) for where in range(at, at + length, SECTOR)} | {(name, at + length - 1)}
        image[name] = bytes(content)
    return spoilt


@pytest.mark.parametrize(
    "names",
    [["outbox.db"], ["outbox.db-wal"], ["outbox.db", "outbox.db-wal"], ["outbox.mark"], list(FILES)],
    ids="+".join,
)
def test_rotten_card_loses_only_what_it_tells_and_gives_no_number_twice(snapshots, tmp_path, names):
    chance = random.Random(f"{SEED} {names}")
    salvaged = lost = stopped = 0
    for n in range(ROTTEN // 5):
        before = chance.choice(snapshots[20:])
        image = dict(before.files)
        spoilt = rot(image, names, chance)
        kiosk = SmallKiosk(lay_out(tmp_path / str(n), image), batch_events=10_000)
        state = kiosk.outbox.state()
        sent, told = arrived(kiosk.outbox), told_lost(kiosk)
        singles = singles_of(before)
        for sequence in readable(image, spoilt, singles):
            assert sequence <= state.stored_through or sequence in sent, (n, sequence)
        number = next_number(kiosk)
        if number is None:
            assert len(names) == len(FILES)
            stopped += 1
        else:
            assert number == max(len(before.accepted), state.recorded) + 1, n
            missing = set(before.accepted) - set(sent) - told
            assert all(sequence <= max(before.stored, state.stored_through) for sequence in missing), n
        assert all(before.accepted[sequence] == person for sequence, person in sent.items())
        salvaged += Notice.STORE_DAMAGED in kiosk.health.notices()
        lost += len(told - set(range(1, before.stored + 1)))
        kiosk.close()
    log.info(
        "rot", files=names, images=ROTTEN // 5, salvaged=salvaged, events_told_lost=lost, stopped=stopped
    )


def next_number(kiosk: SmallKiosk) -> int | None:
    """The number that the next event gets; None where the kiosk must not record any more."""
    try:
        return kiosk.record()[0]
    except StoreError:
        with pytest.raises(StoreError, match="enrol it anew"):
            kiosk.record()
        return None


def singles_of(taken: Snapshot) -> dict[int, bytes]:
    """Single frames found in the snapshot's files, by sequence."""
    found: dict[int, bytes] = {}
    for content in taken.files.values():
        at = content.find(b"AGN\1")
        while at >= 0:
            end = at + length_of(content[at : at + PAGE])
            try:
                header = frame.parse(content[at:end]).header
                if header.count == 1 and header.first_sequence in taken.accepted:
                    found[header.first_sequence] = content[at:end]
            except frame.BadFrame:
                pass
            at = content.find(b"AGN\1", at + 1)
    return found


def length_of(raw: bytes) -> int:
    """How long the frame that begins here says it is."""
    header = int.from_bytes(raw[4:6], "big")
    return 6 + header + 4 + int.from_bytes(raw[6 + header : 10 + header], "big") + 64
