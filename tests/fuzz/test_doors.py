"""A short walk of what `fuzz_frame` does at length: every seed, cut and garbled, by every door."""

import random
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import seeds
from tests.fuzz.doors import DOORS, enter

SEEDS = list(seeds.seeds())


def test_every_door_has_a_seed():
    assert {seed[0] for seed in SEEDS} == set(range(len(DOORS)))


def test_no_seed_takes_much_memory():
    """What it comes to in Python's own objects; beside them at most the bytes unpacked lie there, 16 MiB."""
    tracemalloc.start()
    for seed in SEEDS:
        enter(seed)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 64 << 20


@pytest.mark.parametrize("seed", SEEDS, ids=range(len(SEEDS)))
def test_seeds_cut_and_garbled_raise_nothing_but_what_is_promised(seed: bytes):
    dice = random.Random(len(seed))
    enter(seed)
    for _ in range(20):
        changed = bytearray(seed)
        for _ in range(dice.randint(1, 4)):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
        enter(bytes(changed[: dice.randint(1, len(changed))] if dice.random() < 0.3 else changed))


@given(st.integers(0, len(DOORS) - 1), st.binary(max_size=400))
@settings(max_examples=300)
def test_garbage_by_any_door_raises_nothing_but_what_is_promised(door: int, data: bytes):
    enter(bytes((door,)) + data)
