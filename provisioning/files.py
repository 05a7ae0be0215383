"""How provisioning writes files: whole or not at all, and private keys readable by their owner alone."""

import os
from pathlib import Path

PRIVATE = 0o600
PUBLIC = 0o644
FOLDER = 0o700


def make_folder(path: Path) -> Path:
    """Make `path`, its parents too, closed to other users."""
    path.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    return path


def write_private(path: Path, content: bytes) -> None:
    """Write a file that nobody but its owner may read, not even while it is being written."""
    _write(path, content, PRIVATE)


def write_public(path: Path, content: bytes) -> None:
    """Write a file that may be read by all who may enter its folder."""
    _write(path, content, PUBLIC)


def _write(path: Path, content: bytes, mode: int) -> None:
    make_folder(path.parent)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        fresh.replace(path)
    except BaseException:
        fresh.unlink()  # nothing of a secret is left beside it
        raise
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Put the names in a folder on the disk: without it, a power cut may undo a rename."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
