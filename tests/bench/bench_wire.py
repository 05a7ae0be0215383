"""Events a second from kiosks into the log: over the real broker with TLS, verified, opened, appended, receipted.

Against it stands the bare bound, in the same run: the same events, already opened, appended to the same table of the
same SQLCipher database with the same full sync by the same function, and nothing else. What is missing to it is the
price of transport, proof and secrecy. Load, broker and server share this machine's cores.
"""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import psutil
import sqlalchemy as sa

from anganwadi.ids import DistrictId
from anganwadi.wire import chain, topics
from anganwadi.wire.keys import PrivateKeys
from provisioning.authority import Authority
from provisioning.broker import LOOPBACK, BrokerFiles, find_mosquitto
from provisioning.configuration import to_toml
from provisioning.files import write_private
from provisioning.ports import is_open
from provisioning.processes import Program, Supervisor
from server.ingest import metrics
from server.ingest.worker import Inbound, IngestWorker
from server.settings import Database
from server.storage import engine as databases
from server.storage import log, migrations, own_origin, projector
from server.storage.log import LogRow, NewRows
from tests.bench import wire_frames
from tests.bench.wire_frames import DISTRICT, Kiosk, Made
from tests.bench.wire_load import Plan, Result

DEVICES = 1000
EVENTS = {1: 20, 50: 200, 500: 500}
"""Events of each device, by the size of its batches."""
ROUNDS = {1: 1, 50: 3, 500: 1}
"""How often they are sent, and the bare bound taken, in turns; the round with the middle ratio counts."""
WEEK_DEVICES, WEEK_EVENTS = 4000, int(os.environ.get("AANGAN_BENCH_WEEK_EVENTS", "1400"))
"""A district of 4,000 kiosks after seven days without network; some minutes, or fewer events for a first look."""
TRANSACTION = 5000
"""Events the bare bound appends in one transaction."""
HOUSE = Path(__file__).resolve().parents[2]

Row = dict[str, str | float | None]


def rows() -> list[Row]:
    found: list[Row] = []
    for batch, each in EVENTS.items():
        with _district(DEVICES, batch, each) as district:
            found += _measure(district)
            if batch == 50:
                found += _stages(district)
    with _district(WEEK_DEVICES, 50, WEEK_EVENTS) as district:
        found += _week(district)
    return found


class _District:
    """A district made ready in `folder`: database, keys, broker's files, frames to be sent."""

    def __init__(self, folder: Path, devices: int, batch: int, each: int) -> None:
        self.folder, self.batch, self.each = folder, batch, each
        self.keys = PrivateKeys.generate()
        write_private(folder / "server.keys", msgspec.msgpack.encode(self.keys))
        write_private(folder / "db.key", b"ef" * 32)
        self.kiosks = wire_frames.kiosks(devices)
        self.made = wire_frames.write(folder / "frames", self.kiosks, self.keys.public, batch, each)
        with contextlib.closing(_free_port()) as port:
            self.port = port.getsockname()[1]
        self._write_files()

    @property
    def total(self) -> int:
        return len(self.kiosks) * self.each

    def empty(self, name: str) -> sa.Engine:
        """A new database of this district, its kiosks enrolled, without events."""
        for old in self.folder.glob(f"{name}*"):
            old.unlink()
        engine = self.open(name)
        migrations.migrate(engine)
        with databases.writing(engine) as connection:
            own_origin.enrol_self(connection, DISTRICT, self.keys.public)
        wire_frames.enrol(engine, self.kiosks)
        return engine

    def open(self, name: str) -> sa.Engine:
        return databases.connect(Database(path=self.folder / name, key_file=self.folder / "db.key"))

    def payloads(self) -> Iterator[tuple[Made, bytes]]:
        with (self.folder / "frames").open("rb") as file:
            for each in self.made:
                file.seek(each.offset)
                yield each, file.read(each.length)

    def _write_files(self) -> None:
        authority = Authority.create(self.folder / "ca", DISTRICT)
        authority.issue_broker(self.folder / "broker", (LOOPBACK, "localhost"))
        for name in ("server", "load"):
            authority.issue_client(self.folder / name, name)
        files = BrokerFiles(
            folder=self.folder / "broker", ca=authority.path, district=DistrictId(DISTRICT), port=self.port
        )
        files.write()
        rules = files.access_list.read_text()
        root = f"{topics.PREFIX}/{DISTRICT}"
        loads = f"user load\ntopic write {root}/+/up/frame\ntopic read {root}/+/down/receipt\n\n"
        write_private(files.access_list, (loads + rules).encode())
        credentials = {"host": LOOPBACK, "port": self.port, "ca": authority.path}
        settings = {
            "district": DISTRICT,
            "district_name": "Bench",
            "keys": self.folder / "server.keys",
            "database": {"path": self.folder / "server.db", "key_file": self.folder / "db.key"},
            "broker": {
                **credentials,
                "certificate": self.folder / "server" / "tls.crt",
                "key": self.folder / "server" / "tls.key",
            },
        }
        write_private(self.folder / "server.toml", to_toml(settings).encode())
        plan = Plan(
            host=LOOPBACK,
            port=self.port,
            ca=str(authority.path),
            certificate=str(self.folder / "load" / "tls.crt"),
            key=str(self.folder / "load" / "tls.key"),
            frames=str(self.folder / "frames"),
            made=self.made,
        )
        (self.folder / "plan.json").write_bytes(msgspec.json.encode(plan))


