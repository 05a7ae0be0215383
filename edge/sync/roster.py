"""The roster of a log-in: the newest one where the line brings it in moments, else the one the kiosk has.

Only a kiosk that has none, on its first log-in ever or after its store was lost, waits for one to come down.
"""

from datetime import date

import structlog

from anganwadi.wire.downlink import Kind
from anganwadi.wire.login import LeaseGranted
from edge.store.centre import CentreStore
from edge.sync.downlink import QUIET_S, Downlink
from edge.sync.question import ServerUnreachable

FRESH_S = 2.0
"""How long a log-in waits for a newer roster than the one the kiosk has."""

FIRST_S = 300.0
"""How long it waits for the first: two megabytes at 64 kbit/s."""

PATIENCE_S = 3 * QUIET_S
"""After how long without a part of it the waiting ends."""

log = structlog.get_logger(__name__)


def settle(
    downlink: Downlink, store: CentreStore, lease: LeaseGranted, recorded: int, keep_from: date
) -> None:
    """Start `store` for a log-in with the newest roster there is.

    Raises:
        ServerUnreachable: there is none, and none came; what came of one stays, so that the next try waits for less.
        StoreError: the store or the documents cannot be written.
    """
    has_one = bool(store.roster())
    if not has_one and downlink.version(Kind.ROSTER) and downlink.roster(lease.data_key) is None:
        downlink.forget(Kind.ROSTER)  # it went into a store that was lost
    here, newest = downlink.version(Kind.ROSTER), max(lease.roster_version, 0 if has_one else 1)
    if here < newest:
        downlink.wait_for(Kind.ROSTER, here, FRESH_S if has_one else FIRST_S, PATIENCE_S)
    roster = downlink.roster(lease.data_key)
    if roster is None and not has_one:
        raise ServerUnreachable
    store.begin(roster, recorded, keep_from)
    if roster is not None:
        downlink.let_go(Kind.ROSTER, roster.version)


def renew(downlink: Downlink, store: CentreStore, data_key: bytes) -> bool:
    """Put a newer roster that came down into the store of the running log-in. Returns whether there was one.

    Raises:
        StoreError: the store or the documents cannot be written.
    """
    roster = downlink.roster(data_key)
    if roster is None:
        return False
    store.replace_roster(roster)
    downlink.let_go(Kind.ROSTER, roster.version)
    log.info("roster_replaced", version=roster.version)
    return True
