"""A real mosquitto, as a district runs it, for the tests that go through the broker."""

import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, sync_playwright

from anganwadi.ids import DistrictId, district_id
from provisioning.authority import Authority
from provisioning.broker import LOOPBACK, BrokerFiles, find_mosquitto
from provisioning.ports import is_open
from provisioning.processes import Program, Supervisor
from tests.e2e.phone_visit import launch
from tests.e2e.whole_stack import Centre, begin

WORKERS = ("server-ingest-1", "server-ingest-2")
CLIENTS = ("server", "kiosk-a", "kiosk-b", "observer", *WORKERS)


class Credentials(msgspec.Struct, frozen=True):
    certificate: Path
    key: Path


class RunningBroker(msgspec.Struct, frozen=True, kw_only=True):
    """The broker of a district `t`: `observer` may listen to everything, the others as in any district."""

    host: str
    port: int
    district: DistrictId
    ca: Path
    folder: Path
    log: Path

    def credentials(self, name: str) -> Credentials:
        """The certificate and key of one of `CLIENTS`."""
        return Credentials(self.folder / name / "tls.crt", self.folder / name / "tls.key")


@pytest.fixture(scope="session")
def broker() -> Iterator[RunningBroker]:
    folder = Path(tempfile.mkdtemp(prefix="aangan-broker-"))
    district = district_id("t")
    authority = Authority.create(folder / "ca", district)
    authority.issue_broker(folder / "broker", (LOOPBACK, "localhost"))
    for name in CLIENTS:
        authority.issue_client(folder / name, name)
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port = probe.getsockname()[1]
    files = BrokerFiles(
        folder=folder / "broker", ca=authority.path, district=district, port=port, observers=("observer",),
        workers=WORKERS,
    )  # fmt: skip
    files.write()
    log = folder / "broker.log"
    with Supervisor() as programs:
        programs.start(
            Program(
                name="broker",
                command=[str(find_mosquitto()), "-c", str(files.configuration)],
                log=log,
                folder=folder,
                is_ready=lambda: is_open(port),
            )
        )
        assert list(programs.wait_ready()) == ["broker"]
        yield RunningBroker(
            host=LOOPBACK, port=port, district=district, ca=authority.path, folder=folder, log=log
        )
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def stranger_credentials(tmp_path_factory: pytest.TempPathFactory) -> Credentials:
    """A certificate for `kiosk-a` that another authority issued."""
    folder = tmp_path_factory.mktemp("stranger")
    other = Authority.create(folder / "ca", district_id("other"))
    other.issue_client(folder / "kiosk-a", "kiosk-a")
    return Credentials(folder / "kiosk-a" / "tls.crt", folder / "kiosk-a" / "tls.key")


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """The whole stack, started once for all tests of a file; it takes no more of the machine than that file lasts."""
    with begin(tmp_path_factory.mktemp("stack") / "district") as stack:
        list(stack.start())
        yield Centre(stack)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        launched = launch(playwright)
        yield launched
        launched.close()
