"""What stands in the outbox: its frames, and how far its origin is."""

import msgspec
from sqlite_utils import Database

from edge.store.mark import Mark


class OutboxFrame(msgspec.Struct, frozen=True):
    """A sealed frame and where its events stand; `chain_after` is the running hash after its last event.

    `recorded_ms` is when its oldest event was recorded, milliseconds since 1970; `key_number` says which of the
    district's sealing keys it is sealed to. A frame sealed to an older one stays as it is: the server keeps that key
    until no kiosk has such a frame any more.
    """

    first_sequence: int
    last_sequence: int
    frame: bytes
    chain_after: bytes
    recorded_ms: int = 0
    key_number: int = 1


class OutboxState(msgspec.Struct, frozen=True):
    """How far this origin is: events recorded, on the server, and in the server's backup.

    `unreceipted_since_ms` and `unsafe_since_ms` are when the oldest event was recorded that is not on the server, or
    in no backup; None where all are. `oldest_key` is the number of the oldest sealing key that a frame kept here is
    sealed to; None where none is kept.
    """

    genesis: bytes
    recorded: int
    chain_head: bytes
    generation: int
    stored_through: int
    safe_through: int
    server_ms: int
    unreceipted_since_ms: int | None = None
    unsafe_since_ms: int | None = None
    oldest_key: int | None = None

    @property
    def mark(self) -> Mark:
        return Mark(
            self.genesis,
            self.recorded,
            self.chain_head,
            self.generation,
            self.stored_through,
            self.safe_through,
            self.server_ms,
        )


_STATE = "select genesis, recorded, chain_head, generation, stored_through, safe_through, server_ms"
_AGES = (
    ", (select min(recorded_ms) from frame_facts where last_sequence > stored_through)"
    ", (select min(recorded_ms) from frame_facts where last_sequence > safe_through)"
    ", (select min(key_number) from frame_facts)"
)
_FROM = " from origin_state"
_PENDING = (
    "select first_sequence, f.last_sequence, frame, chain_after, ifnull(recorded_ms, 0), ifnull(key_number, 1)"
    " from frames f join origin_state s left join frame_facts using (first_sequence)"
    " where ready and f.last_sequence > s.stored_through and not exists (select 1 from held h"
    " where h.generation = s.generation and h.first <= first_sequence and h.last >= f.last_sequence)"
)
_OLDEST = _PENDING + " order by first_sequence limit ?"
_NEWEST = _PENDING + " order by first_sequence desc limit ?"


def read_state(db: Database) -> OutboxState:
    return OutboxState(*db.execute(_STATE + _AGES + _FROM).fetchone())


def read_bare_state(db: Database) -> OutboxState | None:
    """The state in a file that an older version may have left, or None where it holds none; ages are not told."""
    row = db.execute(_STATE + _FROM).fetchone()
    return None if row is None else OutboxState(*row)


def read_pending(db: Database, limit: int, *, newest_first: bool) -> list[OutboxFrame]:
    rows = db.execute(_NEWEST if newest_first else _OLDEST, [limit]).fetchall()
    return [OutboxFrame(*row) for row in rows]


def insert(db: Database, each: OutboxFrame, *, ready: bool) -> None:
    db.execute(
        "insert into frames values (?, ?, ?, ?, ?)",
        [each.first_sequence, each.last_sequence, each.frame, each.chain_after, int(ready)],
    )
    insert_facts(db, each)


def insert_facts(db: Database, each: OutboxFrame) -> None:
    """Note what stands beside a frame's row, which has no column for it."""
    db.execute(
        "insert or replace into frame_facts values (?, ?, ?, ?)",
        [each.first_sequence, each.last_sequence, each.recorded_ms, each.key_number],
    )
