"""Correcting who a person is: on somebody's word, as an event of the server's own; her kiosk hears of it."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
import sqlalchemy as sa

from anganwadi import events
from anganwadi.events import PersonRecord, Proof
from anganwadi.ids import DistrictId, PersonId, WorkerId
from anganwadi.malformed import MALFORMED
from anganwadi.people import Person
from server.storage import news, own_origin, vault
from server.storage.engine import writing

FIXED = frozenset({"person_id", "centre_id"})
"""Who she is and where she is registered: somebody else, or somewhere else, is another registration."""

CORRECTABLE = tuple(name for name in Person.__struct_fields__ if name not in FIXED)


class BadCorrection(ValueError):
    """A field that is not there or cannot be corrected, or a value it cannot have; the text says which."""


def correct(
    engine: sa.Engine,
    district: DistrictId,
    person: PersonId,
    changes: Mapping[str, str],
    *,
    by: WorkerId,
    proof: Proof,
    now: datetime,
) -> None:
    """Correct fields of a person's record. Values are text: dates as 2026-11-21, an empty one where nothing is known,
    nominees as person ids with commas between.

    Raises:
        UnknownPerson: nobody of that id is registered.
        BadCorrection: a field or value that cannot be.
    """
    with writing(engine) as connection:
        old = vault.find(connection, district, person).person
        new = corrected(old, changes)
        record = PersonRecord(person_id=person, person=new)
        happened = events.new_event(
            record, centre_id=old.centre_id, worker_id=by, at=now, simulated=False, proof=proof
        )
        own_origin.record(connection, district, [happened])
        news.tell(connection, district, old.centre_id)


def corrected(person: Person, changes: Mapping[str, str]) -> Person:
    """The record with these fields changed.

    Raises:
        BadCorrection: a field or value that cannot be.
    """
    for name in changes:
        if name not in CORRECTABLE:
            raise BadCorrection(f"{name} cannot be corrected; what can be is {', '.join(CORRECTABLE)}")
    fields = msgspec.to_builtins(person)
    for name, text in changes.items():
        fields[name] = _value(name, text)
    try:
        return msgspec.convert(fields, Person, strict=False)
    except MALFORMED as error:
        raise BadCorrection(f"not a value that can stand there: {error}") from error


def _value(name: str, text: str) -> object:
    if name == "nominees":
        return [each.strip() for each in text.split(",") if each.strip()]
    return text or None
