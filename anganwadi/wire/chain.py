"""The running hash over an origin's events: what makes their order and completeness provable.

It runs over events, not frames, so that singles and the batch that replaces them agree.
"""

import hashlib
from collections.abc import Iterable

from anganwadi.ids import DistrictId, Origin

HASH_BYTES = 32


def genesis(district: DistrictId, device: Origin, epoch: int) -> bytes:
    """The hash before an epoch's first event, different for every district, origin and epoch."""
    return hashlib.sha256(f"aangan chain 1|{district}|{device}|{epoch}".encode()).digest()


def event_hash(raw: bytes) -> bytes:
    """The hash of one event's bytes; what the log keeps to tell a duplicate from a fork."""
    return hashlib.sha256(raw).digest()


def extend(head: bytes, hashes: Iterable[bytes]) -> bytes:
    """The running hash after events of these hashes."""
    for each in hashes:
        head = hashlib.sha256(head + each).digest()
    return head
