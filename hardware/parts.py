"""The bill of materials: parts.csv, and the page made from it.

The CSV is for a spreadsheet or a purchase order, the page for reading. There are no prices: none could be given with a
source and a date that would still hold where the parts are bought.
"""

import csv
from pathlib import Path

import msgspec

HERE = Path(__file__).resolve().parent
LIST = HERE / "parts.csv"
PAGE = HERE / "parts.md"

UNITS = {"scale": "One scale", "kiosk": "One kiosk", "district": "To calibrate and check"}


class PartNeeded(msgspec.Struct, frozen=True):
    """One line of the bill. `quantity` is a number or `1 set`; empty `alternative` means none is known."""

    unit: str
    ref: str
    part: str
    quantity: str
    needed: str
    alternative: str
    why: str
    source: str


def read_parts(path: Path = LIST) -> list[PartNeeded]:
    """Read the bill.

    Raises:
        msgspec.ValidationError: a column is missing.
    """
    with path.open(encoding="utf-8", newline="") as file:
        return [msgspec.convert(row, PartNeeded) for row in csv.DictReader(file, strict=True)]


def page(parts: list[PartNeeded]) -> str:
    """Write the readable page: a table a unit, then the sources."""
    lines = [
        "# Bill of materials",
        "",
        "Written from [parts.csv](parts.csv) by `python -m hardware tables --write`; edit that file. No prices, since",
        "none would hold where the parts are bought. Nothing here was bought or built yet.",
    ]
    for unit, title in UNITS.items():
        lines += [
            "",
            f"## {title}",
            "",
            "| | part | number | needed | instead | why |",
            "|---|---|---|---|---|---|",
        ]
        lines += [
            f"| {one.ref} | {one.part} | {one.quantity} | {one.needed or '–'} | {one.alternative or '–'} | {one.why} |"
            for one in parts
            if one.unit == unit
        ]
    lines += ["", "## Where the figures are from", ""]
    lines += [f"- {one.ref}: {one.source}" for one in parts if one.source]
    return "\n".join(lines) + "\n"
