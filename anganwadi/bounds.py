"""The kinds of values events are made of, each with its bounds.

What a device may say is bounded, so that a broken or hostile one can neither fill the vault nor stop a reader.
"""

from typing import Annotated

from msgspec import Meta

from anganwadi.ids import Grams, Millimetres, PersonId

Who = Annotated[PersonId, Meta(min_length=1, max_length=40)]
Weight = Annotated[Grams, Meta(ge=1, le=500_000)]
Length = Annotated[Millimetres, Meta(ge=1, le=2_500)]
MOST_Z = 100
ZScore = Annotated[float, Meta(ge=-MOST_Z, le=MOST_Z)]
Cosine = Annotated[float, Meta(ge=-1.001, le=1.001)]
Count = Annotated[int, Meta(ge=0, le=10_000)]
RawCounts = Annotated[int, Meta(ge=-(2**24), lt=2**24)]
"""What a 24-bit converter says, or the difference of two such."""
Milliseconds = Annotated[int, Meta(ge=0, le=3_600_000)]
Measure = Annotated[float, Meta(ge=-1e6, le=1e6)]
Code = Annotated[str, Meta(min_length=1, max_length=40)]
