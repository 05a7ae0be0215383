"""Files that provisioning writes: whole, and on the disk under their name when the call returns."""

import os
import stat
from pathlib import Path

import pytest

from provisioning.files import write_private


def test_the_name_of_a_written_file_outlives_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is put on the disk once the file bears its name, and after the file itself."""
    target = tmp_path / "keys" / "device.keys"
    synced: list[tuple[str, bool]] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        synced.append((kind, target.exists()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    write_private(target, b"secret")
    assert synced == [("file", False), ("folder", True)]
    assert target.read_bytes() == b"secret"


def test_file_that_cannot_be_written_leaves_nothing_of_its_secret(tmp_path: Path) -> None:
    (tmp_path / "device.keys").mkdir()
    with pytest.raises(OSError, match=r"device\.keys"):
        write_private(tmp_path / "device.keys", b"secret")
    assert [each.name for each in tmp_path.iterdir()] == ["device.keys"]
