"""SQL of how people were verified. Every function reads inside the caller's connection, and takes the condition that
says which centres (`server.accounts.scope.in_scope`)."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, func, select

from server.centres.queries import Rows, same_centre
from server.storage.tables import centres, face_tries, rations


def handed_out(connection: Connection, scope: ColumnElement[bool], first: str, last: str) -> Rows:
    """Rations handed out from day `first` to day `last`, in order of time."""
    columns = (
        rations.c.centre_id,
        rations.c.person_id,
        rations.c.day,
        rations.c.rung,
        rations.c.serve_ms,
    )
    return connection.execute(
        select(*columns)
        .join(centres, same_centre(rations))
        .where(scope, rations.c.rung.is_not(None), rations.c.day.between(first, last))
        .order_by(rations.c.at_ms, rations.c.sequence)
    ).all()


def looks(connection: Connection, scope: ColumnElement[bool], first: str, last: str) -> Rows:
    """Faces looked at from day `first` to day `last`, in order of time."""
    tried = face_tries.c
    columns = (
        tried.centre_id,
        tried.person_id,
        tried.day,
        tried.rung,
        tried.accepted,
        tried.score,
        tried.light,
        tried.live,
        tried.why_not,
        tried.challenge_ms,
        tried.machine_ms,
    )
    return connection.execute(
        select(*columns)
        .join(centres, same_centre(face_tries))
        .where(scope, tried.day.between(first, last))
        .order_by(tried.at_ms, tried.sequence)
    ).all()


def rations_by_rung(connection: Connection, scope: ColumnElement[bool], first: str, last: str) -> Rows:
    """Per centre and rung: `number` of rations handed out."""
    return connection.execute(
        select(rations.c.centre_id, rations.c.rung, func.count().label("number"))
        .join(centres, same_centre(rations))
        .where(scope, rations.c.rung.is_not(None), rations.c.day.between(first, last))
        .group_by(rations.c.centre_id, rations.c.rung)
    ).all()


def rations_on(
    connection: Connection, scope: ColumnElement[bool], first: str, last: str, rungs: Collection[str]
) -> Rows:
    """The rations that stand on one of `rungs`, newest first, with the names of their centres."""
    return connection.execute(
        select(rations, centres.c.name_en, centres.c.name_hi, centres.c.name_ur)
        .join(centres, same_centre(rations))
        .where(scope, rations.c.rung.in_(sorted(rungs)), rations.c.day.between(first, last))
        .order_by(rations.c.at_ms.desc(), rations.c.sequence)
    ).all()
