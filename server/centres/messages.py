"""Messages of officers to a centre: written here, shown on its kiosk, marked read when its worker says so."""

from datetime import UTC, datetime

from sqlalchemy import Connection, and_, select

from anganwadi.ids import CentreId, DistrictId
from server.accounts.scope import Officer
from server.centres.queries import Rows
from server.downlink.messages import LONGEST, BadMessage, post
from server.storage.tables import messages, messages_seen, officers

__all__ = ["LONGEST", "BadMessage", "of_centre", "write"]

SHOWN = 10


def write(connection: Connection, officer: Officer, centre_id: str, text: str, now_ms: int) -> str:
    """Send a message down to the centre's kiosks. Returns its id.

    Raises:
        BadMessage: it is empty or longer than `LONGEST`.
    """
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    district, centre = DistrictId(officer.district_id), CentreId(centre_id)
    return post(connection, district, centre, officer.officer_id, text, now)


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
