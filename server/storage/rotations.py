"""The secret rotations that centres' face templates are turned by, and their renewal (`docs/biometrics.md`).

A centre gets its first secret when its roster is first made. `renew` draws another one and turns every template of the
centre on to it: what was taken from a kiosk before is then of no use any more. A secret that was replaced is kept for
`KEPT`, since a kiosk that sleeps may still bring templates turned by it; then it is deleted with the next renewal.
"""

import secrets
from datetime import timedelta

import msgspec
import numpy as np
import sqlalchemy as sa
import structlog

from anganwadi.events import FaceTemplateRecord
from anganwadi.ids import CentreId, DistrictId
from anganwadi.wire.login import RotationSecret
from models.face.rotation import SECRET_BYTES, Rotation, UnknownModel, parts_of
from server.storage import news, tables

KEPT = timedelta(days=90)
"""How long a replaced secret is kept: a kiosk's log-ins end long before."""

FIRST_MS = 1_577_836_800_000
"""1 January 2020 UTC: a rotation's number is at least the seconds since then. So a server that was restored from a
backup does not give a number again to another secret, which kiosks would take for the one they have; and it stays
below 2**31 until 2088."""

rotations, persons = tables.template_rotations, tables.persons
log = structlog.get_logger(__name__)


class LostRotation(LookupError):
    """A template was turned by a secret that is not there any more: she must be enrolled again."""


def current(connection: sa.Connection, district: DistrictId, centre: CentreId) -> RotationSecret | None:
    """What the centre's templates are turned by; None before its first roster was made."""
    query = (
        sa.select(rotations.c.number, rotations.c.secret)
        .where(rotations.c.district_id == district, rotations.c.centre_id == centre)
        .order_by(rotations.c.number.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else RotationSecret(row.number, row.secret)


def renew(connection: sa.Connection, district: DistrictId, centre: CentreId, now_ms: int) -> int:
    """Draw a new secret and turn the centre's templates on to it; returns how many were. For a writing transaction.

    A template that cannot be turned, being of a lost secret or an unknown model, is left as it is: it compares with
    nothing, and the kiosk asks to enrol her again.
    """
    before = current(connection, district, centre)
    least = 1 if before is None else before.number + 1
    made = RotationSecret(max(least, (now_ms - FIRST_MS) // 1000), secrets.token_bytes(SECRET_BYTES))
    connection.execute(
        sa.insert(rotations).values(
            district_id=district, centre_id=centre, number=made.number, secret=made.secret, made_ms=now_ms
        )
    )
    turned = _turn_all(connection, district, centre, now_ms)
    _forget_old(connection, district, centre, now_ms)
    news.tell(connection, district, centre)
    log.info("templates_renewed", centre=centre, number=made.number, templates=turned)
    return turned


def turned_on(
    connection: sa.Connection,
    district: DistrictId,
    centre: CentreId,
    template: FaceTemplateRecord,
    came_from: CentreId | None = None,
) -> FaceTemplateRecord:
    """The template as the centre's newest secret turns it, not turned at all where the centre has none.

    `came_from` is the centre whose secret it is turned by, where that is another one.

    Raises:
        LostRotation: it was turned by a secret that is deleted, or never was this centre's.
        UnknownModel: its model is not known here, so that nobody knows how to turn it.
    """
    newest = current(connection, district, centre)
    moved = came_from is not None and came_from != centre
    if newest is None and not (moved and template.rotation):
        return template
    if newest is not None and newest.number == template.rotation and not moved:
        return template
    parts = parts_of(template.model)
    rows = np.frombuffer(template.vectors, "<f2").astype(np.float32).reshape(-1, sum(parts))
    if template.rotation:
        rows = _rotation(connection, district, came_from or centre, template.rotation).back(rows, parts)
    if newest is not None:
        rows = Rotation(newest.number, newest.secret).turn(rows, parts)
    number = 0 if newest is None else newest.number
    return msgspec.structs.replace(template, vectors=rows.astype("<f2").tobytes(), rotation=number)


def _rotation(connection: sa.Connection, district: DistrictId, centre: CentreId, number: int) -> Rotation:
    query = sa.select(rotations.c.secret).where(
        rotations.c.district_id == district, rotations.c.centre_id == centre, rotations.c.number == number
    )
    secret = connection.execute(query).scalar_one_or_none()
    if secret is None:
        raise LostRotation(f"rotation {number} of {centre} is not known: she must be enrolled again")
    return Rotation(number, secret)


def _turn_all(connection: sa.Connection, district: DistrictId, centre: CentreId, now_ms: int) -> int:
    whose = (persons.c.district_id == district, persons.c.centre_id == centre)
    held = connection.execute(
        sa.select(persons.c.person_id, persons.c.template).where(*whose, persons.c.template.is_not(None))
    ).all()
    turned = 0
    for person, packed in held:
        template = msgspec.msgpack.decode(packed, type=FaceTemplateRecord)
        try:
            renewed = turned_on(connection, district, centre, template)
        except (LostRotation, UnknownModel, ValueError) as error:
            log.warning("template_not_renewed", reason=type(error).__name__)
            continue
        connection.execute(
            sa.update(persons)
            .where(*whose, persons.c.person_id == person)
            .values(template=msgspec.msgpack.encode(renewed), updated_ms=now_ms)
        )
        turned += 1
    return turned


def _forget_old(connection: sa.Connection, district: DistrictId, centre: CentreId, now_ms: int) -> None:
    """Delete the secrets that were replaced longer than `KEPT` ago: all before the newest that is as old as that."""
    whose = (rotations.c.district_id == district, rotations.c.centre_id == centre)
    oldest_needed = connection.execute(
        sa.select(sa.func.max(rotations.c.number)).where(
            *whose, rotations.c.made_ms <= now_ms - KEPT // timedelta(milliseconds=1)
        )
    ).scalar_one_or_none()
    if oldest_needed is not None:
        connection.execute(sa.delete(rotations).where(*whose, rotations.c.number < oldest_needed))


def held(connection: sa.Connection, district: DistrictId) -> dict[tuple[CentreId, str], int]:
    """How many templates each centre has, by model; a centre with none is counted under the model `-`."""
    counted = dict.fromkeys(((centre, "-") for centre in centres(connection, district)), 0)
    rows = connection.execute(
        sa.select(persons.c.centre_id, persons.c.template).where(
            persons.c.district_id == district, persons.c.template.is_not(None)
        )
    )
    for centre, packed in rows:
        key = CentreId(centre), msgspec.msgpack.decode(packed, type=FaceTemplateRecord).model
        counted[key] = counted.get(key, 0) + 1
        counted.pop((CentreId(centre), "-"), None)
    return counted


def centres(connection: sa.Connection, district: DistrictId) -> list[CentreId]:
    """The district's centres, in order."""
    query = sa.select(tables.centres.c.centre_id).where(tables.centres.c.district_id == district)
    return [
        CentreId(centre)
        for centre in connection.execute(query.order_by(tables.centres.c.centre_id)).scalars()
    ]


def numbers(connection: sa.Connection, district: DistrictId) -> dict[CentreId, int]:
    """The number of each centre's newest secret."""
    query = (
        sa.select(rotations.c.centre_id, sa.func.max(rotations.c.number))
        .where(rotations.c.district_id == district)
        .group_by(rotations.c.centre_id)
    )
    return {CentreId(centre): number for centre, number in connection.execute(query)}
