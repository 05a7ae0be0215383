"""Messages from the office to a centre: written, withdrawn, and as its kiosk shows them."""

import uuid
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from anganwadi.ids import CentreId, DistrictId
from anganwadi.wire.downlink import Message, Messages
from server.storage import news, tables

LONGEST = 500
"""Characters of a message: it is read on a kiosk's screen without scrolling."""

SHOWN = 50
"""Messages a kiosk has at most, the newest."""

SHOWN_FOR = timedelta(days=60)

messages, centres = tables.messages, tables.centres


class BadMessage(ValueError):
    """Nothing to read, or too much of it."""


class NoSuchCentre(LookupError):
    """The district has no centre of this code."""


class NoSuchMessage(LookupError):
    """No message of this id was written."""


def post(
    connection: sa.Connection,
    district: DistrictId,
    centre: CentreId,
    officer_id: str,
    text: str,
    now: datetime,
) -> str:
    """Write to a centre: its kiosks hear of it within seconds, or when they are next connected. Returns the id.

    Raises:
        BadMessage: it is empty or longer than `LONGEST`.
        NoSuchCentre: there is nobody to read it.
    """
    text = text.strip()
    if not 0 < len(text) <= LONGEST:
        raise BadMessage(f"a message has 1 to {LONGEST} characters")
    check_centre(connection, district, centre)
    message_id = uuid.uuid4().hex
    connection.execute(
        sa.insert(messages).values(
            district_id=district,
            message_id=message_id,
            centre_id=centre,
            officer_id=officer_id,
            text=text,
            sent_ms=_ms(now),
        )
    )
    news.tell(connection, district, centre)
    return message_id


def withdraw(connection: sa.Connection, district: DistrictId, message_id: str, now: datetime) -> None:
    """Take a message back: kiosks show it no longer.

    Raises:
        NoSuchMessage: there is none of this id.
    """
    this = (messages.c.district_id == district) & (messages.c.message_id == message_id)
    centre = connection.execute(sa.select(messages.c.centre_id).where(this)).scalar_one_or_none()
    if centre is None:
        raise NoSuchMessage(f"no message {message_id} was written")
    connection.execute(
        sa.update(messages).where(this, messages.c.withdrawn_ms.is_(None)).values(withdrawn_ms=_ms(now))
    )
    news.tell(connection, district, centre)


def for_kiosk(connection: sa.Connection, district: DistrictId, centre: CentreId, now: datetime) -> Messages:
    """What a kiosk of the centre shows, oldest first."""
    rows = connection.execute(
        sa.select(messages.c.message_id, messages.c.text, messages.c.sent_ms)
        .where(messages.c.district_id == district, messages.c.centre_id == centre)
        .where(messages.c.withdrawn_ms.is_(None), messages.c.sent_ms > _ms(now - SHOWN_FOR))
        .order_by(messages.c.sent_ms.desc(), messages.c.message_id)
        .limit(SHOWN)
    ).all()
    return Messages(
        tuple(
            Message(row.message_id, row.text, datetime.fromtimestamp(row.sent_ms / 1000, UTC))
            for row in reversed(rows)
        )
    )


def check_centre(connection: sa.Connection, district: DistrictId, centre: CentreId) -> None:
    """Raises NoSuchCentre."""
    known = sa.select(centres.c.centre_id).where(
        centres.c.district_id == district, centres.c.centre_id == centre
    )
    if connection.execute(known).one_or_none() is None:
        raise NoSuchCentre(f"the district has no centre {centre}")


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