class _Drained(msgspec.Struct, frozen=True):
    seconds: float
    cpu_s: float
    peak_mb: float


@contextlib.contextmanager
def _district(devices: int, batch: int, each: int) -> Iterator[_District]:
    with tempfile.TemporaryDirectory() as folder:
        yield _District(Path(folder), devices, batch, each)


def _measure(district: _District) -> list[Row]:
    """The way through the broker, the bare bound, and for batches of 50 the projecting of what came."""
    rounds = [(_drain(district), district.total / _bare(district)) for _ in range(ROUNDS[district.batch])]
    drained, bare = sorted(rounds, key=lambda each: each[0].seconds * each[1])[len(rounds) // 2]
    rate, name = district.total / drained.seconds, f"ingest.batch_{district.batch}"
    per_event = drained.cpu_s / district.total * 1e6
    found: list[Row] = [
        _row(name, rate, "events/s", f"bare rows appended to the same table: {bare:,.0f}", rate / bare),
        _row(f"{name}.server_cpu", per_event, "us/event", None, None),
        _row(f"{name}.memory", drained.peak_mb, "MB", "the bound of 300 MB", 300 / drained.peak_mb),
    ]
    if district.batch == 50:
        projected = district.total / _timed(_project, district)
        found.append(
            _row("project.batch_50", projected, "events/s", f"ingest: {rate:,.0f}", projected / rate)
        )
    return found


def _stages(district: _District) -> list[Row]:
    """Processor time of each stage of ingest, without a broker: the same frames handed to the worker."""
    engine = district.empty("stages.db")
    ingest = IngestWorker(
        engine, DISTRICT, district.keys, lambda topic, payload: None, lambda: None, demo=False
    )
    before = _stage_seconds()
    group: list[Inbound] = []
    for made, payload in district.payloads():
        group.append(Inbound(topics.up(DISTRICT, made.origin, "frame"), payload, lambda: None))
        if len(group) == 100:
            ingest.store(group)
            group = []
    ingest.store(group)
    engine.dispose()
    return [
        _row(
            f"stage.{name}", (seconds - before.get(name, 0.0)) / district.total * 1e6, "us/event", None, None
        )
        for name, seconds in _stage_seconds().items()
    ]


def _stage_seconds() -> dict[str, float]:
    return {
        sample.labels["stage"]: sample.value
        for metric in metrics.STAGE_CPU.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    }


def _week(district: _District) -> list[Row]:
    drained = _drain(district)
    rate = district.total / drained.seconds
    against = f"{WEEK_DEVICES:,} kiosks x {WEEK_EVENTS:,} events"
    return [
        _row("ingest.week", drained.seconds, "s", against, None),
        _row("ingest.week.rate", rate, "events/s", None, None),
        _row("ingest.week.memory", drained.peak_mb, "MB", "the bound of 300 MB", 300 / drained.peak_mb),
    ]


def _drain(district: _District) -> _Drained:
    """Send everything and wait until it is receipted; what the server used for it."""
    folder = district.folder
    district.empty("server.db").dispose()
    (folder / "ingest.log").unlink(missing_ok=True)
    with Supervisor() as programs:
        programs.start(
            _program(
                folder,
                "broker",
                [str(find_mosquitto()), "-c", str(folder / "broker" / "mosquitto.conf")],
                lambda: is_open(district.port),
            )
        )
        for _ in programs.wait_ready():
            pass
        programs.start(
            _program(
                folder,
                "ingest",
                [sys.executable, "-m", "server", "ingest", "--config", str(folder / "server.toml")],
                lambda: _is_up((folder / "ingest.log").read_bytes()),
            )
        )
        for _ in programs.wait_ready():
            pass
        server = psutil.Process(programs.pid("ingest"))
        processes = [server, *server.children()]
        before = _cpu_s(processes)
        said = subprocess.run(
            [sys.executable, "-m", "tests.bench.wire_load", str(folder / "plan.json")],
            cwd=HOUSE, check=True, capture_output=True,
        ).stdout  # fmt: skip
        cpu_s = _cpu_s(processes) - before
        peak_mb = sum(_peak_kb(each.pid) for each in processes) / 1024
    took = msgspec.json.decode(said, type=Result).seconds
    return _Drained(took, cpu_s, peak_mb)


def _bare(district: _District) -> float:
    """Seconds to append the same events, opened beforehand, in the order they came in."""
    opened = [(kiosk, _rows(kiosk, district)) for kiosk in district.kiosks]
    pieces = [
        (kiosk, rows[start : start + district.batch])
        for start in range(0, district.each, district.batch)
        for kiosk, rows in opened
    ]
    engine, a_time = district.empty("bare.db"), max(1, TRANSACTION // district.batch)

    def append() -> None:
        for start in range(0, len(pieces), a_time):
            with databases.writing(engine) as connection:
                together = NewRows()
                for kiosk, rows in pieces[start : start + a_time]:
                    for row in rows:
                        together.add(kiosk.origin, 1, row.sequence, [row.event_hash], [row.type], [row.raw])
                log.append_all(connection, DISTRICT, together, 1)

    took = _timed(append)
    engine.dispose()
    return took


def _rows(kiosk: Kiosk, district: _District) -> list[LogRow]:
    raws = wire_frames.raws(kiosk, district.each, wire_frames.now_ms())
    return [LogRow(n, chain.event_hash(raw), "attendance", raw) for n, raw in enumerate(raws, 1)]


def _project(district: _District) -> None:
    engine = district.open("server.db")
    while projector.step(engine, DISTRICT):
        pass
    engine.dispose()


def _program(folder: Path, name: str, command: list[str], is_ready: Callable[[], bool]) -> Program:
    return Program(name=name, command=command, log=folder / f"{name}.log", folder=HOUSE, is_ready=is_ready)


def _row(name: str, value: float, unit: str, against: str | None, ratio: float | None) -> Row:
    return {"name": name, "value": value, "unit": unit, "against": against, "ratio": ratio}


def _cpu_s(processes: Sequence[psutil.Process]) -> float:
    return sum(times.user + times.system for times in (each.cpu_times() for each in processes))


def _peak_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def _is_up(said: bytes) -> bool:
    return b"link_up" in said and b"opening_process_up" in said


def _free_port() -> socket.socket:
    probe = socket.socket()
    probe.bind((LOOPBACK, 0))
    return probe


def _timed(work: Callable[..., None], *given: object) -> float:
    began = time.perf_counter()
    work(*given)
    return time.perf_counter() - began
