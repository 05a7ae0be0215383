"""Other people's programs, run to the end: pip, npm, a converter; what went wrong is one line with the remedy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from models.manifest import FETCH


class FetchError(Exception):
    """Something could not be had; the text is one line with the remedy."""


def run(command: list[str], failure: str, remedy: str, *, limit_s: float, cwd: Path | None = None) -> None:
    """Run to the end, asking nobody.

    Raises:
        FetchError: it failed, or took longer than `limit_s`; the text is `failure`, the program's reason, `remedy`.
    """
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FetchError(f"{failure} in {limit_s:g} s; {remedy}") from error
    if done.returncode == 0:
        return
    said = done.stdout + done.stderr
    if "No module named pip" in said:
        raise FetchError(
            f"pip is missing in {sys.prefix}: {sys.executable} -m ensurepip, then run again: {FETCH}"
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    reason = next((line for line in lines if line.startswith("ERROR")), lines[-1] if lines else "no message")
    raise FetchError(f"{failure} ({reason[:200]}); {remedy}")
