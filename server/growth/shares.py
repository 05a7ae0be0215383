"""So many of so many children, as it may be shown.

A share of fewer than ten children is no percentage: one child more or less would move it by ten points and more. To
whoever sees more than her own sector, groups of one to four children are hidden, as cases and as those who were judged,
with the others that would give them away (`server.verification.small_cells`).
"""

from collections.abc import Hashable, Mapping
from typing import NamedTuple, TypeVar

import msgspec

from server.verification.small_cells import FEWEST, hidden_parts

FEWEST_FOR_PERCENT = 10

Key = TypeVar("Key", bound=Hashable)


class Counted(NamedTuple):
    """`n` of `of` children."""

    n: int
    of: int


class Share(msgspec.Struct, frozen=True):
    """`n` and `of` are None where they are hidden; `few` where `n` is hidden for being one to four."""

    n: int | None
    of: int | None
    few: bool = False

    @property
    def percent(self) -> float | None:
        """To one decimal; None where there is none to show."""
        if self.n is None or self.of is None or self.of < FEWEST_FOR_PERCENT:
            return None
        return round(100 * self.n / self.of, 1)


HIDDEN = Share(None, None)


def plain(counted: Counted) -> Share:
    """With nothing hidden."""
    return Share(counted.n, counted.of)


def whole(counted: Counted, *, hide: bool) -> Share:
    """Of one group that is no part of another."""
    return parts({"": counted}, hide=hide)[""]


def parts(groups: Mapping[Key, Counted], *, hide: bool) -> dict[Key, Share]:
    """Of the parts of one whole, of which nobody is in two."""
    if not hide:
        return {key: plain(counted) for key, counted in groups.items()}
    without_of = hidden_parts({key: counted.of for key, counted in groups.items()})
    without_n = hidden_parts({key: counted.n for key, counted in groups.items()})
    return {
        key: HIDDEN
        if key in without_of
        else Share(None, counted.of, few=counted.n < FEWEST)
        if key in without_n
        else plain(counted)
        for key, counted in groups.items()
    }


def covered(groups: Mapping[Key, Counted], *, hide: bool) -> dict[Key, Share]:
    """Of the parts of one whole, where `n` says nothing of anybody's health: hidden by `of` alone."""
    gone = hidden_parts({key: counted.of for key, counted in groups.items()}) if hide else frozenset[Key]()
    return {key: HIDDEN if key in gone else plain(counted) for key, counted in groups.items()}
