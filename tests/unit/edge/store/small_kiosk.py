"""A kiosk's outbox and recorder in a folder, with real frames, and what a server would make of what it sends."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

from anganwadi import events
from anganwadi.ids import NOBODY, CentreId, DistrictId, Origin, PersonId
from anganwadi.wire import chain, frame
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.receipt import Receipt, VerifiedReceipt
from edge.store.clock import CentreClock, wall_ms
from edge.store.health import Health
from edge.store.outbox import Outbox
from edge.store.recorder import Identity, Recorder

DAY = date(2026, 11, 21)
SERVER = PrivateKeys.generate()
DEVICE = PrivateKeys.generate()
IDENTITY = Identity(DistrictId("namuna"), Origin("kiosk-a"), 1, DEVICE, SERVER.public)


def event(n: int) -> events.Event:
    """An event that says which one it is."""
    return events.new_event(
        events.AttendanceMarked(DAY, PersonId(f"p-{n}"), True),
        centre_id=CentreId("09123456701"),
        worker_id=NOBODY,
        at=datetime(2026, 11, 21, 5, 0, tzinfo=UTC),
        simulated=False,
        proof=events.Proof.NONE,
    )


def person_of(raw: bytes) -> str:
    body = events.decode(raw).body
    assert isinstance(body, events.AttendanceMarked)
    return body.person_id


class SmallKiosk:
    """Opens the outbox in `folder`, records numbered events, knows which were accepted."""

    def __init__(self, folder: Path, *, batch_events: int = 4, clock: CentreClock | None = None) -> None:
        self.folder = folder
        self.health = Health()
        self.outbox = Outbox(
            folder / "outbox.db",
            IDENTITY.genesis,
            epoch=1,
            device=DEVICE.public,
            health=self.health,
            clock=clock or CentreClock(self.health),
        )
        self.recorder = Recorder(self.outbox, IDENTITY, batch_events, 3600)
        self.accepted: dict[int, str] = {}
        """Sequence -> the person it is of."""

    def record(self, count: int = 1) -> list[int]:
        """Record `count` events, each by itself."""
        sequences: list[int] = []
        for _ in range(count):
            happened = event(self.outbox.state().recorded + 1)
            (accepted,) = self.recorder.record([happened], DAY, None)
            self.accepted[accepted.sequence] = person_of(events.encode(happened))
            sequences.append(accepted.sequence)
        return sequences

    def copy(self, folder: Path) -> Path:
        """The files as a power cut would leave them now."""
        folder.mkdir(parents=True, exist_ok=True)
        for file in self.folder.glob("outbox.*"):
            if file.suffix not in (".db-shm", ".reserve"):
                shutil.copy(file, folder / file.name)
        return folder

    def receipt(self, stored: int, safe: int = 0, generation: int = 1, **changes: object) -> VerifiedReceipt:
        """What the server would sign, with this kiosk's own chain head."""
        head = changes.pop("chain_head", None) or self.head(stored)
        return receipt(stored, safe, generation, head, **changes)

    def head(self, at: int) -> bytes:
        """The chain's hash after event `at`, where a frame ends there."""
        state = self.outbox.state()
        known = {0: state.genesis, state.recorded: state.chain_head}
        rows = self.outbox._db.execute(
            "select last_sequence, chain_after from frames union select last, chain_after from gaps"
        )
        return (known | dict(rows.fetchall()))[at]

    def close(self) -> None:
        self.outbox.close()


def receipt(
    stored: int, safe: int, generation: int, chain_head: object, **changes: object
) -> VerifiedReceipt:
    told = {
        "district": IDENTITY.district,
        "origin": IDENTITY.origin,
        "epoch": 1,
        "generation": generation,
        "stored_through": stored,
        "safe_through": safe,
        "chain_head": chain_head,
        "server_ms": wall_ms(),
        **changes,
    }
    return VerifiedReceipt(Receipt(**told))  # type: ignore[arg-type]


def arrived(outbox: Outbox) -> dict[int, str]:
    """What a server that has what is receipted stores of all that `outbox` sends: sequence -> person. Each frame must
    be the device's and link to what was before it, through gap records where events are lost."""
    state = outbox.state()
    rows = outbox._db.execute("select first, last, chain_after from gaps").fetchall()
    gaps = {max(first, state.stored_through + 1): (last, after) for first, last, after in rows}
    head = state.genesis if state.stored_through == 0 else None
    stored: dict[int, str] = {}
    expected = state.stored_through + 1
    for each in outbox.pending(10_000):
        if expected in gaps:
            last, head = gaps.pop(expected)
            expected = last + 1
        sealed = frame.parse(each.frame)
        sealed.authenticate(DEVICE.public)
        assert sealed.header.first_sequence == each.first_sequence == expected
        assert head in (sealed.header.chain_before, None)
        raws = [bytes(raw) for raw in sealed.open(SERVER)]
        stored |= {n: person_of(raw) for n, raw in enumerate(raws, start=expected)}
        head = chain.extend(sealed.header.chain_before, map(chain.event_hash, raws))
        assert head == each.chain_after
        expected = each.last_sequence + 1
    return stored
