"""The person vault: who people are and what their faces look like, apart from the log, so that it can be corrected
and erased."""

import msgspec
import sqlalchemy as sa
import structlog

from anganwadi.events import FaceTemplateRecord, PersonRecord
from anganwadi.ids import CentreId, DistrictId, PersonId
from anganwadi.people import Person
from models.face.rotation import UnknownModel
from server.storage import rotations, tables
from server.storage.engine import upsert

persons = tables.persons
log = structlog.get_logger(__name__)


class UnknownPerson(LookupError):
    """Nobody of that id is in the vault."""


class Kept(msgspec.Struct, frozen=True):
    """A person as the vault has her."""

    person: Person
    template: FaceTemplateRecord | None


def keep(connection: sa.Connection, district: DistrictId, record: PersonRecord, now_ms: int) -> None:
    """Take in what a person record brings: a registration or correction, a template, or the erasure of one.

    Of a person who was erased nothing is taken in: her kiosk may send again what it sent before.

    Raises:
        UnknownPerson: a template for somebody who was never registered.
    """
    if was_erased(connection, district, record.person_id):
        return
    if record.person is not None:
        _move_template(connection, district, record.person)
        upsert(
            connection,
            persons,
            [
                {
                    "district_id": district,
                    "person_id": record.person_id,
                    "centre_id": record.person.centre_id,
                    "record": msgspec.msgpack.encode(record.person),
                    "updated_ms": now_ms,
                }
            ],
        )
    if record.template is not None or record.erase_template:
        kept = record.template is not None and not record.erase_template
        template = _as_kept(connection, district, record.person_id, record.template) if kept else None
        changed = connection.execute(
            sa.update(persons)
            .where(persons.c.district_id == district, persons.c.person_id == record.person_id)
            .values(template=template, updated_ms=now_ms)
        )
        if changed.rowcount == 0:
            raise UnknownPerson("a face template for somebody not registered")


def _as_kept(
    connection: sa.Connection,
    district: DistrictId,
    person: PersonId,
    template: FaceTemplateRecord | None,
) -> bytes | None:
    """The template's bytes, turned by her centre's newest secret where it was turned by an older one."""
    centre = centre_of(connection, district, person)
    if template is None or centre is None:
        return None
    return _turned(connection, district, centre, template)


def _move_template(connection: sa.Connection, district: DistrictId, person: Person) -> None:
    """Where she moves to another centre her template is turned by that centre's secret."""
    before = centre_of(connection, district, person.person_id)
    if before is None or before == person.centre_id:
        return
    template = find(connection, district, person.person_id).template
    if template is not None:
        connection.execute(
            sa.update(persons)
            .where(persons.c.district_id == district, persons.c.person_id == person.person_id)
            .values(template=_turned(connection, district, person.centre_id, template, before))
        )


def _turned(
    connection: sa.Connection,
    district: DistrictId,
    centre: CentreId,
    template: FaceTemplateRecord,
    came_from: CentreId | None = None,
) -> bytes | None:
    """None where it cannot be turned and so compares with nothing: she must be enrolled again."""
    try:
        template = rotations.turned_on(connection, district, centre, template, came_from)
    except rotations.LostRotation:
        log.warning("template_dropped", reason="its rotation is lost")
        return None
    except (UnknownModel, ValueError):
        log.warning("template_not_turned", reason="its model is not known here")
        if came_from is not None:
            return None
    return msgspec.msgpack.encode(template)


def centre_of(connection: sa.Connection, district: DistrictId, person: PersonId) -> CentreId | None:
    """The centre a person is registered at; None where she is unknown."""
    query = sa.select(persons.c.centre_id).where(
        persons.c.district_id == district, persons.c.person_id == person
    )
    return connection.execute(query).scalar_one_or_none()


def was_erased(connection: sa.Connection, district: DistrictId, person: PersonId) -> bool:
    """Whether the person of this id was erased."""
    gone = tables.erased.c
    query = sa.select(gone.person_id).where(gone.district_id == district, gone.person_id == person)
    return connection.execute(query).first() is not None


def find(connection: sa.Connection, district: DistrictId, person: PersonId) -> Kept:
    """A person as the vault has her.

    Raises:
        UnknownPerson: it does not.
    """
    query = sa.select(persons.c.record, persons.c.template).where(
        persons.c.district_id == district, persons.c.person_id == person
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        gone = was_erased(connection, district, person)
        raise UnknownPerson(f"{person} was erased" if gone else f"nobody is registered as {person}")
    return _kept(*row)


def of_centre(connection: sa.Connection, district: DistrictId, centre: CentreId) -> list[Kept]:
    """Everybody registered at a centre."""
    query = (
        sa.select(persons.c.record, persons.c.template)
        .where(persons.c.district_id == district, persons.c.centre_id == centre)
        .order_by(persons.c.person_id)
    )
    return [_kept(record, template) for record, template in connection.execute(query)]


def _kept(record: bytes, template: bytes | None) -> Kept:
    return Kept(
        msgspec.msgpack.decode(record, type=Person),
        None if template is None else msgspec.msgpack.decode(template, type=FaceTemplateRecord),
    )
