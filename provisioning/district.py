"""Makes the throw-away demo district: authority, certificates, keys, broker, and the settings of server and kiosk.

What makes up its identity (keys, certificates, the server's database) is made once and kept; what follows from how it
is started (ports, paths) is written at every start. A district made by another layout, or moved to another folder, is
made anew.
"""

import secrets
import shutil
from pathlib import Path

import msgspec

from anganwadi.ids import SERVER_ORIGIN
from models.settings import settings as model_settings
from provisioning import demo_facts as facts
from provisioning import recovery
from provisioning.authority import Authority
from provisioning.broker import LOOPBACK, BrokerFiles
from provisioning.configuration import to_toml
from provisioning.files import FOLDER, make_folder, write_private, write_public
from provisioning.identity import EnrolmentCard, make_keys, read_keys, write_public_keys
from provisioning.ports import Ports
from provisioning.root import PRIVATE_HALF, PUBLIC_HALF, Root
from provisioning.swtpm import SimulatedTpm

LAYOUT = 3
"""Raised whenever an older district can no longer be started."""
UNFINISHED = 0
"""The layout of a district that is being made: if the making is cut short, the next one begins anew."""
BATCH_SECONDS = 2.0
"""Events go up sooner than a real kiosk's five minutes, so that one can watch them arrive."""


class NotADistrict(ValueError):
    """The folder holds something other than a district of ours; the text says what to do."""


class _Made(msgspec.Struct, frozen=True):
    layout: int
    root: str


