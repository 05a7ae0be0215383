"""What is measured of a child and what follows from it: the bodies of three events.

`Weighed` and `Measured` are saved as the child leaves the scale and the board; `CareDecided` says where the child goes
now. Each carries what a later reader needs to judge it: the scale's raw counts, tare and calibration, or why a weight
was typed in. The last event of its kind on a day holds.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Annotated, Self

import msgspec
from msgspec import Meta

from anganwadi.bounds import Code, Length, RawCounts, Weight, Who, ZScore
from anganwadi.ids import Grams
from anganwadi.people import Line


class WeightSource(StrEnum):
    SCALE = "scale"
    MANUAL = "manual"


class Way(StrEnum):
    """How a child is weighed."""

    ALONE = "alone"
    IN_ARMS = "in_arms"
    """As the difference between an adult with the child and without."""


class Load(StrEnum):
    """Who stood on the scale."""

    CHILD = "child"
    ADULT = "adult"
    TOGETHER = "together"


class Position(StrEnum):
    """How a child was measured, in WHO's letters."""

    LYING = "L"
    STANDING = "H"


class ScaleReading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One still load as the scale gave it, less `tare`. `zero` is what the sensor read with no load, `steps` its latest
    raw counts: the first as it was, of each other the difference to the one before. A bought scale tells neither."""

    grams: Weight
    load: Load = Load.CHILD
    tare: Annotated[Grams, Meta(ge=0, le=500_000)] = Grams(0)
    zero: RawCounts | None = None
    steps: Annotated[tuple[RawCounts, ...], Meta(max_length=64)] = ()

    @property
    def counts(self) -> tuple[int, ...]:
        """The raw counts, oldest first."""
        return tuple(accumulate(self.steps))

    @staticmethod
    def steps_of(counts: Sequence[int]) -> tuple[int, ...]:
        """Raw counts as `steps`, which take a third of the bytes."""
        return (*counts[:1], *(later - earlier for earlier, later in pairwise(counts)))


class Weighed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="weighed"):
    """A child's weight; z-score to two decimals, if computable.

    `readings` are the child's two or three readings, of which two agreed; `taken` are the loads behind them, in order.
    In arms each reading is a difference, and `uncertainty` the weight's standard uncertainty. `temperature_c` and
    `warm` (powered for five minutes) are the scale's own. `reason` is set where the weight was typed in by hand.
    `confirmed`: it was implausible beside the last one, and the worker said that it is this child all the same.
    """

    day: date
    person_id: Who
    grams: Weight
    source: WeightSource
    way: Way = Way.ALONE
    readings: Annotated[tuple[Weight, ...], Meta(max_length=20)] = ()
    uncertainty: Annotated[Grams, Meta(ge=0, le=10_000)] | None = None
    taken: Annotated[tuple[ScaleReading, ...], Meta(max_length=12)] = ()
    device: Line | None = None
    firmware: Line | None = None
    calibrated: date | None = None
    temperature_c: Annotated[int, Meta(ge=-60, le=150)] | None = None
    warm: bool | None = None
    reason: Line | None = None
    waz: ZScore | None = None
    weight_class: Code | None = None
    flagged: bool = False
    """WHO's plausibility flag; `weight_class` is None then."""
    confirmed: bool = False


class Measured(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="measured"):
    """A child's length or height, arm and oedema, as far as they were taken; typed in by the worker.

    `oedema` is bilateral pitting oedema, None where nobody looked. Z-scores to two decimals: height for age, weight for
    height (with the weight of the same day) and, from five years, BMI for age. `wasting` is the class of weight for
    height, or of BMI for age from five years. `flagged` names what WHO calls implausible.
    """

    day: date
    person_id: Who
    length: Length | None = None
    position: Position | None = None
    muac: Length | None = None
    oedema: bool | None = None
    haz: ZScore | None = None
    whz: ZScore | None = None
    baz: ZScore | None = None
    stunting: Code | None = None
    wasting: Code | None = None
    flagged: Annotated[tuple[Code, ...], Meta(max_length=8)] = ()
    confirmed: bool = False


class CareDecided(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="care_decided"):
    """Where a child goes after this day's measurements: `step`, `appetite` and `signs` are codes of `anganwadi.cmam`.

    `acute` (SAM, MAM, NONE), `underweight` and `stunting` are the classes it rests on, `faltering` how the growth
    failed. `seen_by` is the last day on which the medical officer should see the child, `visits` when it is visited
    again. A child whose care ends gets a `step` of "none".
    """

    day: date
    person_id: Who
    step: Code
    acute: Code | None = None
    underweight: Code | None = None
    stunting: Code | None = None
    faltering: Code | None = None
    oedema: bool = False
    signs: Annotated[tuple[Code, ...], Meta(max_length=16)] = ()
    appetite: Code | None = None
    seen_by: date | None = None
    visits: Annotated[tuple[date, ...], Meta(max_length=12)] = ()

    @classmethod
    def none(cls, day: date, person_id: Who) -> Self:
        """The care of a child ends: it is well."""
        return cls(day=day, person_id=person_id, step="none")
