"""The growth report for a console, a table or a program: the same figures as the area's page. A file travels, so groups
of one to four children are hidden in it, whoever asks."""

import csv
import io
from collections.abc import Iterator
from datetime import date

from sqlalchemy import Engine, and_, select

from server.growth.coverage import COLUMNS
from server.growth.prevalence import ALL
from server.growth.quality import Digits
from server.growth.report import Growth, growth
from server.growth.shares import Share
from server.storage.engine import snapshot
from server.storage.tables import centres
from server.verification.small_cells import FEWEST
from server.verification.written import HIDDEN, NoSuchCentre

ALL_CHILDREN = "all"

_FEW = f"1-{FEWEST - 1}"
_SHARES = ("by_hand", "in_arms", "differed", "without_length", "confirmed_weights", "confirmed_lengths")
_DIGITS = ("weight", "length", "length_cm", "muac")

Line = tuple[str, str, str, str, Share]
"""Which part, of which group, its name, which figure, the share."""


def made(engine: Engine, district: str, centre: str | None, month: str, today: date) -> Growth:
    """The report on a district, or on one of its centres.

    Raises:
        NoSuchCentre: there is none of that code.
        BadMonth: `month` is none.
    """
    scope = centres.c.district_id == district
    with snapshot(engine) as connection:
        if centre is not None:
            scope = and_(scope, centres.c.centre_id == centre)
            if connection.execute(select(centres.c.centre_id).where(scope)).first() is None:
                raise NoSuchCentre(f"the district has no centre {centre}")
        return growth(connection, scope, month, today, hide=True)


def as_csv(found: Growth) -> str:
    """A line a share, with `hidden` or `1-4` where a number is; then a line a digit, a line a z-score."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["month", "as_of", "part", "group", "name", "figure", "n", "of", "percent"])
    start = (found.month, found.day)
    for *what, share in _lines(found):
        rows.writerow([*start, *what, _n(share), _of(share), _percent(share)])
    for key in _DIGITS:
        digits: Digits = getattr(found.quality, key)
        for digit, count in enumerate(digits.counts or ()):
            rows.writerow([*start, "digits", key, "", digit, count, digits.values, ""])
        of = HIDDEN if digits.counts is None else digits.values
        index = HIDDEN if digits.counts is None else "" if digits.index is None else digits.index
        rows.writerow([*start, "digits", key, "", "index_of_dissimilarity", index, of, ""])
    for key, spread in found.quality.spreads.items():
        deviation = "" if spread.deviation is None else spread.deviation
        rows.writerow([*start, "z_scores", key, "", "standard_deviation", deviation, "", ""])
    return text.getvalue()


def as_text(found: Growth) -> str:
    """For people."""
    lines = [f"{found.month} as of {found.day}: {found.registered} children registered"]
    before = ""
    for part, group, name, figure, share in _lines(found):
        if (heading := f"{part}, {name or group}") != before:
            lines += ["", heading]
            before = heading
        percent = "" if share.percent is None else f"{share.percent:.1f} %"
        lines.append(f"  {figure:24} {_n(share):>8} of {_of(share):>8} {percent:>8}")
    lines += ["", "last digits"]
    for key in _DIGITS:
        digits: Digits = getattr(found.quality, key)
        counts = HIDDEN if digits.counts is None else " ".join(f"{count}" for count in digits.counts)
        index = "" if digits.index is None else f"  index {digits.index}, by chance {digits.by_chance}"
        lines.append(f"  {key:24} {counts}{index}")
    lines += ["", "standard deviation of z-scores"]
    for key, spread in found.quality.spreads.items():
        deviation = "-" if spread.deviation is None else f"{spread.deviation:.2f}"
        lines.append(f"  {key:24} {deviation} (expected {spread.low:.2f} to {spread.high:.2f})")
    return "\n".join(
        [*lines, "", f"hidden: groups of fewer than {FEWEST} children, or what would give such away"]
    )


def _lines(found: Growth) -> Iterator[Line]:
    for name in COLUMNS:
        yield "measured", ALL_CHILDREN, "", name, getattr(found.coverage, name)
    for centre in found.centres:
        for name in COLUMNS:
            yield (
                "measured",
                centre.centre_id,
                centre.names.get("en", ""),
                name,
                getattr(centre.coverage, name),
            )
    for group in found.prevalence:
        for indicator, share in group.shares.items():
            yield "malnourished", group.key, "", indicator, share
    for why, share in found.to_see_in_all.items():
        yield "to_see", ALL_CHILDREN, "", why, share
    for centre in found.to_see:
        for why, share in centre.counts.items():
            yield "to_see", centre.centre_id, centre.names.get("en", ""), why, share
    for name in _SHARES:
        yield "quality", "values", "", name, getattr(found.quality, name)
    for index, spread in found.quality.spreads.items():
        yield "quality", ALL, "", f"{index}_implausible", spread.implausible


def _n(share: Share) -> str:
    return (_FEW if share.few else HIDDEN) if share.n is None else str(share.n)


def _of(share: Share) -> str:
    return HIDDEN if share.of is None else str(share.of)


def _percent(share: Share) -> str:
    return "" if share.percent is None else str(share.percent)
