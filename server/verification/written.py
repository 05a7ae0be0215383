"""The report for a console, a table or a program: the same figures as the page, hidden where the page hides them."""

import csv
import io
from collections.abc import Iterator
from datetime import date

from sqlalchemy import Engine, and_, select

from server.storage.engine import snapshot
from server.storage.tables import centres
from server.verification.figures import COLUMNS, Cell, Figures
from server.verification.report import Report, report
from server.verification.small_cells import FEWEST

HIDDEN = "hidden"
SHARES = frozenset({"face_share", "false_reject"})
_HEADINGS = ("people", "rations", "by face", "looks", "not known", "middle s", "slowest s")


class NoSuchCentre(LookupError):
    """The district has none of that code."""


def made(engine: Engine, district: str, centre: str | None, first: date, last: date) -> Report:
    """The report on a district, or on one of its centres.

    Raises:
        NoSuchCentre: there is none of that code.
    """
    scope = centres.c.district_id == district
    with snapshot(engine) as connection:
        if centre is not None:
            scope = and_(scope, centres.c.centre_id == centre)
            if connection.execute(select(centres.c.centre_id).where(scope)).first() is None:
                raise NoSuchCentre(f"the district has no centre {centre}")
        return report(connection, scope, first, last)


def as_csv(found: Report) -> str:
    """A line a group: which cut, which group, its figures; `hidden` where one is, empty where there is none."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["first", "last", "by", "group", "name", *COLUMNS])
    for cut, key, name, figures in _groups(found):
        cells = [_plain(getattr(figures, column)) for column in COLUMNS]
        rows.writerow([found.first, found.last, cut, key, name, *cells])
    return text.getvalue()


def as_text(found: Report) -> str:
    """A table for people."""
    width = max(20, *(len(name or key) for _, key, name, _ in _groups(found)))
    lines = [f"{found.first} to {found.last}", "", " " * width + "".join(f"{each:>11}" for each in _HEADINGS)]
    before = "all"
    for cut, key, name, figures in _groups(found):
        if cut != before:
            lines += ["", f"by {cut}"]
            before = cut
        cells = "".join(f"{_shown(getattr(figures, column), column):>11}" for column in COLUMNS)
        lines.append(f"{name or key:{width}}" + cells)
    lines += ["", *_counts("faces not accepted", found.not_accepted)]
    live = found.liveness
    asked = {"asked": live.asked, "failed": live.failed, **live.reasons}
    lines += [*_counts("liveness", asked), ""]
    times = (
        ("moves", live.challenge_p50_s, live.challenge_p95_s),
        ("kiosk's own", found.machine_p50_s, found.machine_p95_s),
    )
    for of, middle, slowest in times:
        lines.append(
            f"{of} time of a look: {_shown(middle, '')} s in the middle, {_shown(slowest, '')} s at 95 of 100"
        )
    lines.append(
        f"targets: slowest (95 of 100) {found.target_serve_p95_s} s, not known by face "
        f"{found.target_false_reject:.0%}; hidden: of fewer than {FEWEST} people, or would give such away"
    )
    return "\n".join(lines)


def _groups(found: Report) -> Iterator[tuple[str, str, str, Figures]]:
    """Cut, key, name, figures."""
    yield "all", "all", "", found.whole
    for cut, groups in (("centre", found.centres), ("age", found.ages), ("light", found.lights)):
        for group in groups:
            yield cut, group.key, group.names.get("en", ""), group.figures


def _counts(heading: str, cells: dict[str, Cell]) -> list[str]:
    return [
        f"{heading}: " + (", ".join(f"{code} {_shown(cell, '')}" for code, cell in cells.items()) or "none")
    ]


def _plain(cell: Cell) -> str:
    if cell.hidden:
        return HIDDEN
    return "" if cell.value is None else str(cell.value)


def _shown(cell: Cell, column: str) -> str:
    if cell.hidden:
        return HIDDEN
    if cell.value is None:
        return "-"
    return f"{100 * cell.value:.1f} %" if column in SHARES else str(cell.value)
