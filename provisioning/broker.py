"""The district's broker: mosquitto's configuration and access list, and where its program lies.

The door is TLS 1.3 with a client certificate, and nothing else: no password, no anonymous client, no other listener.
The certificate's common name is the MQTT user *and* the client id, so that one kiosk can neither speak on another's
topics nor take over another's session by calling itself by its name. It follows that every certificate holds one
connection at a time.
"""

import os
import shutil
import subprocess
from pathlib import Path

import msgspec

from anganwadi.ids import SERVER_ORIGIN, DistrictId
from anganwadi.wire.letters import MAX_LETTER
from anganwadi.wire.topics import PREFIX
from provisioning.files import make_folder, write_private

LOOPBACK = "127.0.0.1"
MAX_PACKET = MAX_LETTER + (64 << 10)
"""Bytes: the largest letter, and room for its topic and properties."""
INGESTED = ("frame", "gap")
"""The channels that ingest workers share."""
MAX_QUEUED_MESSAGES = 2000
MAX_QUEUED_BYTES = 32 << 20
"""What the broker keeps for one client that is away. Nothing is lost beyond it: a kiosk resends until receipted."""

_BESIDE_PATH = ("/usr/sbin", "/usr/local/sbin", "/sbin", "/opt/homebrew/sbin")


class NoMosquitto(FileNotFoundError):
    """mosquitto is not installed; the text says how to get it."""


class BrokerFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What the configuration refers to. `folder` holds the broker's certificate and takes its configuration."""

    folder: Path
    ca: Path
    district: DistrictId
    port: int
    host: str = LOOPBACK
    observers: tuple[str, ...] = ()
    """Names that may read, and only read, all of the district's traffic: what the tests listen with."""
    workers: tuple[str, ...] = ()
    """Names of the certificates of ingest workers (`python -m server ingest`), which share what kiosks send up."""

    @property
    def configuration(self) -> Path:
        return self.folder / "mosquitto.conf"

    @property
    def access_list(self) -> Path:
        return self.folder / "acl"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def write(self) -> None:
        """Write `mosquitto.conf` and the access list."""
        make_folder(self.data)
        write_private(self.access_list, access_list(self.district, self.observers, self.workers).encode())
        write_private(self.configuration, configuration(self).encode())


def access_list(district: DistrictId, observers: tuple[str, ...] = (), workers: tuple[str, ...] = ()) -> str:
    """Who may say what: a kiosk writes below its own `up/` and reads its own `down/`; the server does the reverse."""
    root = f"{PREFIX}/{district}"
    lines = [
        f"user {SERVER_ORIGIN}",
        f"topic read {root}/+/up/#",
        f"topic write {root}/+/down/#",
        "",
    ]
    for name in workers:
        lines += [
            f"user {name}",
            *(f"topic read {root}/+/up/{channel}" for channel in INGESTED),
            f"topic write {root}/+/down/receipt",
            "",
        ]
    for name in observers:
        lines += [f"user {name}", f"topic read {root}/#", ""]
    lines += [
        "# %u is the common name of the client's certificate",
        f"pattern write {root}/%u/up/#",
        f"pattern read {root}/%u/down/#",
    ]
    return "\n".join(lines) + "\n"


def configuration(files: BrokerFiles) -> str:
    """`mosquitto.conf`."""
    lines = [
        f"listener {files.port} {files.host}",
        "protocol mqtt",
        f"cafile {files.ca}",
        f"certfile {files.folder / 'tls.crt'}",
        f"keyfile {files.folder / 'tls.key'}",
        "tls_version tlsv1.3",
        "require_certificate true",
        "use_identity_as_username true",
        "use_username_as_clientid true",
        "allow_anonymous false",
        f"acl_file {files.access_list}",
        "",
        "persistence true",
        f"persistence_location {files.data}/",
        "autosave_interval 60",
        "persistent_client_expiration 7d",
        "",
        f"max_packet_size {MAX_PACKET}",
        f"max_queued_messages {MAX_QUEUED_MESSAGES}",
        f"max_queued_bytes {MAX_QUEUED_BYTES}",
        "max_inflight_messages 100",
        "max_keepalive 300",
        "retain_available false",  # nothing of ours is retained, and what is would fill the disk
        "",
        "log_dest stdout",
        "log_type error",
        "log_type warning",
        "log_type notice",
        "log_timestamp_format %Y-%m-%dT%H:%M:%S",
    ]
    if os.geteuid() == 0:
        # Started as root, mosquitto becomes user `mosquitto`, who may not read the keys of a district under var/.
        lines.append("user root")
    return "\n".join(lines) + "\n"


def find_mosquitto() -> Path:
    """The broker's program. Debian puts it into /usr/sbin, which is not on everybody's PATH.

    Raises:
        NoMosquitto: it is nowhere.
    """
    path = os.pathsep.join([os.environ.get("PATH", ""), *_BESIDE_PATH])
    found = shutil.which("mosquitto", path=path)
    if found is None:
        raise NoMosquitto("mosquitto is not installed: `make setup`, or `sudo apt-get install mosquitto`")
    return Path(found)


def mosquitto_version(program: Path) -> tuple[int, ...]:
    """The broker's version, as (2, 0, 11)."""
    said = subprocess.run([program, "-h"], capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in said.split()[2].split("."))
