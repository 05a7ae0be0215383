"""Where a kiosk stands, in the terms of its pages: the log-in, the way of the records, the notices.

Known without anybody logged in, and nothing of it is about a person.
"""

from datetime import datetime

import msgspec

from anganwadi.wire.login import Notice
from edge.kiosk.session import Kiosk, LinkStatus


class Standing(msgspec.Struct, frozen=True):
    """`state` is `logged_in` (the server checked the PIN), `grace` (the kiosk's TPM did) or `sealed_only` (nobody is
    logged in); `until` is when that log-in ends, `offline_until` until when one may log in without the server."""

    state: str
    until: datetime | None
    offline_until: datetime | None
    link: LinkStatus
    notices: tuple[Notice, ...]

    @property
    def waiting(self) -> int:
        """Events on the kiosk that have not reached the district."""
        return max(self.link.recorded - self.link.receipted, 0)

    @property
    def single(self) -> int:
        """Events that are kept once at the district, in no backup yet."""
        return max(self.link.receipted - self.link.safe, 0)


def standing_of(kiosk: Kiosk) -> Standing:
    """Where it stands now."""
    session, key = kiosk.session, kiosk.state()
    return Standing(
        state=key.state,
        until=None if session is None else session.expires,
        offline_until=key.offline_until,
        link=kiosk.link(),
        notices=kiosk.notices(),
    )
