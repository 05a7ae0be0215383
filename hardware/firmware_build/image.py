"""From the unpacked sources and the scale's program to one UF2.

The build sees the program's files in sorted order, a fixed date, no path of this machine and no commit of this
repository, so that the same compiler makes the same bytes again.
"""

import os
import subprocess
from pathlib import Path

from hardware.firmware_build.sources import HERE, Tree
from hardware.firmware_build.uf2 import to_uf2

FIRMWARE = HERE.parent.parent / "edge" / "scale_firmware"
BOARD = HERE / "board"
START_UP = ("_boot.py", "rp2.py")  # mount the flash; the PIO assembler
DATE = "1735689600"  # 2025-01-01, told to the C sources as the day of the build


def manifest(port: Path, program: Path) -> str:
    """Write what is frozen in: MicroPython's start-up files for the RP2, and every module of the scale's program."""
    modules = tuple(path.name for path in sorted(program.glob("*.py")))
    return f"freeze({str(port / 'modules')!r}, {START_UP!r})\nfreeze({str(program)!r}, {modules!r})\n"


def build(tree: Tree, work: Path, programs: Path, jobs: int) -> bytes:
    """Compile, and give the UF2.

    Raises:
        subprocess.CalledProcessError: a compiler failed; its words are on standard error.
    """
    port = tree.micropython / "ports" / "rp2"
    cross = _build_mpy_cross(tree.micropython / "mpy-cross", jobs)
    frozen = work / "manifest.py"
    frozen.write_text(manifest(port, FIRMWARE))
    out = work / "build"
    prefix_map = f"-ffile-prefix-map={work}=."
    environment = os.environ | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "SOURCE_DATE_EPOCH": DATE,
        # Else the latest commit of this repository passes for MicroPython's version.
        "GIT_CEILING_DIRECTORIES": str(work.resolve()),
        "MICROPY_MPYCROSS": str(cross),
        "CFLAGS": prefix_map,
        "CXXFLAGS": prefix_map,
    }
    definitions = {
        "PICO_SDK_PATH": tree.pico_sdk,
        "PICO_SDK_PATH_OVERRIDE": tree.pico_sdk,
        "PICO_NO_PICOTOOL": 1,
        "MICROPY_BOARD": "AANGAN_SCALE",
        "MICROPY_BOARD_DIR": BOARD,
        "MICROPY_FROZEN_MANIFEST": frozen,
    }
    settings = [f"-D{name}={value}" for name, value in definitions.items()]
    _run("cmake", "-Wno-dev", "-G", "Ninja", "-S", port, "-B", out, *settings, env=environment)
    _run("ninja", "-C", out, f"-j{jobs}", env=environment)
    return to_uf2((out / "firmware.bin").read_bytes())


def _build_mpy_cross(folder: Path, jobs: int) -> Path:
    """Build the compiler of Python to byte code of this very MicroPython, for this machine."""
    _run("make", "-C", folder, f"-j{jobs}", env=os.environ | {"SOURCE_DATE_EPOCH": DATE})
    return folder / "build" / "mpy-cross"


def _run(*command: str | Path, env: dict[str, str]) -> None:
    """Run a step; what it prints is shown only if it fails."""
    done = subprocess.run(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command[0], done.stdout)
