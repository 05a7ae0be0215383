"""The demo's tables: what happened, what arrived, how well faces matched, what the child weighed."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from provisioning.demo.ledger import Counts
from provisioning.demo.script import Measured, Outcome, Score


def print_outcome(console: Console, outcome: Outcome, seconds: float) -> None:
    """One line a step, as it is done, so many seconds into the day."""
    mark = "[green]✓[/]" if outcome.good else "[red]✗[/]"
    console.print(f"{mark} {outcome.step:<48}[dim]{seconds:5.1f} s[/]  ", end="", highlight=False)
    console.print(outcome.seen, style="dim" if outcome.good else "red", highlight=False, markup=False)


def print_counts(console: Console, counts: Sequence[Counts]) -> None:
    """Events accepted, sealed, receipted and stored, a line each type."""
    table = Table("event", title="Where the events are", title_justify="left", show_footer=True)
    table.columns[0].footer = "all"
    for place in ("accepted", "sealed", "receipted", "stored"):
        total = sum(getattr(each, place) for each in counts)
        table.add_column(place, justify="right", footer=str(total))
    for each in counts:
        same = each.accepted == each.sealed == each.receipted == each.stored
        values = (each.accepted, each.sealed, each.receipted, each.stored)
        table.add_row(each.type, *map(str, values), style=None if same else "red")
    console.print()
    console.print(table)


def print_scores(console: Console, scores: Sequence[Score]) -> None:
    """Every look at a face: its cosine against the threshold."""
    table = Table(
        "face shown", "cosine", "threshold", "accepted", "hint", title="Faces", title_justify="left"
    )
    for each in scores:
        cosine = "-" if each.score is None else f"{each.score:.3f}"
        table.add_row(
            each.who, cosine, f"{each.threshold:.3f}", "yes" if each.accepted else "no", each.hint or ""
        )
    console.print(table)


def print_measured(console: Console, measured: Measured | None) -> None:
    """The child's weight beside the load that was on the simulated cell."""
    if measured is None:
        return
    table = Table("load", "saved", "weight-for-age z", "class", title="Weighing", title_justify="left")
    waz = "-" if measured.waz is None else f"{measured.waz:+.2f}"
    table.add_row(f"{measured.load_grams} g", f"{measured.grams} g", waz, measured.weight_class or "-")
    console.print(table)


def print_differences(console: Console, differences: Sequence[str]) -> None:
    """What is on the server otherwise than accepted."""
    for line in differences:
        console.print(line, style="red", highlight=False, markup=False)
