"""The server as an origin: its decisions and corrections are events in the same log, in a chain of their own."""

import time
from collections.abc import Sequence

import sqlalchemy as sa

from anganwadi import events
from anganwadi.events import Event, PersonRecord
from anganwadi.ids import SERVER_ORIGIN, DistrictId
from anganwadi.wire import chain
from anganwadi.wire.keys import PublicKeys
from server.storage import log as event_log
from server.storage import origins, vault
from server.storage.log import LogRow

EPOCH = 1


def enrol_self(connection: sa.Connection, district: DistrictId, keys: PublicKeys) -> None:
    """Make the server an origin of its own district; nothing happens where it already is."""
    origins.register(connection, district, SERVER_ORIGIN, EPOCH, None, keys)


def record(connection: sa.Connection, district: DistrictId, happened: Sequence[Event]) -> None:
    """Append the server's own events; person records go to the vault. The caller holds a writing transaction."""
    if not happened:
        return
    state = origins.find(connection, district, SERVER_ORIGIN, EPOCH)
    if state is None:
        raise LookupError("the server is not an origin yet: run `python -m server migrate`")
    now_ms = time.time_ns() // 1_000_000
    rows = [
        _row(connection, district, n, event, now_ms)
        for n, event in enumerate(happened, state.stored_through + 1)
    ]
    event_log.append(connection, district, SERVER_ORIGIN, EPOCH, rows, now_ms)
    state.stored_through = rows[-1].sequence
    state.chain_head = chain.extend(state.chain_head, [row.event_hash for row in rows])
    origins.advance(connection, state, now_ms)


def _row(connection: sa.Connection, district: DistrictId, sequence: int, event: Event, now_ms: int) -> LogRow:
    raw = events.encode(event)
    hashed = chain.event_hash(raw)
    kind = events.event_type(event.body)
    if isinstance(event.body, PersonRecord):
        vault.keep(connection, district, event.body, now_ms)
        return LogRow(sequence, hashed, kind, None)
    return LogRow(sequence, hashed, kind, raw)
