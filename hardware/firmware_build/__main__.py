"""`python -m hardware.firmware_build`: make var/firmware/aangan-scale.uf2 (docs/firmware-build.md)."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from hardware.firmware_build.image import build
from hardware.firmware_build.private_apt import NoDebianMirror
from hardware.firmware_build.sources import HERE, WrongHash, fetch, read_pins, unpack
from hardware.firmware_build.toolchain import compiler_version, toolchain

FOLDER = HERE.parent.parent / "var" / "firmware"
IMAGE = "aangan-scale.uf2"
TOOLS = {
    "apt-get": "apt",
    "dpkg-source": "dpkg-dev",
    "patch": "patch",
    "make": "make",
    "gcc": "gcc",
    "cmake": "cmake",
}
TOOLS |= {"ninja": "ninja-build"}
LAST_LINES = 20


def main() -> int:
    """Fetch, unpack, compile, write; say what was made. Gives the exit code."""
    missing = sorted({package for tool, package in TOOLS.items() if shutil.which(tool) is None})
    if missing:
        return _fail(f"missing: apt-get install {' '.join(missing)}")
    try:
        made, compiler = _make(FOLDER, max(1, len(os.sched_getaffinity(0))))
    except (NoDebianMirror, WrongHash) as error:
        return _fail(str(error))
    except subprocess.CalledProcessError as error:
        return _fail("\n".join([*str(error.output or "").splitlines()[-LAST_LINES:], str(error)]))
    print(f"{made}\n  {made.stat().st_size} bytes, sha256 {_sha256(made)}\n  {compiler}")  # noqa: T201
    return 0


def _make(folder: Path, jobs: int) -> tuple[Path, str]:
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {what}", file=sys.stderr, flush=True)  # noqa: T201

    pins = read_pins()
    say("sources")
    fetch(pins, folder / "downloads", folder / "apt")
    say("ARM compiler")
    programs = toolchain(folder / "toolchain")
    say("unpack")
    tree = unpack(pins, folder / "downloads", folder / "work")
    say("compile")
    image = build(tree, folder / "work", programs, jobs)
    made = folder / IMAGE
    draft = made.with_suffix(".new")
    draft.write_bytes(image)
    draft.replace(made)
    say("done")
    return made, compiler_version(programs)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _fail(words: str) -> int:
    print(words, file=sys.stderr)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
