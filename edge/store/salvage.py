"""What can be saved of a damaged outbox, and what is known to be lost.

A row proves itself: it holds a frame, whose header says where its events stand and what the chain was before them,
under the device's signature. The mark says how far the kiosk was. So every lost range is known, and the chain's hash
after it: the next frame's, or the mark's.

After a salvage no number is given twice. Where nothing tells how far the kiosk was, it stops under this enrolment.
"""

from collections.abc import Iterable, Sequence

import msgspec

from anganwadi.wire import chain, frame
from anganwadi.wire.chain import HASH_BYTES
from anganwadi.wire.frame import BadFrame
from anganwadi.wire.keys import PublicKeys
from anganwadi.wire.sealing import BadSignature
from edge.store.carve import Row
from edge.store.mark import Mark
from edge.store.outbox_rows import OutboxFrame

_FRAME_COLUMNS, _STATE_COLUMNS = 5, 8


class Found(msgspec.Struct, frozen=True):
    """A frame that proved to be this kiosk's, and the chain's hash before and after its events."""

    kept: OutboxFrame
    chain_before: bytes


class Lost(msgspec.Struct, frozen=True):
    """Accepted events that are gone, and the chain's hash after the last of them."""

    first: int
    last: int
    chain_after: bytes


class Salvaged(msgspec.Struct, frozen=True):
    """What the new outbox starts from. `certain` is False where nothing told how far the old one was."""

    state: Mark
    frames: Sequence[OutboxFrame]
    lost: Sequence[Lost]
    certain: bool


def prove(row: Sequence[object], genesis: bytes, device: PublicKeys | None) -> Found | None:
    """The frame in a row of the table of frames, if it is whole and this kiosk's; `device` None takes the signature on
    trust. When it was recorded is told by its header; which sealing key it is to by its first, so that none is
    deleted too early."""
    match row:
        case [int(first), int(last), bytes(raw), bytes(chain_after), *_] if len(chain_after) == HASH_BYTES:
            pass
        case _:
            return None
    try:
        sealed = frame.parse(raw)
        if device is not None:
            sealed.authenticate(device)
    except (BadFrame, BadSignature):
        return None
    header = sealed.header
    ours = chain.genesis(header.district, header.origin, header.epoch) == genesis
    if not ours or (header.first_sequence, header.last_sequence) != (first, last):
        return None
    return Found(OutboxFrame(first, last, raw, chain_after, header.clock.wall_ms), header.chain_before)


def sort_out(
    rows: Iterable[Row], genesis: bytes, device: PublicKeys | None
) -> tuple[dict[tuple[int, int], Found], list[Mark]]:
    """From whatever was carved: the frames that prove themselves, and what claims to be the origin's state."""
    found: dict[tuple[int, int], Found] = {}
    claims: list[Mark] = []
    for row in rows:
        match row:
            case [int(first), int(last), bytes(), bytes(), _] if (first, last) not in found:
                proven = prove(row, genesis, device)
                if proven is not None:
                    found[first, last] = proven
            case [_, int(recorded), bytes(began), bytes(head), int(gen), int(stored), int(safe), int(ms)]:
                if began == genesis and 0 <= safe <= stored <= recorded:
                    claims.append(Mark(genesis, recorded, head, gen, stored, safe, ms))
            case _:
                pass
    return found, claims


def salvage(
    found: Iterable[Found], claims: Iterable[Mark], mark: Mark | None, genesis: bytes, *, exact: bool = True
) -> Salvaged:
    """What is saved and what is lost.

    `mark` is believed; where it is not `exact`, as one that says the least. A claim is believed only where a frame
    found apart from it ends at the same number with the same hash.
    """
    everything = list(found)
    ends = {(each.kept.last_sequence, each.kept.chain_after) for each in everything}
    least = [] if mark is None else [mark]
    sure = [claim for claim in claims if (claim.recorded, claim.chain_head) in ends] + (
        least if exact else []
    )
    known = max([*sure, *least], key=lambda each: each.recorded, default=None)
    state = _server_part(known, mark, genesis)
    newest = max((each.kept for each in everything), key=lambda each: each.last_sequence, default=None)
    if newest is not None and newest.last_sequence > state.recorded:
        state = msgspec.structs.replace(state, recorded=newest.last_sequence, chain_head=newest.chain_after)
    frames, lost = cover(everything, state)
    return Salvaged(state, frames, lost, certain=known is not None and known in sure)


def _server_part(known: Mark | None, mark: Mark | None, genesis: bytes) -> Mark:
    """`known`, but what it says of the server only as far as the mark says so: better sent again than forgotten."""
    if known is None:
        return Mark(genesis, 0, genesis, 0, 0, 0, 0)
    if mark is None:
        return msgspec.structs.replace(known, stored_through=0, safe_through=0)
    return msgspec.structs.replace(mark, recorded=known.recorded, chain_head=known.chain_head)


def cover(found: Iterable[Found], state: Mark) -> tuple[list[OutboxFrame], list[Lost]]:
    """One unbroken row of frames after `safe_through`, and the holes in it. Of frames that hold the same events the one
    that holds most is taken."""
    frames: list[OutboxFrame] = []
    lost: list[Lost] = []
    expected = state.safe_through + 1
    for each in sorted(found, key=lambda one: (one.kept.first_sequence, -one.kept.last_sequence)):
        first = each.kept.first_sequence
        if first < expected:
            continue
        if first > expected:
            lost.append(Lost(expected, first - 1, each.chain_before))
        elif frames:  # the row's own word for it is the only part of it that nothing signs
            frames[-1] = msgspec.structs.replace(frames[-1], chain_after=each.chain_before)
        frames.append(each.kept)
        expected = each.kept.last_sequence + 1
    if expected <= state.recorded:
        lost.append(Lost(expected, state.recorded, state.chain_head))
    elif frames:
        frames[-1] = msgspec.structs.replace(frames[-1], chain_after=state.chain_head)
    return frames, lost
