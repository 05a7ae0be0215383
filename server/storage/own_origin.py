"""The server as an origin: its decisions and corrections are events in the same log, in a chain of their own."""

import time
from collections.abc import Sequence

import sqlalchemy as sa

from anganwadi import events
from anganwadi.events import Event, PersonRecord, QuarantineReleased
from anganwadi.ids import SERVER_ORIGIN, DistrictId
from anganwadi.wire import chain
from anganwadi.wire.keys import PublicKeys
from server.storage import log as event_log
from server.storage import origins, vault
from server.storage.log import LogRow

EPOCH = 1


def enrol_self(connection: sa.Connection, district: DistrictId, keys: PublicKeys) -> None:
    """Make the server an origin of its own district; nothing happens where it is, under whatever sealing key."""
    if origins.find(connection, district, SERVER_ORIGIN, EPOCH) is None:
        origins.register(connection, district, SERVER_ORIGIN, EPOCH, None, keys)


def record(connection: sa.Connection, district: DistrictId, happened: Sequence[Event]) -> int:
    """Append the server's own events; the sequence of the last. The caller holds a writing transaction.

    Of what says who a person is the log keeps only that it came, also where it was released from quarantine: a person
    record goes to the vault, a ration without roster the caller has put where it belongs.

    Raises:
        LookupError: the server is not an origin yet.
    """
    event_log.lock(connection)
    state = origins.locked(connection, district, [SERVER_ORIGIN]).get((SERVER_ORIGIN, EPOCH))
    if state is None:
        raise LookupError("the server is not an origin yet: run `python -m server migrate`")
    if not happened:
        return state.stored_through
    now_ms = time.time_ns() // 1_000_000
    rows = [
        _row(connection, district, n, event, now_ms)
        for n, event in enumerate(happened, state.stored_through + 1)
    ]
    event_log.append(connection, district, SERVER_ORIGIN, EPOCH, rows, now_ms)
    state.stored_through = rows[-1].sequence
    state.chain_head = chain.extend(state.chain_head, [row.event_hash for row in rows])
    origins.advance(connection, state, now_ms)
    return state.stored_through


def _row(connection: sa.Connection, district: DistrictId, sequence: int, event: Event, now_ms: int) -> LogRow:
    raw = events.encode(event)
    body = event.body
    inner = events.decode(body.raw).body if isinstance(body, QuarantineReleased) else body
    if isinstance(inner, PersonRecord):
        vault.keep(connection, district, inner, now_ms)
    kept = None if isinstance(inner, events.IDENTIFYING) else raw
    return LogRow(sequence, chain.event_hash(raw), events.event_type(body), kept)
