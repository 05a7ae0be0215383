"""Messages of officers to a centre: written here, shown on its kiosk, marked read when its worker says so."""

from uuid import uuid4

from sqlalchemy import Connection, and_, insert, select

from server.accounts.scope import Officer
from server.centres.queries import Rows
from server.storage.tables import messages, messages_seen, officers

LONGEST = 500
"""Characters of a message: it must be read on a kiosk's screen without scrolling."""

SHOWN = 10


class BadMessage(ValueError):
    """Nothing to read, or too much of it."""


def write(connection: Connection, officer: Officer, centre_id: str, text: str, now_ms: int) -> str:
    """Keep a message for the centre; the down-link takes it from there. Returns its id.

    Raises:
        BadMessage: it is empty or longer than `LONGEST`.
    """
    text = text.strip()
    if not 0 < len(text) <= LONGEST:
        raise BadMessage(f"a message has 1 to {LONGEST} characters")
    message_id = uuid4().hex
    connection.execute(
        insert(messages).values(
            district_id=officer.district_id,
            message_id=message_id,
            centre_id=centre_id,
            officer_id=officer.officer_id,
            text=text,
            sent_ms=now_ms,
        )
    )
    return message_id


def of_centre(connection: Connection, district: str, centre_id: str) -> Rows:
    """The newest messages, with who wrote them and when they were read on the kiosk."""
    by = and_(
        officers.c.district_id == messages.c.district_id, officers.c.officer_id == messages.c.officer_id
    )
    seen = and_(
        messages_seen.c.district_id == messages.c.district_id,
        messages_seen.c.centre_id == messages.c.centre_id,
        messages_seen.c.message_id == messages.c.message_id,
    )
    return connection.execute(
        select(messages, officers.c.name.label("officer"), messages_seen.c.seen_ms)
        .outerjoin(officers, by)
        .outerjoin(messages_seen, seen)
        .where(messages.c.district_id == district, messages.c.centre_id == centre_id)
        .order_by(messages.c.sent_ms.desc())
        .limit(SHOWN)
    ).all()
