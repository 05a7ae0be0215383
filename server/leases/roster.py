"""The roster of a centre as its kiosk needs it: people and templates from the vault, weights and rations from the
registers."""

from datetime import date

import sqlalchemy as sa

from anganwadi.ids import CentreId, DistrictId, Grams, PersonId
from anganwadi.wire.login import PastWeight, Roster, RosterEntry
from server.storage import tables, vault

weighings, rations, centres = tables.weighings, tables.rations, tables.centres


def build(
    connection: sa.Connection, district: DistrictId, centre: CentreId, nonce: bytes, stored_through: int
) -> Roster:
    """Everybody registered at `centre`, with what the kiosk shows of their past.

    `stored_through` is how far the asking kiosk's own events are stored, read in the same transaction.
    """
    weights = _weights(connection, district, centre)
    cycles = _cycles(connection, district, centre)
    entries = tuple(
        RosterEntry(
            person=kept.person,
            template=kept.template,
            weights=tuple(weights.get(kept.person.person_id, ())),
            cycles=tuple(cycles.get(kept.person.person_id, ())),
        )
        for kept in vault.of_centre(connection, district, centre)
    )
    version = connection.execute(
        sa.select(centres.c.roster_version).where(
            centres.c.district_id == district, centres.c.centre_id == centre
        )
    ).scalar_one()
    return Roster(centre, version, entries, nonce, stored_through)


def _weights(
    connection: sa.Connection, district: DistrictId, centre: CentreId
) -> dict[PersonId, list[PastWeight]]:
    query = (
        sa.select(weighings.c.person_id, weighings.c.day, weighings.c.grams)
        .where(weighings.c.district_id == district, weighings.c.centre_id == centre)
        .order_by(weighings.c.at_ms)
    )
    found: dict[PersonId, list[PastWeight]] = {}
    for person, day, grams in connection.execute(query):
        found.setdefault(PersonId(person), []).append(PastWeight(date.fromisoformat(day), Grams(grams)))
    return found


def _cycles(connection: sa.Connection, district: DistrictId, centre: CentreId) -> dict[PersonId, list[str]]:
    query = (
        sa.select(rations.c.person_id, rations.c.cycle)
        .where(rations.c.district_id == district, rations.c.centre_id == centre, rations.c.cycle.is_not(None))
        .order_by(rations.c.at_ms)
    )
    found: dict[PersonId, list[str]] = {}
    for person, cycle in connection.execute(query):
        found.setdefault(PersonId(person), []).append(cycle)
    return found