class DemoDistrict:
    """The files of a demo district under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.authority = self.root / "ca"
        self.root_key = self.root / "root"
        self.broker = self.root / "broker"
        self.server = self.root / "server"
        self.kiosk = self.root / "kiosks" / facts.ORIGIN
        self.tpm = SimulatedTpm(self.kiosk / "tpm") if SimulatedTpm.is_installed() else None
        self.logs = self.root / "log"

    @property
    def server_settings(self) -> Path:
        return self.server / "server.toml"

    @property
    def kiosk_settings(self) -> Path:
        return self.kiosk / "kiosk.toml"

    @property
    def card(self) -> Path:
        return self.kiosk / "enrolment.json"

    @property
    def scene(self) -> Path:
        """What the replay camera looks at: written by the hardware panel, read by the camera."""
        return self.root / "scene.json"

    @property
    def scale_port(self) -> Path:
        """The link to the simulated scale's serial port."""
        return self.root / "scale.tty"

    @property
    def scale_control(self) -> Path:
        """What lies on the simulated scale."""
        return self.root / "scale.json"

    @property
    def scale_flash(self) -> Path:
        """The simulated scale's memory, which keeps its calibration."""
        return self.root / "scale-flash"

    @property
    def database(self) -> Path:
        return self.server / "server.db"

    @property
    def backups(self) -> Path:
        return self.root / "backup"

    @property
    def recovery_public(self) -> Path:
        return self.server / "recovery.pub"

    @property
    def recovery_private(self) -> Path:
        """Opens the backups. A real district keeps it in a safe, off the server; the demo has nowhere else."""
        return self.root / "recovery.key"

    @property
    def prepared(self) -> Path:
        """By what code the server's database was last made, enrolled to and seeded."""
        return self.server / "prepared"

    def make(self, ports: Ports, *, fresh: bool = False) -> bool:
        """Make the district, or bring the one that is there up to date; whether it was made anew.

        Raises:
            NotADistrict: the folder holds something else, which is left as it is.
        """
        new = fresh or not self._is_usable()
        if new:
            self._clear()
        self._make_certificates()
        self._make_root()
        self._make_keys()
        self._write_settings(ports)
        self._mark(LAYOUT)
        return new

    @property
    def _marker(self) -> Path:
        """By this file a folder is known for a district of ours."""
        return self.root / "district.json"

    def _is_usable(self) -> bool:
        return self._read_marker() == _Made(LAYOUT, str(self.root))

    def _read_marker(self) -> _Made | None:
        try:
            return msgspec.json.decode(self._marker.read_bytes(), type=_Made)
        except (OSError, msgspec.MsgspecError):
            return None

    def _mark(self, layout: int) -> None:
        write_public(self._marker, msgspec.json.encode(_Made(layout, str(self.root))) + b"\n")

    def _clear(self) -> None:
        """Leave nothing in the folder but the marker of an unfinished district."""
        if self.root.exists() and self._read_marker() is None and not _is_empty_folder(self.root):
            raise NotADistrict(
                f"{self.root} holds something other than an Aangan district and was left as it is: "
                "give another --folder, or empty it yourself"
            )
        make_folder(self.root).chmod(FOLDER)
        self._mark(UNFINISHED)
        for path in self.root.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path != self._marker:
                path.unlink()

    def _make_certificates(self) -> None:
        if (self.authority / "ca.crt").is_file():
            authority = Authority.load(self.authority)
        else:
            authority = Authority.create(self.authority, facts.DISTRICT)
        if not authority.vouches_for(self.broker):
            authority.issue_broker(self.broker, (LOOPBACK, "localhost"))
        for folder, name in ((self.server, SERVER_ORIGIN), (self.kiosk, facts.ORIGIN)):
            if not authority.vouches_for(folder):
                authority.issue_client(folder, name)

    def _make_keys(self) -> None:
        server_keys = self.server / "keys.msgpack"
        if not server_keys.is_file():
            make_keys(server_keys)
            write_public_keys(self.kiosk / "server.pub", read_keys(server_keys).public)
        if not (self.kiosk / "device.keys").is_file():
            make_keys(self.kiosk / "device.keys")
        if not (self.server / "db.key").is_file():
            write_private(self.server / "db.key", secrets.token_hex(32).encode())
        if not self.recovery_public.is_file():
            recovery.make(self.recovery_private, self.recovery_public)
        make_folder(self.backups)
        self._card().write(self.card)

    def _make_root(self) -> None:
        if not (self.root_key / PRIVATE_HALF).is_file():
            Root.make(self.root_key, facts.DISTRICT)
        for folder in (self.server, self.kiosk):
            write_public(folder / PUBLIC_HALF, Root.read(self.root_key).public)

    def _card(self) -> EnrolmentCard:
        return EnrolmentCard(
            district=facts.DISTRICT,
            origin=facts.ORIGIN,
            centre_id=facts.CENTRE_ID,
            epoch=facts.EPOCH,
            keys=read_keys(self.kiosk / "device.keys").public,
        )

    def _write_settings(self, ports: Ports) -> None:
        BrokerFiles(
            folder=self.broker,
            ca=self.authority / "ca.crt",
            district=facts.DISTRICT,
            port=ports.broker,
        ).write()
        write_private(self.server_settings, to_toml(self._server(ports)).encode())
        write_private(self.kiosk_settings, to_toml(self._kiosk(ports)).encode())
        make_folder(self.kiosk / "state")
        self.scene.unlink(missing_ok=True)  # nobody stands there

    def _server(self, ports: Ports) -> dict[str, object]:
        return {
            "district": facts.DISTRICT,
            "district_name": facts.DISTRICT_NAME,
            "demo": True,
            "keys": self.server / "keys.msgpack",
            "root_key": self.server / PUBLIC_HALF,
            "port": ports.server,
            "database": {"path": self.database, "key_file": self.server / "db.key"},
            "backup": {"folder": self.backups, "recovery_key": self.recovery_public},
            "broker": self._broker(ports, self.server),
        }

    def _kiosk(self, ports: Ports) -> dict[str, object]:
        return {
            "district": facts.DISTRICT,
            "origin": facts.ORIGIN,
            "centre_id": facts.CENTRE_ID,
            "epoch": facts.EPOCH,
            "demo": True,
            "state_dir": self.kiosk / "state",
            "device_keys": self.kiosk / "device.keys",
            "server_keys": self.kiosk / "server.pub",
            "root_key": self.kiosk / PUBLIC_HALF,
            "port": ports.kiosk,
            "batch_seconds": BATCH_SECONDS,
            "broker": self._broker(ports, self.kiosk),
            "camera": {
                "kind": "replay",
                "faces_dir": model_settings().faces_dir.resolve(),
                "scene": self.scene,
            },
            "scale": {"port": self.scale_port},
            "face": {"models_dir": model_settings().models_dir.resolve()},
            "keys": {"provider": "none"} if self.tpm is None else {"provider": "tpm", "tcti": self.tpm.tcti},
        }

    def _broker(self, ports: Ports, folder: Path) -> dict[str, object]:
        return {
            "host": LOOPBACK,
            "port": ports.broker,
            "ca": self.authority / "ca.crt",
            "certificate": folder / "tls.crt",
            "key": folder / "tls.key",
        }


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())
