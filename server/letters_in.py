"""What the desks that answer kiosks' letters have in common: whose a letter is, and that none of them closes a desk."""

from collections.abc import Callable

import sqlalchemy as sa
import structlog

from anganwadi.ids import DistrictId
from anganwadi.wire import letters, topics
from server.storage import origins
from server.storage.origins import OriginState

log = structlog.get_logger(__name__)


def sender(engine: sa.Engine, district: DistrictId, topic: str) -> tuple[OriginState, str]:
    """The device that may have written on `topic`, and the channel it is of; its signature is the letter's to show.

    Raises:
        BadTopic: no device writes there.
        LookupError: no such device is enrolled, or it is retired.
    """
    spoken = topics.parse_up(topic)
    with engine.connect() as connection:
        device = origins.current(connection, district, spoken.origin)
    if device is None or spoken.district != district:
        raise LookupError("no such device is enrolled")
    if device.retired_ms is not None:
        raise LookupError("the device is retired")
    return device, spoken.channel


def safely(step: Callable[[], None]) -> None:
    """Do what one letter asks for; whatever it was that failed, it is logged, and the next letter is answered."""
    try:
        step()
    except (letters.BadLetter, topics.BadTopic, LookupError) as error:
        log.warning("letter_rejected", reason=str(error))
    except Exception:  # a desk is everybody's: one letter must not close it
        log.exception("letter_failed")
