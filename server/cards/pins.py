"""The PIN of a ration card: drawn, told once on paper, and kept as a hash only."""

import secrets

from argon2 import PasswordHasher

from anganwadi.cards import PIN_DIGITS, PIN_MEMORY_KIB, PIN_PASSES

_hasher = PasswordHasher(
    time_cost=PIN_PASSES, memory_cost=PIN_MEMORY_KIB, parallelism=1, hash_len=16, salt_len=16
)

_RUNS = "01234567890 09876543210"


def draw() -> str:
    """A PIN at random, but none of those that everybody tries first: one digit four times, or four in a row."""
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(PIN_DIGITS))
        if len(set(pin)) > 1 and pin not in _RUNS:
            return pin


def hash_pin(pin: str) -> str:
    """The PIN as it is kept: Argon2id with a salt of its own."""
    return _hasher.hash(pin)
