"""Who is on which image? The pairs file says so in part, the file names in part; both are merged.

1. A pair marked `same = 1` puts its two images with one person (transitively: union-find).
2. `Name_0001.jpg` belongs to the person `Name`: the part before the last underscore, if digits follow it. Images with
   the same such part belong together.

Images of neither kind are each a person of their own.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

NUMBERED = re.compile(r"^(?P<person>.+)_\d+$")


class PairsError(Exception):
    """The pairs file cannot be used; the text says why."""


class Pair(msgspec.Struct, frozen=True):
    """Two images and whether they show one person."""

    a: str
    b: str
    same: bool


def read_pairs(path: Path) -> list[Pair]:
    """The rows of a CSV file with the columns a, b, same (1 or 0).

    Raises:
        PairsError: it is missing, has other columns, or a row is neither 0 nor 1.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            if not {"a", "b", "same"} <= set(rows.fieldnames or ()):
                raise PairsError(f"{path} must have the columns a, b, same; it has {rows.fieldnames}")
            pairs = [_pair(path, number, row) for number, row in enumerate(rows, start=2)]
    except OSError as error:
        raise PairsError(f"{path} cannot be read ({error.strerror})") from error
    if not pairs:
        raise PairsError(f"{path} holds no pair")
    return pairs


def _pair(path: Path, line: int, row: dict[str, str | None]) -> Pair:
    a, b, same = ((row[column] or "").strip() for column in ("a", "b", "same"))
    if not a or not b or same not in {"0", "1"}:
        raise PairsError(f"{path}, line {line}: wants two file names and 0 or 1, has {a!r}, {b!r}, {same!r}")
    return Pair(a, b, same == "1")


def people(names: Iterable[str], pairs: Iterable[Pair]) -> dict[str, str]:
    """The person of each image, named by the person's first image in alphabetical order."""
    parent: dict[str, str] = {name: name for name in names}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    def join(one: str, other: str) -> None:
        first, second = sorted((root(one), root(other)))
        parent[second] = first

    for pair in pairs:
        if pair.same and pair.a in parent and pair.b in parent:
            join(pair.a, pair.b)
    first_of: dict[str, str] = {}
    for name in parent:
        if match := NUMBERED.match(Path(name).stem):
            join(first_of.setdefault(match["person"], name), name)
    return {name: root(name) for name in parent}
