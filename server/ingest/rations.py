"""Rations handed out while nobody was logged in: who received them is found out here, apart from the log.

What the kiosk wrote says who a person is, so it goes into a table of its own. Where it names a card, and exactly one
person of the centre has that card, the server records at once that she collected her ration, as its own event, and
forgets what the kiosk wrote. The others wait for somebody in the office.
"""

import msgspec
import sqlalchemy as sa

from anganwadi.events import Event, RationWithoutRoster
from anganwadi.ids import CentreId, DistrictId, Origin
from anganwadi.people import Person
from anganwadi.rations import collected
from server.storage import tables, vault

unmatched = tables.unmatched_rations

Place = tuple[Origin, int, int]
"""Where an event stands in the log: origin, epoch, sequence."""


def keep(
    connection: sa.Connection,
    district: DistrictId,
    place: Place,
    event: Event,
    ration: RationWithoutRoster,
    now_ms: int,
) -> Event | None:
    """Keep what the kiosk wrote; the event to record if it is clear who received the ration."""
    holder = holder_of(connection, district, event.centre_id, ration)
    connection.execute(
        sa.insert(unmatched).values(
            district_id=district,
            origin=place[0],
            epoch=place[1],
            sequence=place[2],
            centre_id=event.centre_id,
            at_ms=round(event.at.timestamp() * 1000),
            record=msgspec.msgpack.encode(ration) if holder is None else None,
            person_id=None if holder is None else holder.person_id,
            matched_ms=None if holder is None else now_ms,
        )
    )
    if holder is None:
        return None
    return collected(
        ration,
        holder,
        centre=event.centre_id,
        worker=event.worker_id,
        at=event.at,
        simulated=event.simulated,
        proof=event.proof,
    )


def holder_of(
    connection: sa.Connection, district: DistrictId, centre: CentreId, ration: RationWithoutRoster
) -> Person | None:
    """The one person of the centre who has the card named; None if none is named, or none or several have it."""
    number = _number(ration.card)
    if not number:
        return None
    found = [
        kept.person
        for kept in vault.of_centre(connection, district, centre)
        if _number(kept.person.card) == number
    ]
    return found[0] if len(found) == 1 else None


def _number(card: str | None) -> str:
    """A card's number as it is compared: without spaces, in capitals."""
    return "".join((card or "").split()).upper()
