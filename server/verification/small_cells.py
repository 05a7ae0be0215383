"""Figures of a few people are not shown, nor can they be worked out from those that are.

A group of fewer than `FEWEST` people is hidden. If its figure were the only one missing, the whole less the others
would give it away; so the smallest of the other groups are hidden with it, until two at least are, of `FEWEST` people
together.
"""

from collections.abc import Hashable, Mapping, Set
from typing import TypeVar

FEWEST = 5
"""People whose figures may be shown together."""

Group = TypeVar("Group", bound=Hashable)


def is_few(people: Set[str]) -> bool:
    """Whether these are somebody, but fewer than may be shown."""
    return 0 < len(people) < FEWEST


def hidden(groups: Mapping[Group, Set[str]]) -> frozenset[Group]:
    """Which groups of one whole are not to be shown, by the people a figure of each is of."""
    found = {group for group, people in groups.items() if is_few(people)}
    if not found:
        return frozenset()
    others = sorted(
        (group for group, people in groups.items() if len(people) >= FEWEST),
        key=lambda group: (len(groups[group]), str(group)),
    )
    together = frozenset[str]().union(*(groups[group] for group in found))
    for group in others:
        if len(found) >= 2 and len(together) >= FEWEST:
            break
        found.add(group)
        together |= groups[group]
    return frozenset(found)
