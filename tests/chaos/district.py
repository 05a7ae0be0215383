"""Four kiosks of one centre, the district they belong to, and the commands that run it.

Made from provisioning's demo district, which has one kiosk: the others get keys, a certificate and a card of their own.
Every kiosk, and the server, reaches the broker through a port of its own, behind which a fault proxy stands.
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from anganwadi.ids import Origin
from provisioning import demo_facts as facts
from provisioning.authority import Authority
from provisioning.broker import LOOPBACK, find_mosquitto
from provisioning.configuration import to_toml
from provisioning.district import DemoDistrict
from provisioning.files import make_folder, write_private, write_public
from provisioning.identity import EnrolmentCard, make_keys, read_keys
from provisioning.ports import Ports
from provisioning.root import PUBLIC_HALF

HOUSE = Path(__file__).resolve().parents[2]
KIOSKS = tuple(Origin(f"kiosk-{letter}") for letter in "abcd")
BATCH_SECONDS = 0.5
LINK = {"heartbeat_s": 20.0, "first_rest_s": 0.3, "longest_rest_s": 2.0, "keepalive_s": 15}
"""Rests and words as short as a run of minutes wants them."""
COMMAND_S = 120


class CommandFailed(RuntimeError):
    """A command of the server did not end well; the text is what it said."""


class ChaosDistrict:
    """The files under `root`. `ports` maps each kiosk, `server` and `broker` to where they listen."""

    def __init__(self, root: Path, ports: Mapping[str, int]) -> None:
        self.root = root.resolve()
        self.ports = ports
        self._demo = DemoDistrict(self.root / "district")
        self.logs = self.root / "log"
        self.trigger = self.root / "kill-before-receipt"

    @property
    def server_settings(self) -> Path:
        return self._demo.server_settings

    @property
    def database(self) -> Path:
        return self._demo.database

    def kiosk_settings(self, kiosk: str) -> Path:
        return self._kiosk(kiosk) / "kiosk.toml"

    def make(self, lines: Mapping[str, int]) -> None:
        """Make everything, the database migrated, enrolled to and seeded. `lines` are the ports of the fault proxies,
        by whose line it is."""
        ports = Ports(
            broker=self.ports["broker"], server=self.ports["server"], kiosk=self.ports[KIOSKS[0]], panel=1
        )
        self._demo.make(ports, fresh=True)
        authority = Authority.load(self._demo.authority)
        for kiosk in KIOSKS:
            self._make_kiosk(kiosk, authority, lines[kiosk])
        self._finish_server_settings(ports.broker, lines["server"])
        self.server("migrate")
        for kiosk in KIOSKS:
            self.server("enrol", str(self._kiosk(kiosk) / "enrolment.json"))
        self.server("seed")

    def server(self, command: str, *arguments: str) -> str:
        """Run `python -m server command` to its end; what it wrote.

        Raises:
            CommandFailed: it did not end well.
        """
        said = subprocess.run(
            [sys.executable, "-m", "server", command, *arguments, "--config", str(self.server_settings)],
            cwd=HOUSE,
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
            check=False,
        )
        if said.returncode != 0:
            raise CommandFailed(f"python -m server {command}: {said.stdout}{said.stderr[-2000:]}")
        return said.stdout

    def make_backup(self) -> None:
        """Back up the database, whether the server runs or not."""
        self.server("backup")

    def restore(self) -> None:
        """Restore the newest backup; the server is stopped and its database gone."""
        newest = max(self._demo.backups.glob("*.backup"), key=lambda path: path.stat().st_mtime)
        self.server("restore", str(newest), "--key", str(self._demo.recovery_private))

    def lose_database(self) -> None:
        """Delete the database and what lies beside it, as a dead disk would."""
        for path in self.database.parent.glob(f"{self.database.name}*"):
            path.unlink()

    def commands(self) -> dict[str, list[str]]:
        """How each program is started."""
        python = [sys.executable, "-m"]
        started = {
            "broker": [str(find_mosquitto()), "-c", str(self._demo.broker / "mosquitto.conf")],
            "server": [*python, "tests.chaos.doomed_server", "run", "--config", str(self.server_settings)],
        }
        for kiosk in KIOSKS:
            started[kiosk] = [*python, "edge", "run", "--config", str(self.kiosk_settings(kiosk))]
        return started

    def _kiosk(self, kiosk: str) -> Path:
        return self._demo.root / "kiosks" / kiosk

    def _make_kiosk(self, kiosk: Origin, authority: Authority, line: int) -> None:
        folder = self._kiosk(kiosk)
        if kiosk != facts.ORIGIN:
            authority.issue_client(folder, kiosk)
            make_keys(folder / "device.keys")
            for shared in ("server.pub", PUBLIC_HALF):
                write_public(folder / shared, (self._kiosk(facts.ORIGIN) / shared).read_bytes())
        make_folder(folder / "state")
        EnrolmentCard(
            district=facts.DISTRICT,
            origin=kiosk,
            centre_id=facts.CENTRE_ID,
            epoch=facts.EPOCH,
            keys=read_keys(folder / "device.keys").public,
        ).write(folder / "enrolment.json")
        write_private(folder / "kiosk.toml", to_toml(self._settings(kiosk, folder, line)).encode())

    def _finish_server_settings(self, broker: int, line: int) -> None:
        """Lead the server over its line, and give it a place for its backups."""
        text = self.server_settings.read_text(encoding="utf-8")
        write_private(self.server_settings, text.replace(f"port = {broker}", f"port = {line}").encode())

    def _settings(self, kiosk: Origin, folder: Path, line: int) -> dict[str, object]:
        """A kiosk without camera, scale, models or TPM: what goes wrong there is not the subject."""
        return {
            "district": facts.DISTRICT,
            "origin": kiosk,
            "centre_id": facts.CENTRE_ID,
            "epoch": facts.EPOCH,
            "demo": True,
            "state_dir": folder / "state",
            "device_keys": folder / "device.keys",
            "server_keys": folder / "server.pub",
            "root_key": folder / PUBLIC_HALF,
            "port": self.ports[kiosk],
            "batch_seconds": BATCH_SECONDS,
            "link": LINK,
            "broker": {
                "host": LOOPBACK,
                "port": line,
                "ca": self._demo.authority / "ca.crt",
                "certificate": folder / "tls.crt",
                "key": folder / "tls.key",
            },
            "camera": {"kind": "replay", "faces_dir": folder / "no-faces", "scene": folder / "no-scene"},
            "scale": {"port": folder / "no-scale"},
            "face": {"models_dir": folder / "no-models"},
        }
