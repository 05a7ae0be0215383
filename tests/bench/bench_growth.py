"""WHO z-scores: all six indicators for many children at once, and one weighed child, against two other calculators.

All get the same children, measured in the position usual for their age and within 2 SD or so of the medians. That they
agree is checked before anything is timed; beside its time is how many of WHO's own values a peer gives otherwise.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from anganwadi.growth import STANDING_FROM_DAY, Measurements, assess, zscores
from anganwadi.growth_tables import Standard, table
from anganwadi.people import Sex
from tests.bench import growth_peers
from tests.bench.growth_peers import INDICES, PEERS, TOLERANCE, Child, Peer

CHILDREN = 200_000
PEER_CHILDREN = 1_000
REPEATS = 5
ROUND, ROUNDS = 20, 100

Row = dict[str, str | float | None]


def rows() -> list[Row]:
    """For `make bench`: rows a second in bulk and milliseconds for one child, each beside every peer."""
    measurements = _measurements()
    children = [_child(measurements, i) for i in range(PEER_CHILDREN)]
    for peer in PEERS:
        _check_agreement(measurements, children, peer)
    bulk_rate = CHILDREN / _best_s(lambda: zscores(measurements))
    one_ms = _one_ms(children, _weigh)
    table: list[Row] = []
    for peer in PEERS:
        records = [peer.record(child) for child in children]
        rate = PEER_CHILDREN / _best_s(lambda: [peer.every(record) for record in records])  # noqa: B023 - called at once
        against = (
            f"{peer.name}: {rate:,.0f}; {growth_peers.otherwise_than_who(peer)} values otherwise than WHO"
        )
        table.append(_row("growth.zscores", bulk_rate, "rows/s", against, bulk_rate / rate))
    for peer in PEERS:
        ms = _one_ms([peer.record(child) for child in children], peer.weighing)
        table.append(_row("growth.assess", one_ms, "ms", f"{peer.name}: {ms:.3f} ms", ms / one_ms))
    return table


def _row(name: str, value: float, unit: str, against: str, ratio: float) -> Row:
    return {"name": name, "value": value, "unit": unit, "against": against, "ratio": ratio}


def _measurements() -> Measurements:
    random = np.random.default_rng(2006)
    sex = random.integers(1, 3, CHILDREN)
    days = random.integers(100, 1826, CHILDREN)
    # Both peers let a child stand a day before WHO does.
    days[days == STANDING_FROM_DAY - 1] = STANDING_FROM_DAY

    def around(standard: Standard, decimals: int) -> np.ndarray:
        lms = table(standard).look_up(sex, days)
        return np.round(lms.m * (1 + lms.s * random.uniform(-2, 2, CHILDREN)), decimals)

    return Measurements.of(
        sex=sex, age_days=days,
        weight_kg=around(Standard.WEIGHT_FOR_AGE, 2), lenhei_cm=around(Standard.LENGTH_FOR_AGE, 1),
        headc_cm=around(Standard.HEAD_FOR_AGE, 1), muac_cm=around(Standard.ARM_FOR_AGE, 1),
        measure=np.where(days < STANDING_FROM_DAY, "l", "h"),
    )  # fmt: skip


def _child(of: Measurements, i: int) -> Child:
    return Child(
        sex=int(of.sex[i]), age_days=int(of.age_days[i]),
        weight_kg=float(of.weight_kg[i]), lenhei_cm=float(of.lenhei_cm[i]),
        headc_cm=float(of.headc_cm[i]), muac_cm=float(of.muac_cm[i]), measure=str(of.measure[i]).upper(),
    )  # fmt: skip


def _check_agreement(measurements: Measurements, children: list[Child], peer: Peer) -> None:
    result = zscores(measurements)
    ours = np.column_stack([getattr(result, name)[: len(children)] for name in INDICES])
    theirs = growth_peers.values(peer, children)
    given = ~np.isnan(theirs).all(axis=0)
    np.testing.assert_allclose(ours[:, given], theirs[:, given], atol=TOLERANCE, err_msg=peer.name)


def _weigh(child: Child) -> object:
    sex = Sex.MALE if child.sex == 1 else Sex.FEMALE
    return assess(sex, child.age_days, child.weight_kg, child.lenhei_cm, child.measure)


def _one_ms(records: list[Any], weigh: Callable[[Any], object]) -> float:
    """Milliseconds a child, of many short rounds, so that other programs are not in the way in one of them."""
    few = records[:ROUND]
    return _best_s(lambda: [weigh(record) for record in few], ROUNDS) / len(few) * 1000


def _best_s(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Seconds of the fastest of a few runs."""
    seconds: list[float] = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)
