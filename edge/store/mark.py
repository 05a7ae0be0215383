"""The mark: how many events were accepted, kept apart from the outbox's file.

A damaged file may not say how far it went: SQLite takes a log (WAL) whose end has rotted for one that ended earlier,
and the next events would get numbers that were given before. So each `put` ends with the count and the chain's head
written here, over one of two slots in turn, each with its digest: a write cut short spoils the older one only.

It costs a second flush for each accepted event. The slots are never moved and the file never grows, so it is one block
and no metadata: a third of what a `put` takes (2 of 7 ms on a busy disk). Nobody waits for it, a person taps. Cheaper
ways do not tell: a copy in the same file is lost with its log, a mark now and then misses the last events.
"""

import hashlib
import os
import struct
from pathlib import Path

import msgspec

_SLOT_BYTES = 512
_SLOTS_AT = (0, 4096)
"""Two blocks of the card, so that one bad block leaves the other."""
_DIGEST_BYTES = 16


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """What is known of an outbox without its file. `recorded` and `chain_head` are exact for whatever was accepted;
    the server's part may lag behind, but not its generation."""

    genesis: bytes
    recorded: int
    chain_head: bytes
    generation: int
    stored_through: int
    safe_through: int
    server_ms: int


class _Slot(msgspec.Struct, frozen=True, array_like=True):
    turn: int
    mark: Mark | None


class MarkFile:
    """The mark of one outbox. Not thread-safe: the outbox holds its lock.

    `mark` is the newest one that can be read. `whole` says that there was no newer one: until the next is written, a
    slot that is spoilt, cut short by a power cut or rotten, may have held one, and one may not have been taken.

    Opening and writing raise OSError where the card does not take it.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if os.fstat(self._file).st_size < _SLOTS_AT[-1] + _SLOT_BYTES:
            os.pwrite(self._file, bytes(_SLOT_BYTES), _SLOTS_AT[-1])
            os.fsync(self._file)
        raw = [self._read(at) for at in _SLOTS_AT]
        slots = [slot for slot in map(_take, raw) if slot is not None]
        newest = max(slots, key=lambda slot: slot.turn, default=_Slot(0, None))
        self._turn = newest.turn
        self.mark = newest.mark
        unused = [each for each in raw if each == bytes(_SLOT_BYTES)]
        self.whole = len(slots) == len(raw) or (newest.turn <= 1 and len(slots) + len(unused) == len(raw))

    def write(self, mark: Mark | None) -> None:
        """Put `mark` in the place of the one before; None leaves none. When this returns it is on the disk."""
        self.whole = False
        body = msgspec.msgpack.encode(_Slot(self._turn + 1, mark))
        told = (struct.pack(">H", len(body)) + body).ljust(_SLOT_BYTES - _DIGEST_BYTES, b"\0")
        os.pwrite(self._file, _digest(told) + told, _SLOTS_AT[(self._turn + 1) % 2])
        os.fdatasync(self._file)
        self._turn += 1
        self.mark, self.whole = mark, True

    def close(self) -> None:
        os.close(self._file)

    def _read(self, at: int) -> bytes:
        try:
            return os.pread(self._file, _SLOT_BYTES, at)
        except OSError:
            return b"unreadable"


def _take(raw: bytes) -> _Slot | None:
    told = raw[_DIGEST_BYTES:]
    if len(raw) != _SLOT_BYTES or raw[:_DIGEST_BYTES] != _digest(told):
        return None
    (length,) = struct.unpack_from(">H", told)
    return msgspec.msgpack.decode(told[2 : 2 + length], type=_Slot)


def _digest(told: bytes) -> bytes:
    return hashlib.sha256(told).digest()[:_DIGEST_BYTES]
