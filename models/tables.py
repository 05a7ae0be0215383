"""What `python -m models evaluate` and `bench` print."""

from __future__ import annotations

import msgspec
from rich.table import Table

from models.evaluation import Evaluation
from models.metrics import Operating
from models.peers import Comparison

WHAT_LFW_CANNOT_TELL = (
    "Figures of this set of images only. LFW's are news photographs of public figures, most of them men: they do not "
    "say how Indian women fare, or anyone with a head covering, in backlight, or among her neighbours and sisters."
)


class Bench(msgspec.Struct, frozen=True):
    """What `python -m models bench` says."""

    profile: str
    threads: int
    stages: dict[str, float]
    """Median milliseconds"""
    peak_mb: float
    """Most memory a fresh face process had, MB"""
    comparison: Comparison | None


def evaluation_table(measured: Evaluation) -> Table:
    """The measures, one a row."""
    title = f"{measured.profile}: {measured.model} on {measured.images} images of {measured.people} people"
    table = Table("measure", "value", title=title, caption=WHAT_LFW_CANNOT_TELL)
    table.add_row(
        f"accuracy on {measured.pairs} pairs ({measured.accuracy_how})",
        f"{measured.accuracy:.2%} ± {measured.accuracy_deviation:.2%}, threshold {measured.accuracy_threshold:.3f}",
    )
    table.add_row("accuracy at the one best threshold", f"{measured.accuracy_at_best_threshold:.2%}")
    against = f"{measured.genuine_pairs} same-person, {measured.impostor_combinations} different-person combinations"
    table.add_row(f"EER ({against})", f"{measured.eer:.2%}")
    _add_points(table, "", measured.operating_points)
    if several := measured.enrolled:
        against = f"{several.genuine} same-person, {several.impostor} different-person comparisons"
        table.add_row(f"{several.size} images enrolled, of each of", f"{several.people} people: {against}")
        _add_points(table, f", {several.size} enrolled", several.operating_points)
    table.add_row("missed faces", str(measured.missed_faces))
    table.add_row("unreadable images", str(measured.unreadable))
    for stage, value in measured.ms_per_stage.items():
        table.add_row(f"{stage}, median ms", f"{value:.2f}")
    cost = measured.cost
    against_quick = f", {cost.ms / cost.quick_ms:.2f} times quick" if cost.quick_ms else ""
    asked = f"; the accurate embedder was asked in {cost.asked:.1%}" if cost.asked else ""
    table.add_row(f"mean ms a comparison ({cost.mix})", f"{cost.ms:.2f}{against_quick}{asked}")
    return table


def _add_points(table: Table, how: str, points: list[Operating]) -> None:
    for point in points:
        table.add_row(f"TAR at FAR {point.far:.0e}{how}", f"{point.tar:.2%}, threshold {point.threshold:.3f}")


def bench_table(measured: Bench) -> Table:
    """The stages, the peers, the memory."""
    title = f"{measured.profile}, {measured.threads} thread{'s' if measured.threads > 1 else ''}, 640 x 480"
    table = Table("what", "median ms", "times ours", title=title)
    for stage, value in measured.stages.items():
        table.add_row(stage, f"{value:.2f}", "")
    if comparison := measured.comparison:
        table.add_section()
        table.add_row("ours, in turn with the others", f"{comparison.ms:.2f}", "1.0")
        for peer in comparison.peers:
            table.add_row(peer.name, f"{peer.ms:.2f}", f"{peer.ratio:.1f}")
    table.add_section()
    table.add_row("peak memory of a face process", f"{measured.peak_mb:.0f} MB", "")
    return table
