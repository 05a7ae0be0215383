"""`make demo`: a day played through the kiosk's own interface, counted in four places."""

import re
import subprocess
import sys
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
LIMIT_SECONDS = 60.0
"""What the command may take once all is set up. The test allows a busy machine twice that, and checks the outcome."""


def test_a_whole_day_arrives_exactly_once(tmp_path: Path) -> None:
    played = subprocess.run(
        [sys.executable, "-m", "provisioning", "demo", "--folder", str(tmp_path / "demo")],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        timeout=2 * LIMIT_SECONDS,
        check=False,
    )
    assert played.returncode == 0, played.stdout + played.stderr
    assert "✗" not in played.stdout
    rows = dict(re.findall(r"^│ (\w+) +│ +(\d+ │ +\d+ │ +\d+ │ +\d+) │$", played.stdout, re.MULTILINE))
    assert len(rows) >= 11
    for event, counts in rows.items():
        assert len(set(re.findall(r"\d+", counts))) == 1, event
    assert set(re.findall(r"\d+", rows["attendance"])) == {"25"}
