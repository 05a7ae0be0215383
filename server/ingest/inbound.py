"""What comes in from the broker, and how the server answers."""

from collections.abc import Callable

import msgspec

CHANNELS = ("frame", "gap")
"""What goes to ingest, in the order in which it comes."""


class Inbound(msgspec.Struct, frozen=True):
    """A message as it came, and how to tell the broker that it is dealt with."""

    topic: str
    payload: bytes
    acknowledge: Callable[[], None]


Publish = Callable[[str, bytes], None]
"""Send to a topic."""
