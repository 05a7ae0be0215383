"""Reading events of older schemas: each step turns one schema's event, as a plain tree, into the next one's.

An event is upcast when it is read, never when it is stored: its bytes and their hash stay as the device signed them.

    1 -> 2  `proof` says how the worker proved who she is; in schema 1 the server had checked her PIN, always
"""

from collections.abc import Callable
from typing import Any

Tree = dict[str, Any]


class TooOld(ValueError):
    """A schema from which no step leads on."""


def _add_proof(event: Tree) -> Tree:
    return {**event, "proof": "server"}


_STEPS: dict[int, Callable[[Tree], Tree]] = {1: _add_proof}

NEWEST = max(_STEPS) + 1
"""The schema the last step leads to."""


def upcast(event: Tree) -> Tree:
    """The event in the newest schema.

    Raises:
        TooOld: there is no step from its schema.
    """
    while (schema := event["schema"]) != NEWEST:
        step = _STEPS.get(schema)
        if step is None:
            raise TooOld(f"event schema {schema} is not one that was ever used")
        event = {**step(event), "schema": schema + 1}
    return event
