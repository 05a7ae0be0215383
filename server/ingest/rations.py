"""Rations handed out while nobody was logged in: who received them is found out here, apart from the log.

What the kiosk wrote says who a person is, so it goes into a table of its own. Where it names a card, exactly one person
of the centre has that card, and it is clear whose ration she came for, the server records at once that she collected
it, as its own event, and forgets what the kiosk wrote. The others wait for somebody in the office.
"""

from datetime import date

import msgspec
import sqlalchemy as sa

from anganwadi.cards import comparable
from anganwadi.entitlements import owed_ration
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
    person = None if holder is None else _came_for(connection, district, holder, ration.day)
    connection.execute(
        sa.insert(unmatched).values(
            district_id=district,
            origin=place[0],
            epoch=place[1],
            sequence=place[2],
            centre_id=event.centre_id,
            at_ms=round(event.at.timestamp() * 1000),
            record=msgspec.msgpack.encode(ration) if person is None else None,
            person_id=None if person is None else person.person_id,
            matched_ms=None if person is None else now_ms,
        )
    )
    if holder is None or person is None:
        return None
    return collected(
        ration,
        person,
        came=holder.person_id,
        centre=event.centre_id,
        worker=event.worker_id,
        at=event.at,
        simulated=event.simulated,
        proof=event.proof,
    )


def _came_for(connection: sa.Connection, district: DistrictId, holder: Person, day: date) -> Person | None:
    """Whose ration the holder of a card collected: her own if one was owed to her, else that of the one child of hers
    to whom one was. None where there are several; herself where there is nobody."""
    if owed_ration(holder, day):
        return holder
    of_centre = (kept.person for kept in vault.of_centre(connection, district, holder.centre_id))
    wards = [each for each in of_centre if each.guardian == holder.person_id and owed_ration(each, day)]
    return wards[0] if len(wards) == 1 else None if wards else holder


def holder_of(
    connection: sa.Connection, district: DistrictId, centre: CentreId, ration: RationWithoutRoster
) -> Person | None:
    """The one person of the centre who has the card named; None if none is named, or none or several have it."""
    number = comparable(ration.card)
    if not number:
        return None
    found = [
        kept.person
        for kept in vault.of_centre(connection, district, centre)
        if comparable(kept.person.card) == number
    ]
    return found[0] if len(found) == 1 else None
