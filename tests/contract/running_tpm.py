"""A simulated TPM that a test starts, kills and starts again."""

import subprocess
import time
from pathlib import Path

from provisioning.swtpm import SimulatedTpm
from provisioning.tpm import Tpm, new_lockout_password, prepare


class RunningTpm:
    """swtpm with its memory in `folder`, prepared as a kiosk's TPM is."""

    def __init__(self, folder: Path, *, prepared: bool = True) -> None:
        self._simulated = SimulatedTpm(folder)
        self.tcti = self._simulated.tcti
        self.tool = Tpm(self.tcti)
        self.start()
        if prepared:
            prepare(self.tool, new_lockout_password())

    def start(self) -> None:
        self._process = subprocess.Popen(self._simulated.command(), stderr=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while not self._simulated.is_ready():
            assert time.monotonic() < until, "swtpm did not start"
            time.sleep(0.01)

    def cut_power(self) -> None:
        """End it without a warning."""
        self._process.kill()
        self._process.wait()

    def power_cycle(self) -> None:
        self.cut_power()
        self.start()

    def let_pass(self, seconds: float) -> None:
        """Set the TPM's clock forward; no TPM lets its clock be set back."""
        self.tool.run("setclock", str(self.tool.clock_ms() + round(seconds * 1000)))

    def leftovers(self) -> bytes:
        """Keys and sessions that stayed in it."""
        return b"".join(
            self.tool.run("getcap", f"handles-{kind}")
            for kind in ("transient", "loaded-session", "saved-session")
        )
