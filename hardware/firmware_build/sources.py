"""The pinned sources (sources.toml): downloaded once, checked each time, laid out as one tree to build from."""

import hashlib
import shutil
import subprocess
import tomllib
from pathlib import Path

import msgspec

from hardware.firmware_build.private_apt import PrivateApt

HERE = Path(__file__).resolve().parent
PINS = HERE / "sources.toml"
NO_TLS = HERE / "no-tls.patch"


class WrongHash(RuntimeError):
    """A downloaded file is not the one that was pinned."""


class Source(msgspec.Struct, frozen=True):
    """One pinned package: the file that is checked, and where it comes from."""

    package: str
    version: str
    file: str
    sha256: str


class Pins(msgspec.Struct, frozen=True):
    """The whole of sources.toml."""

    suite: str
    source: tuple[Source, ...]


class Tree(msgspec.Struct, frozen=True):
    """Where the unpacked sources are."""

    micropython: Path
    pico_sdk: Path


def read_pins() -> Pins:
    """Read sources.toml."""
    return msgspec.convert(tomllib.loads(PINS.read_text(encoding="utf-8")), Pins)


def fetch(pins: Pins, downloads: Path, apt_folder: Path) -> None:
    """Have every pinned file in `downloads`; what is there with the right hash is not fetched again.

    Raises:
        WrongHash: the archive gave another file.
        subprocess.CalledProcessError: apt failed.
    """
    missing = [source for source in pins.source if not _is_whole(downloads / source.file, source)]
    if missing:
        apt = PrivateApt(apt_folder, pins.suite, "deb deb-src")
        apt.update()
        for source in missing:
            wanted = f"{source.package}={source.version}"
            if source.file.endswith(".dsc"):
                apt.source(wanted, downloads)
            else:
                apt.download([wanted], downloads)
    for source in pins.source:
        if not _is_whole(downloads / source.file, source):
            raise WrongHash(f"{source.file} is not the file pinned in {PINS.name}")


def unpack(pins: Pins, downloads: Path, into: Path) -> Tree:
    """Lay the sources out afresh under `into`: MicroPython with its patch, TinyUSB where it looks for it, the Pico SDK.

    `dpkg-source` checks the archives of MicroPython against the hashes in its .dsc.

    Raises:
        subprocess.CalledProcessError: an archive is damaged, or the patch does not fit.
    """
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    micropython, packages = into / "micropython", into / "packages"
    for source in pins.source:
        path = downloads / source.file
        if path.suffix == ".dsc":
            _quietly("dpkg-source", "--no-check", "-x", path, micropython)
        else:
            _quietly("dpkg-deb", "-x", path, packages)
    _quietly("patch", "-p1", "-d", micropython, "-i", NO_TLS)
    (
        micropython / "lib" / "micropython-lib" / "README.md"
    ).touch()  # the build asks for it as a sign of a whole tree
    tinyusb = micropython / "lib" / "tinyusb"
    shutil.rmtree(tinyusb, ignore_errors=True)
    (packages / "usr/src/tinyusb").rename(tinyusb)
    return Tree(micropython, packages / "usr/src/pico-sdk")


def _is_whole(path: Path, source: Source) -> bool:
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == source.sha256


def _quietly(*command: str | Path) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
