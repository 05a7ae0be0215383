"""Erasing a person: nothing that says who she is stays in the database, and no later backup or restore brings her back.

Gone are her record and face template, her ration cards, her content in quarantine and among the unmatched rations.
What stays is the log, in which she is a random number. Sealed frames (waiting, or in quarantine whole) may still hold
records of hers: when they are opened, the vault does not take them in.
"""

from datetime import datetime

import sqlalchemy as sa
import structlog

from anganwadi import events
from anganwadi.events import PersonErased, Proof
from anganwadi.ids import CentreId, DistrictId, PersonId, WorkerId
from server.storage import log as event_log
from server.storage import news, own_origin, tables, vault
from server.storage.engine import upsert, writing
from server.storage.erasure_register import Erasure, ErasureRegister
from server.storage.vault import UnknownPerson

HELD_IN = (tables.persons, tables.cards, tables.quarantine, tables.unmatched_rations)
"""The tables that say who people are. Once somebody is erased they are to be scrubbed: `scrubbing.scrub(engine,
HELD_IN)`, once for all who are erased together."""

log = structlog.get_logger(__name__)


def erase(
    engine: sa.Engine,
    district: DistrictId,
    person: PersonId,
    reason: str,
    *,
    by: WorkerId,
    proof: Proof,
    register: ErasureRegister | None,
    now: datetime,
) -> None:
    """Erase a person; by whom and why goes into the log, once.

    `register` is the one beside the backups, None where none are made.

    Raises:
        UnknownPerson: nothing is held about anybody of this id.
        OSError: the register could not be written; nothing is erased.
    """
    now_ms = round(now.timestamp() * 1000)
    with writing(engine) as connection:
        event_log.lock(connection)  # ingest must not take her in between two of our statements
        if vault.was_erased(connection, district, person):
            forget(connection, district, person, now_ms)
            return
        if not is_held(connection, district, person):
            raise UnknownPerson(f"nothing is held about {person}")
        if register is not None:
            register.append(Erasure(person, now_ms))
        erase_within(connection, district, person, reason, by=by, proof=proof, now=now)
    log.info("person_erased")


def erase_within(
    connection: sa.Connection,
    district: DistrictId,
    person: PersonId,
    reason: str,
    *,
    by: WorkerId,
    proof: Proof,
    now: datetime,
) -> None:
    """Erase a person within the caller's writing transaction; the register is the caller's."""
    centre = _centre(connection, district, person)
    forget(connection, district, person, round(now.timestamp() * 1000))
    if centre is None:
        return
    body = PersonErased(person_id=person, reason=reason)
    erased = events.new_event(body, centre_id=centre, worker_id=by, at=now, simulated=False, proof=proof)
    own_origin.record(connection, district, [erased])
    news.tell(connection, district, centre)


def is_held(connection: sa.Connection, district: DistrictId, person: PersonId) -> bool:
    """Whether anything in the database may say who this person is."""
    return any(_holds(connection, district, table, person) for table in HELD_IN)


def forget(connection: sa.Connection, district: DistrictId, person: PersonId, erased_ms: int) -> None:
    """Take away what says who a person is, and note that she was erased: nothing of hers is taken in from then on."""
    persons, cards, quarantine, unmatched = HELD_IN
    for table in (persons, cards):
        connection.execute(
            sa.delete(table).where(table.c.district_id == district, table.c.person_id == person)
        )
    for table, column in ((quarantine, "frame"), (unmatched, "record")):
        connection.execute(
            sa.update(table)
            .where(table.c.district_id == district, table.c.person_id == person)
            .values({column: None})
        )
    row = {"district_id": district, "person_id": person, "erased_ms": erased_ms}
    upsert(connection, tables.erased, [row], ["erased_ms"])


def _holds(connection: sa.Connection, district: DistrictId, table: sa.Table, person: PersonId) -> bool:
    query = sa.select(table.c.person_id).where(table.c.district_id == district, table.c.person_id == person)
    return connection.execute(query.limit(1)).first() is not None


def _centre(connection: sa.Connection, district: DistrictId, person: PersonId) -> CentreId | None:
    """The centre whose kiosk knows her: where she is registered, or whose kiosk sent what is in quarantine."""
    registered = vault.centre_of(connection, district, person)
    if registered is not None:
        return registered
    origins, quarantine = tables.origins, tables.quarantine
    query = (
        sa.select(origins.c.centre_id)
        .join(quarantine, (quarantine.c.origin == origins.c.origin) & (quarantine.c.epoch == origins.c.epoch))
        .where(origins.c.district_id == district, quarantine.c.district_id == district)
        .where(quarantine.c.person_id == person)
    )
    return connection.execute(query.limit(1)).scalar_one_or_none()
