"""The origins of events: enrolled kiosks and the server itself, their keys, and how far each one's chain is stored."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from anganwadi.ids import CentreId, DistrictId, Origin
from anganwadi.wire import chain
from anganwadi.wire.keys import PublicKeys
from anganwadi.wire.login import DATA_KEY_BYTES
from anganwadi.wire.receipt import Receipt
from provisioning.identity import EnrolmentCard
from server.storage import bulk, tables

origins = tables.origins

_NAMES_A_QUERY = 500
_STATES = sa.select(
    origins.c.district_id,
    origins.c.origin,
    origins.c.epoch,
    origins.c.centre_id,
    origins.c.verify_key,
    origins.c.seal_key,
    origins.c.data_key,
    origins.c.stored_through,
    origins.c.safe_through,
    origins.c.chain_head,
    origins.c.retired_ms,
)


@dataclass
class OriginState:
    """An origin and how far its chain is stored; ingest moves it on and writes it back in the same transaction.

    From `retired_ms` on the device is done with: nothing of it is taken any more.
    """

    district: DistrictId
    origin: Origin
    epoch: int
    centre_id: CentreId | None
    keys: PublicKeys
    data_key: bytes | None
    stored_through: int
    safe_through: int
    chain_head: bytes
    retired_ms: int | None = None


class AlreadyEnrolled(ValueError):
    """Another device is enrolled under that name and epoch."""


def enrol(connection: sa.Connection, card: EnrolmentCard) -> bool:
    """Register the kiosk of `card`. Returns False where it already is; its chain then stands as it was.

    Raises:
        AlreadyEnrolled: the name and epoch are taken by other keys.
    """
    return register(connection, card.district, card.origin, card.epoch, card.centre_id, card.keys)


def register(
    connection: sa.Connection,
    district: DistrictId,
    origin: Origin,
    epoch: int,
    centre: CentreId | None,
    keys: PublicKeys,
) -> bool:
    """Register an origin, `centre` None for the server itself; else as `enrol`.

    Raises:
        AlreadyEnrolled: the name and epoch are taken by other keys.
    """
    known = find(connection, district, origin, epoch)
    if known is not None:
        if known.keys != keys:
            raise AlreadyEnrolled(f"{origin} is enrolled with other keys: give the new device a new epoch")
        return False
    connection.execute(
        sa.insert(origins).values(
            district_id=district,
            origin=origin,
            epoch=epoch,
            centre_id=centre,
            verify_key=keys.verify,
            seal_key=keys.seal,
            data_key=secrets.token_bytes(DATA_KEY_BYTES),
            chain_head=chain.genesis(district, origin, epoch),
        )
    )
    return True


def find(connection: sa.Connection, district: DistrictId, origin: Origin, epoch: int) -> OriginState | None:
    row = connection.execute(
        _STATES.where(origins.c.district_id == district, origins.c.origin == origin, origins.c.epoch == epoch)
    ).one_or_none()
    return None if row is None else _state(row)


def locked(
    connection: sa.Connection, district: DistrictId, names: Collection[Origin]
) -> dict[tuple[Origin, int], OriginState]:
    """The devices of these names, in all their epochs; nobody else moves them on until the transaction ends."""
    found: dict[tuple[Origin, int], OriginState] = {}
    for part in _parts(sorted(names)):
        query = _STATES.where(origins.c.district_id == district, origins.c.origin.in_(part))
        for row in connection.execute(query.order_by(origins.c.origin, origins.c.epoch).with_for_update()):
            state = _state(row)
            found[state.origin, state.epoch] = state
    return found


def heard_last(connection: sa.Connection, district: DistrictId, limit: int) -> list[OriginState]:
    """Devices, those heard last first; the server itself is none."""
    query = (
        _STATES.where(origins.c.district_id == district, origins.c.centre_id.is_not(None))
        .order_by(origins.c.last_heard_ms.desc())
        .limit(limit)
    )
    return [_state(row) for row in connection.execute(query)]


def current(connection: sa.Connection, district: DistrictId, origin: Origin) -> OriginState | None:
    """The device in its newest epoch."""
    row = connection.execute(
        _STATES.where(origins.c.district_id == district, origins.c.origin == origin)
        .order_by(origins.c.epoch.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _state(row)


def advance(connection: sa.Connection, state: OriginState, heard_ms: int) -> None:
    """Write back how far the chain is stored."""
    advance_all(connection, [state], heard_ms)


def advance_all(connection: sa.Connection, states: Iterable[OriginState], heard_ms: int) -> None:
    """Write back how far these chains are stored, and that their devices were heard."""
    rows = [
        {
            "district_id": state.district,
            "origin": state.origin,
            "epoch": state.epoch,
            "stored_through": state.stored_through,
            "chain_head": state.chain_head,
            "last_heard_ms": heard_ms,
        }
        for state in states
    ]
    bulk.update(connection, origins, ("district_id", "origin", "epoch"), rows)


def generation(connection: sa.Connection, district: DistrictId) -> int:
    """Which life of the server this is: 1, and one more after every restore from a backup."""
    query = sa.select(tables.server_state.c.generation).where(tables.server_state.c.district_id == district)
    return connection.execute(query).scalar_one_or_none() or 1


def receipt_for(
    state: OriginState, generation_now: int, server_ms: int, held: Sequence[tuple[int, int]] = ()
) -> Receipt:
    """What is to be signed for `state`; `held` are the ranges of sequences in the waiting table."""
    return Receipt(
        district=state.district,
        origin=state.origin,
        epoch=state.epoch,
        generation=generation_now,
        stored_through=state.stored_through,
        safe_through=state.safe_through,
        chain_head=state.chain_head,
        server_ms=server_ms,
        held=tuple(held),
    )


def _state(row: Sequence[Any]) -> OriginState:
    """A row of `_STATES`."""
    district, origin, epoch, centre, verify, seal, data_key, stored, safe, head, retired = row
    keys = PublicKeys(verify=verify, seal=seal)
    return OriginState(district, origin, epoch, centre, keys, data_key, stored, safe, head, retired)


def _parts(names: Sequence[Origin]) -> Iterable[Sequence[Origin]]:
    return (names[start : start + _NAMES_A_QUERY] for start in range(0, len(names), _NAMES_A_QUERY))
