"""The firmware's modules one by one, under the interpreter they are written for."""

import re
import signal
import subprocess
from pathlib import Path

import pytest

from hardware.scale_simulator import BOOT, FIRMWARE, micropython

CHECKS = [
    (name, checks)
    for checks in sorted(Path(__file__).parent.glob("firmware_checks_*.py"))
    for name in re.findall(r"^def (check_\w+)", checks.read_text(), re.MULTILINE)
]


@pytest.mark.parametrize(("name", "checks"), CHECKS, ids=[name for name, _ in CHECKS])
def test_under_micropython(name: str, checks: Path, tmp_path: Path) -> None:
    command = [micropython(), str(checks), str(FIRMWARE), str(BOOT.parent), name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


HANGS = """
import sys
sys.path[:0] = sys.argv[1:]
import balance, bench, board
bench.bench.begin("", 10, bytes(8))
board.WATCHDOG_MS = 500
def hang(*_):
    while True:
        pass
balance.Balance.poll = hang
import main
"""


def test_a_program_that_hangs_is_ended_by_the_watchdog(tmp_path: Path) -> None:
    hangs = tmp_path / "hangs.py"
    hangs.write_text(HANGS)
    command = [micropython(), str(hangs), str(FIRMWARE), str(BOOT.parent)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=20, cwd=tmp_path)
    assert done.returncode == -signal.SIGKILL


def test_the_firmware_names_no_simulation() -> None:
    imports = re.compile(r"^\s*(?:from|import) (bench|load_cell|hx711_chip)\b", re.MULTILINE)
    for source in FIRMWARE.glob("*.py"):
        assert not imports.search(source.read_text()), source.name
