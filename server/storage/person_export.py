"""Everything held about one person, as she may ask for it: her record, what happened to her, who looked at her data.

Events are read from the log itself, so that nothing depends on what registers were made of them.
"""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from anganwadi import events
from anganwadi.events import Event, FaceTemplateRecord, QuarantineReleased, RationWithoutRoster
from anganwadi.ids import DistrictId, PersonId
from anganwadi.people import Person
from server.storage import tables, vault
from server.storage.progress import Progress, unseen

_AT_ONCE = 2000


def export(
    connection: sa.Connection,
    district: DistrictId,
    person: PersonId,
    *,
    with_template: bool = False,
    progress: Progress = unseen,
) -> dict[str, Any]:
    """What is held about a person, in plain values for JSON; of her face only that it is enrolled, if not
    `with_template`. The connection should be a snapshot: the whole log is looked through.

    Raises:
        UnknownPerson: nobody of that id is registered.
    """
    kept = vault.find(connection, district, person)
    found: dict[str, list[dict[str, Any]]] = {}
    for place, event in _events(connection, district, person, progress):
        found.setdefault(events.event_type(event.body), []).append({**place, **_told(event)})
    return {
        "person": msgspec.to_builtins(kept.person),
        "face": None if kept.template is None else _face(kept.template, with_template),
        "cards": _cards(connection, district, person),
        "events": found,
        "quarantined": _quarantined(connection, district, person),
        "rations_without_roster": _unmatched(connection, district, person),
        "looked_at": _looked_at(connection, district, kept.person),
    }


def _face(template: FaceTemplateRecord, with_template: bool) -> dict[str, Any]:
    face: dict[str, Any] = {"model": template.model, "bytes": len(template.vectors)}
    return {**face, "vectors": base64.b64encode(template.vectors).decode()} if with_template else face


def _cards(connection: sa.Connection, district: DistrictId, person: PersonId) -> list[dict[str, Any]]:
    of = tables.cards.c
    query = (
        sa.select(of.number, of.issued_ms, of.revoked_ms)
        .where(of.district_id == district, of.person_id == person)
        .order_by(of.issued_ms)
    )
    return [
        {"number": number, "issued": _time(issued), "revoked": None if revoked is None else _time(revoked)}
        for number, issued, revoked in connection.execute(query)
    ]


def _events(
    connection: sa.Connection, district: DistrictId, person: PersonId, progress: Progress
) -> Iterator[tuple[dict[str, Any], Event]]:
    """The events that name her, in order of arrival."""
    log = tables.events
    columns = (log.c.position, log.c.origin, log.c.epoch, log.c.sequence, log.c.received_ms, log.c.raw)
    ours = (log.c.district_id == district) & log.c.raw.is_not(None)
    total = connection.execute(sa.select(sa.func.count()).select_from(log).where(ours)).scalar_one()
    wanted = person.encode()
    found: list[tuple[int, dict[str, Any], Event]] = []
    rows = connection.execute(sa.select(*columns).where(ours), execution_options={"yield_per": _AT_ONCE})
    for n, (position, origin, epoch, sequence, received_ms, raw) in enumerate(rows):
        if n % _AT_ONCE == 0:
            progress("events", n, total)
        if wanted not in raw:  # ids stand in an event as they are
            continue
        event = _readable(raw)
        if event is not None:
            place = {"origin": origin, "epoch": epoch, "sequence": sequence, "received": _time(received_ms)}
            found.append((position, place, event))
    progress("events", total, total)
    return ((place, event) for _, place, event in sorted(found, key=lambda each: each[0]))


def _readable(raw: bytes) -> Event | None:
    try:
        event = events.decode(raw)
        return events.decode(event.body.raw) if isinstance(event.body, QuarantineReleased) else event
    except events.UnknownEvent:
        return None


def _told(event: Event) -> dict[str, Any]:
    """An event without what means nothing to her: salt and schema."""
    told = msgspec.to_builtins(event)
    return {key: told[key] for key in ("at", "centre_id", "worker_id", "proof", "body")}


def _quarantined(connection: sa.Connection, district: DistrictId, person: PersonId) -> list[dict[str, Any]]:
    of = tables.quarantine.c
    query = (
        sa.select(of.reason, of.received_ms, of.frame)
        .where(of.district_id == district, of.person_id == person)
        .order_by(of.received_ms)
    )
    return [
        {"reason": reason, "received": _time(received_ms), "event": _content(content)}
        for reason, received_ms, content in connection.execute(query)
    ]


def _content(raw: bytes | None) -> dict[str, Any] | None:
    event = None if raw is None else _readable(raw)
    return None if event is None else _told(event)


def _unmatched(connection: sa.Connection, district: DistrictId, person: PersonId) -> list[dict[str, Any]]:
    of = tables.unmatched_rations.c
    query = (
        sa.select(of.at_ms, of.record)
        .where(of.district_id == district, of.person_id == person)
        .order_by(of.at_ms)
    )
    return [
        {"at": _time(at_ms), "record": None if record is None else _ration(record)}
        for at_ms, record in connection.execute(query)
    ]


def _ration(record: bytes) -> dict[str, Any]:
    return msgspec.to_builtins(msgspec.msgpack.decode(record, type=RationWithoutRoster))


def _looked_at(connection: sa.Connection, district: DistrictId, person: Person) -> list[dict[str, Any]]:
    """Who looked at her data, or opened a page of her centre, where her name stands."""
    of = tables.access_log.c
    query = (
        sa.select(of.at_ms, of.officer_id, of.action, of.subject)
        .where(of.district_id == district, of.subject.in_((person.person_id, person.centre_id)))
        .order_by(of.at_ms)
    )
    return [
        {"at": _time(at_ms), "by": officer, "action": action, "subject": subject}
        for at_ms, officer, action, subject in connection.execute(query)
    ]


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat()
