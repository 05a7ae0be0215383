"""Z-scores a second: all six indicators for many children at once, against pygrowup2's calculator, child by child.

Both get the same children, measured in the position usual for their age and within 2 SD or so of the medians; that
they agree is checked before anything is timed.
"""

import time
from collections.abc import Callable
from decimal import Decimal

import numpy as np
from pygrowup import Observation

from anganwadi.growth import Measurements, zscores
from anganwadi.growth_tables import Standard, table

CHILDREN = 200_000
PEER_CHILDREN = 400
REPEATS = 3


def rows() -> list[dict[str, str | float]]:
    """One row for `make bench`: our rate, the peer and its rate in the same run, and how many times it ours is."""
    children = _children()
    _check_agreement(children)
    ours = CHILDREN / _best(lambda: zscores(children))
    peer = PEER_CHILDREN / _best(lambda: [_peer(children, i) for i in range(PEER_CHILDREN)])
    against = f"pygrowup2 1.0.0, child by child: {peer:,.0f}"
    return [
        {
            "name": "growth.zscores",
            "value": ours,
            "unit": "children/s",
            "against": against,
            "ratio": ours / peer,
        }
    ]


def _children() -> Measurements:
    random = np.random.default_rng(2006)
    sex = random.integers(1, 3, CHILDREN)
    days = random.integers(100, 1826, CHILDREN)

    def around(standard: Standard, decimals: int) -> np.ndarray:
        lms = table(standard).look_up(sex, days)
        return np.round(lms.m * (1 + lms.s * random.uniform(-2, 2, CHILDREN)), decimals)

    return Measurements.of(
        sex=sex, age_days=days,
        weight_kg=around(Standard.WEIGHT_FOR_AGE, 2), lenhei_cm=around(Standard.LENGTH_FOR_AGE, 1),
        headc_cm=around(Standard.HEAD_FOR_AGE, 1), muac_cm=around(Standard.ARM_FOR_AGE, 1),
        measure=np.where(days < 731, "l", "h"),
    )  # fmt: skip


def _peer(children: Measurements, i: int) -> list[Decimal]:
    days, lying = int(children.age_days[i]), bool(children.age_days[i] < 731)
    weight, length, head, arm = (
        Decimal(repr(float(column[i])))
        for column in (children.weight_kg, children.lenhei_cm, children.headc_cm, children.muac_cm)
    )
    child = Observation("male" if children.sex[i] == 1 else "female", age_in_days=days)
    return [
        child.lhfa(length, recumbent=lying),
        child.wfa(weight),
        child.wfl(weight, length) if lying else child.wfh(weight, length),
        child.bmifa(weight / (length / 100) ** 2),
        child.hcfa(head),
        child.acfa(arm),
    ]


def _check_agreement(children: Measurements) -> None:
    result = zscores(children)
    ours = np.column_stack(
        [getattr(result, f"z{name}")[:50] for name in ("len", "wei", "wfl", "bmi", "hc", "ac")]
    )
    peer = np.array([[float(z) for z in _peer(children, i)] for i in range(50)])
    np.testing.assert_allclose(ours, peer, atol=0.0101)


def _best(work: Callable[[], object]) -> float:
    """Seconds of the fastest of a few runs."""
    seconds: list[float] = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)
