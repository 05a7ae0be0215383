"""How much memory does a process need that does nothing but look at faces? Measured in a fresh one.

    peak_mb(models_dir, faces_dir, "quick")

starts `python -m models.memory`, which loads the models, looks at a camera's picture some times, eyelids included, and
says the most memory it ever had (VmHWM of /proc/self/status: resident, the Python interpreter and the shared libraries
counted in).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from models.calibration import Profile

LOOKS = 5
ROOT = Path(__file__).resolve().parents[1]


def peak_mb(models_dir: Path, faces_dir: Path, profile: Profile) -> float:
    """Peak resident memory of a fresh face process, in MB (10^6 bytes).

    Raises:
        RuntimeError: the process failed.
    """
    command = [sys.executable, "-m", "models.memory", str(models_dir.resolve()), str(faces_dir.resolve())]
    done = subprocess.run(
        [*command, profile], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode:
        raise RuntimeError(f"the face process failed: {done.stderr.strip().splitlines()[-1:]}")
    return int(done.stdout) * 1024 / 1e6


def _look(models_dir: Path, faces_dir: Path, profile: Profile) -> int:
    """Look at faces, and give the peak in KiB."""
    from models import timing
    from models.face.pipeline import FacePipeline

    pipeline = FacePipeline.load(models_dir, 1, profile)
    rgb = timing.camera_picture(faces_dir)
    for _ in range(LOOKS):
        pipeline.analyse(rgb)
        pipeline.eyelids(rgb, timing.placed(pipeline, rgb).mesh)
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def _profile(name: str) -> Profile:
    for profile in ("quick", "accurate", "cascade"):
        if name == profile:
            return profile
    raise ValueError(f"no profile {name}")


if __name__ == "__main__":
    sys.stdout.write(str(_look(Path(sys.argv[1]), Path(sys.argv[2]), _profile(sys.argv[3]))))
