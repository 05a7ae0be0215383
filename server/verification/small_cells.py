"""Figures of a few people are not shown, nor can they be worked out from those that are.

A group of fewer than `FEWEST` people is hidden. If its figure were the only one missing, the whole less the others
would give it away; so the smallest of the other groups are hidden with it, until two at least are, of `FEWEST` people
together.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Set
from typing import TypeVar

FEWEST = 5
"""People whose figures may be shown together."""

Group = TypeVar("Group", bound=Hashable)


def is_few(people: Set[str]) -> bool:
    """Whether these are somebody, but fewer than may be shown."""
    return 0 < len(people) < FEWEST


def hidden(groups: Mapping[Group, Set[str]]) -> frozenset[Group]:
    """Which groups of one whole are not to be shown, by the people a figure of each is of."""
    return _hidden(
        {group: len(people) for group, people in groups.items()},
        lambda found: len(frozenset[str]().union(*(groups[group] for group in found))),
    )


def hidden_parts(sizes: Mapping[Group, int]) -> frozenset[Group]:
    """As `hidden`, for groups of which nobody is in two, by how many are in each."""
    return _hidden(sizes, lambda found: sum(sizes[group] for group in found))


def _hidden(sizes: Mapping[Group, int], together: Callable[[Iterable[Group]], int]) -> frozenset[Group]:
    found = {group for group, size in sizes.items() if 0 < size < FEWEST}
    if not found:
        return frozenset()
    others = sorted(
        (group for group, size in sizes.items() if size >= FEWEST),
        key=lambda group: (sizes[group], str(group)),
    )
    for group in others:
        if len(found) >= 2 and together(found) >= FEWEST:
            break
        found.add(group)
    return frozenset(found)
