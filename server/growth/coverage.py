"""How many of the registered children were weighed and measured in a month, in all and by centre."""

from collections.abc import Callable

import msgspec

from anganwadi.growth import BoolArray
from server.centres.queries import Rows
from server.growth.children import Children
from server.growth.measures import MISSING, Latest
from server.growth.shares import Counted, Share, covered

COLUMNS = ("weighed", "length", "muac")


class Coverage(msgspec.Struct, frozen=True):
    """Of the children of 0-6 years registered on the report's day: weighed, length or height taken, arm measured (of
    those of 6 to 59 months)."""

    weighed: Share
    length: Share
    muac: Share


class CentreCoverage(msgspec.Struct, frozen=True):
    centre_id: str
    names: dict[str, str]
    coverage: Coverage


def coverage(
    children: Children, latest: Latest, centres: Rows, *, hide: bool
) -> tuple[Coverage, tuple[CentreCoverage, ...]]:
    """Of all together, and of every centre in the order of names: never by a figure."""
    everybody = children.age_days >= 0
    asked: dict[str, tuple[BoolArray, BoolArray]] = {
        "weighed": (latest.weighed, everybody),
        "length": (latest.measured, everybody),
        "muac": (latest.muac != MISSING, children.arm_counts),
    }
    all_of_them = _coverage(
        lambda name: covered({"": _counted(*asked[name])}, hide=hide)[""],
    )
    by_centre = {name: _by_centre(children, *asked[name], centres, hide=hide) for name in COLUMNS}
    named = sorted(centres, key=lambda row: (row.name_en, row.centre_id))
    return all_of_them, tuple(
        CentreCoverage(
            row.centre_id,
            {"en": row.name_en, "hi": row.name_hi, "ur": row.name_ur},
            _coverage(lambda name, centre=row.centre_id: by_centre[name][centre]),
        )
        for row in named
    )


def _coverage(share_of: Callable[[str], Share]) -> Coverage:
    return Coverage(*(share_of(name) for name in COLUMNS))


def _counted(done: BoolArray, of: BoolArray) -> Counted:
    return Counted(int((done & of).sum()), int(of.sum()))


def _by_centre(
    children: Children, done: BoolArray, of: BoolArray, centres: Rows, *, hide: bool
) -> dict[str, Share]:
    asked, taken = children.by_centre(of), children.by_centre(done & of)
    counted = {
        row.centre_id: Counted(taken.get(row.centre_id, 0), asked.get(row.centre_id, 0)) for row in centres
    }
    return covered(counted, hide=hide)
