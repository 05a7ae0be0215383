"""How long work tells how far it is: the caller shows it, or does not."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with what is being done (a table, or a step), how much of it is done, and how much there is; in any unit."""


def unseen(doing: str, done: int, total: int) -> None:
    """For a caller who shows nothing."""
    del doing, done, total
