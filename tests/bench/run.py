"""`make bench`: runs every `bench_*.py` beside this file, prints their tables, writes var/bench.json.

A bench file has `rows()`, which measures and gives a list of {name, value, unit, against, ratio}: what was measured,
how much, in what, what it is compared with (text, or None) and how many times better it is (or None).
"""

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
RESULT = HERE.parents[1] / "var" / "bench.json"
FIELDS = ("name", "value", "unit", "against", "ratio")

Row = dict[str, str | float | None]


def benches() -> Iterator[tuple[str, Callable[[], Sequence[Row]]]]:
    """Name and `rows` of every bench file."""
    for path in sorted(HERE.glob("bench_*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        yield path.stem.removeprefix("bench_"), module.rows


def as_table(title: str, rows: Sequence[Row]) -> Table:
    """One bench file's rows, to read."""
    table = Table("measured", "value", "unit", "against", "ratio", title=title, title_justify="left")
    for row in rows:
        table.add_row(*(_shown(row[field]) for field in FIELDS))
    return table


def main() -> None:
    console = Console()
    everything: list[Row] = []
    for name, measure in benches():
        with console.status(f"measuring {name}"):
            rows = [{field: row.get(field) for field in FIELDS} for row in measure()]
        console.print(as_table(name, rows))
        everything += rows
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(everything, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    console.print(f"{len(everything)} rows in {RESULT}", highlight=False)


def _shown(value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3g}"


if __name__ == "__main__":
    main()
