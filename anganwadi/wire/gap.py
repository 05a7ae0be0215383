"""What a kiosk says of events it recorded and lost: the letter of kind and channel `gap`.

A damaged card may take accepted events with it. The kiosk knows which, because they have their places in its chain, and
says so under its signature; the server then closes their places and goes on with what came after.
"""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from anganwadi.wire.chain import HASH_BYTES

GAP = "gap"


class GapReason(StrEnum):
    """Why the events are gone: the kiosk's store was `damaged`, or they were `forgotten`, since a receipt had called
    them safe, and a server restored from an older backup than that has them no longer."""

    DAMAGED = "damaged"
    FORGOTTEN = "forgotten"


class GapRecord(msgspec.Struct, frozen=True):
    """The events `first` to `last` of this epoch are lost. `chain_after` is the running hash after `last`, which the
    kiosk still knows; `at_ms` is when it found out, milliseconds since 1970 by its own clock."""

    epoch: Annotated[int, Meta(ge=1, lt=2**31)]
    first: Annotated[int, Meta(ge=1, lt=2**62)]
    last: Annotated[int, Meta(ge=1, lt=2**62)]
    chain_after: Annotated[bytes, Meta(min_length=HASH_BYTES, max_length=HASH_BYTES)]
    reason: GapReason
    at_ms: Annotated[int, Meta(ge=0, lt=2**62)]

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("a gap ends before it begins")
