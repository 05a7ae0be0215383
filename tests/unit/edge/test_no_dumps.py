"""A kiosk that crashes writes nothing of its memory."""

import subprocess
import sys

CRASH = """
import ctypes, os, sys
from edge.no_dumps import dumps_are_forbidden, forbid_dumps
before = dumps_are_forbidden()
forbid_dumps()
print(before, dumps_are_forbidden(), flush=True)
os.abort()
"""


def test_a_process_that_forbids_dumps_leaves_none_when_it_aborts(tmp_path):
    crashed = subprocess.run(
        [sys.executable, "-c", CRASH],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert crashed.returncode < 0
    assert crashed.stdout.split() == ["False", "True"]
    assert list(tmp_path.iterdir()) == []
