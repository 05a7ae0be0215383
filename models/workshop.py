"""Virtual environments beside Aangan's own, for what a kiosk never has: TensorFlow, dlib.

    python = workshop.ready(folder, "convert")       # from requirements/convert.txt, once

Each stands on a lock file with hashes and is made anew when the lock changes.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

from models import running
from models.running import FetchError

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements"
INSTALL_S = 3600
STAMP = "lock.sha256"
REMEDY = "check the network and pip's own configuration"


def ready(folder: Path, name: str) -> Path:
    """The Python of the environment in `folder`/venv, made and filled if it is not.

    Raises:
        FetchError: Python is too new for the packages, or they could not be had.
    """
    lock = REQUIREMENTS / f"{name}.txt"
    venv = folder / "venv"
    python, stamp = venv / "bin" / "python", venv / STAMP
    key = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == key:
        return python
    if sys.version_info >= (3, 13):
        raise FetchError(
            f"requirements/{name}.txt is for Python 3.11 and 3.12, this is {sys.version.split()[0]}"
        )
    shutil.rmtree(venv, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    running.run(
        [sys.executable, "-m", "venv", str(venv)],
        "the virtual environment could not be made",
        REMEDY,
        limit_s=INSTALL_S,
    )
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    running.run(
        [*install, "--require-hashes", "-r", str(lock)],
        f"requirements/{name}.txt could not be installed",
        REMEDY,
        limit_s=INSTALL_S,
    )
    stamp.write_text(key)
    return python
