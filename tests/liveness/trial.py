"""How often do synthetic people pass the challenge, and synthetic attacks? The figures of docs/liveness.md.

    python -m tests.liveness.trial live print --seeds 24

Every seed is shown for both portraits, in the order of moves whose turn it is, at 6, 8 or 12 pictures a second.
"""

from __future__ import annotations

import argparse
import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import numpy as np
import typer

from edge.face.engine import FaceEngine
from edge.face.liveness import Challenge, Liveness, Move
from edge.face.liveness_relief import Relief
from hardware.synthetic_face.attacks import Flat, Print, Replay, Screen, Subject
from hardware.synthetic_face.head import SyntheticHead
from models import manifest, timing
from models.fetch import fetch
from models.settings import settings
from tests.liveness.clips import Bent, Cued, Person, Swapped, shown_to

ORDERS = list(itertools.permutations(Move, 2))
FPS = (6.0, 8.0, 12.0)
PORTRAITS = ("astronaut.png", "grace_hopper.jpg")

Make = Callable[[SyntheticHead, SyntheticHead, int], Subject]

KINDS: dict[str, Make] = {
    "live": lambda head, _, seed: Person(head, seed),
    "slow": lambda head, _, seed: Person(head, seed, slow=1.5),
    "print": lambda head, _, seed: Print(head, seed),
    "screen": lambda head, _, seed: Screen(head, seed),
    "flat": lambda head, _, seed: Flat(head, seed),
    "bent": lambda head, _, seed: Bent(head, seed),
    "replay": lambda head, _, seed: Replay(head, seed),
    "swapped": lambda head, other, seed: Swapped(
        Person(head, seed), Person(other, seed), lambda prompt, at: prompt == "straight" and at > 1.0
    ),
    "cued": lambda head, _, seed: Cued(head, seed),
}


@contextmanager
def watched() -> Iterator[list[float]]:
    """Collects the relief of every turned picture."""
    seen: list[float] = []
    depth = Relief.depth

    def spy(self: Relief, turned_by: float) -> float | None:
        found = depth(self, turned_by)
        seen.extend([] if found is None else [found])
        return found

    with patch.object(Relief, "depth", spy):
        yield seen


def run(engine: FaceEngine, heads: list[SyntheticHead], make: Make, seeds: int) -> list[Liveness]:
    """Every seed with every head."""
    return [
        shown_to(
            Challenge(engine, moves=ORDERS[seed % len(ORDERS)], rng=random.Random(seed)),
            make(heads[which], heads[1 - which], seed),
            seed,
            FPS[seed % len(FPS)],
        )
        for seed in range(seeds)
        for which in range(len(heads))
    ]


def quantiles(values: list[float]) -> str:
    """Least, fifth percentile, median, 95th, most."""
    return " ".join(f"{value:.2f}" for value in np.percentile(values, [0, 5, 50, 95, 100])) if values else "-"


def main() -> None:
    """Print a line of figures a kind."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("kinds", nargs="*", choices=[*KINDS, []], default=list(KINDS))
    arguments.add_argument("--seeds", type=int, default=24)
    given = arguments.parse_args()
    fetch(settings().models_dir, manifest.read().model)
    fetch(settings().faces_dir, manifest.read().face)
    engine = FaceEngine.load(settings().models_dir)
    heads = [
        SyntheticHead.of(timing.portrait(settings().faces_dir, name), engine.pipeline) for name in PORTRAITS
    ]
    for kind in given.kinds:
        with watched() as reliefs:
            results = run(engine, heads, KINDS[kind], given.seeds)
        passed = [result for result in results if result.passed]
        least = [result.least_identity for result in results if result.least_identity is not None]
        typer.echo(f"{kind}: {len(passed)} of {len(results)} passed")
        typer.echo(f"  why     {dict(Counter(result.why or 'passed' for result in results))}")
        typer.echo(f"  flags   {dict(Counter(flag for result in results for flag in result.flags))}")
        typer.echo(f"  relief  {quantiles(reliefs)} ({len(reliefs)} pictures)")
        typer.echo(f"  least identity {quantiles(least)}")
        typer.echo(f"  seconds {quantiles([result.seconds for result in passed])}")


if __name__ == "__main__":
    main()
