"""The figures of a group of claims, each with the people it is of, so that those of few can be hidden.

What is missing stays missing: a ration whose time was not taken has no part in the times, a group of nobody no figure.
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Set
from typing import NamedTuple, TypeVar

import msgspec

from server.verification.claims import Claim
from server.verification.small_cells import hidden, is_few

Number = int | float
Key = TypeVar("Key", bound=Hashable)


class Cell(msgspec.Struct, frozen=True):
    """A figure as it may be shown: `value` None where there is none, or where it is `hidden`."""

    value: Number | None = None
    hidden: bool = False


class Measured(NamedTuple):
    """A figure and the people it is of."""

    value: Number | None
    people: Set[str]


class Figures(msgspec.Struct, frozen=True):
    """Of one group: people with a claim; rations handed out; those of them on a face, a nominee's too, as a share;
    faces looked at; the estimate of false rejects, a share; seconds from tapping a name to the ration, in the middle
    and at 95 of 100."""

    people: Cell
    rations: Cell
    face_share: Cell
    looks: Cell
    false_reject: Cell
    serve_p50_s: Cell
    serve_p95_s: Cell

    @property
    def is_hidden(self) -> bool:
        """Whether nothing of the group is shown."""
        return all(getattr(self, name).hidden for name in COLUMNS)


COLUMNS = Figures.__struct_fields__


def percentile(values: Iterable[Number], share: float) -> Number | None:
    """The smallest value that at least `share` of all do not exceed; None where there is none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def whole(claims: Iterable[Claim]) -> Figures:
    """The figures of all claims together."""
    return Figures(*map(_cell, _measured(claims)))


def by_group(groups: Mapping[Key, Iterable[Claim]]) -> dict[Key, Figures]:
    """The figures of each group of one whole; of each figure those are hidden that are of few people, or would give
    such away."""
    measured = {key: _measured(claims) for key, claims in groups.items()}
    columns = [cells({key: row[n] for key, row in measured.items()}) for n in range(len(COLUMNS))]
    return {key: Figures(*(column[key] for column in columns)) for key in groups}


def cells(measured: Mapping[Key, Measured]) -> dict[Key, Cell]:
    """One figure of each group, as it may be shown."""
    not_shown = hidden({key: each.people for key, each in measured.items()})
    return {
        key: Cell(hidden=True) if key in not_shown else Cell(each.value) for key, each in measured.items()
    }


def _cell(measured: Measured) -> Cell:
    return Cell(hidden=True) if is_few(measured.people) else Cell(measured.value)


def people_of(claims: Iterable[Claim]) -> frozenset[str]:
    """Whose claims they are."""
    return frozenset(claim.person_id for claim in claims)


class _Part:
    """Some of a group's claims, counted: how many, of whom, and how many of them are `such`."""

    def __init__(self) -> None:
        self.people: set[str] = set()
        self.number = 0
        self.such = 0

    def add(self, person: str, such: bool = False) -> None:
        self.people.add(person)
        self.number += 1
        self.such += such

    def counted(self, number: int) -> Measured:
        return Measured(number, self.people)

    def share(self) -> Measured:
        return Measured(round(self.such / self.number, 4) if self.number else None, self.people)


def _measured(claims: Iterable[Claim]) -> tuple[Measured, ...]:
    """Every figure of a group, in the order of `COLUMNS`. False rejects are counted among the claims that were served
    and for which her own face was tried."""
    all_of_them, served, looked, tried, timed = (_Part() for _ in range(5))
    looks, times = 0, list[int]()
    for claim in claims:
        person = claim.person_id
        all_of_them.add(person)
        if claim.looks:
            looked.add(person)
            looks += len(claim.looks)
        if claim.rung is None:
            continue
        served.add(person, claim.by_face)
        if claim.own_face_tried:
            tried.add(person, claim.own_face_failed)
        if claim.serve_ms is not None:
            timed.add(person)
            times.append(claim.serve_ms)
    return (
        all_of_them.counted(len(all_of_them.people)),
        served.counted(served.number),
        served.share(),
        looked.counted(looks),
        tried.share(),
        Measured(seconds(times, 0.5), timed.people),
        Measured(seconds(times, 0.95), timed.people),
    )


def seconds(milliseconds: Iterable[int], share: float) -> float | None:
    """A percentile in seconds, to a tenth."""
    found = percentile(milliseconds, share)
    return None if found is None else round(found / 1000, 1)
