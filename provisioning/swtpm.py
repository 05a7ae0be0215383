"""A simulated TPM 2.0 (swtpm) on a Unix socket: for the demo's kiosk and for the tests.

Its state lies in the folder beside the socket and survives a restart, as a TPM's memory does. Unlike a real TPM it
protects nothing from who reads that folder.
"""

import hashlib
import shutil
import tempfile
from pathlib import Path

from provisioning.files import make_folder
from provisioning.tpm import tools_are_here

LONGEST_ADDRESS = 100
"""A Unix socket's path may have 107 bytes, and the control socket's is longer by five."""


class SimulatedTpm:
    """A simulated TPM whose memory is in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.socket = self.folder / "tpm.sock"
        if len(str(self.socket)) > LONGEST_ADDRESS:
            name = hashlib.sha256(str(self.folder).encode()).hexdigest()[:16]
            self.socket = Path(tempfile.gettempdir()) / f"aangan-tpm-{name}.sock"

    @staticmethod
    def is_installed() -> bool:
        """Whether the simulator is, and the tools that the kiosk works it with."""
        return shutil.which("swtpm") is not None and tools_are_here()

    @property
    def tcti(self) -> str:
        """By what tpm2-tss reaches it."""
        return f"swtpm:path={self.socket}"

    def command(self) -> list[str]:
        """The command that runs it, started up, in the place of one that ended here before."""
        make_folder(self.folder)
        control = self.socket.with_name(self.socket.name + ".ctrl")
        for leftover in (self.socket, control):
            leftover.unlink(missing_ok=True)
        return [
            "swtpm", "socket", "--tpm2",
            "--tpmstate", f"dir={self.folder}",
            "--server", f"type=unixio,path={self.socket},mode=0600",
            "--ctrl", f"type=unixio,path={control},mode=0600",
            "--flags", "not-need-init,startup-clear",
        ]  # fmt: skip

    def is_ready(self) -> bool:
        return self.socket.exists()
