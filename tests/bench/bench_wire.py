"""Frames a second into the log, sealed, signed, opened and receipted, against the bare appending of the same rows.

The bare bound writes the opened rows into the same table of the same SQLCipher database with the same full sync, in
transactions of the same size; what is missing to it is the price of proof and secrecy. No broker is in between.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa

from anganwadi import events
from anganwadi.events import AttendanceMarked
from anganwadi.ids import CentreId, DistrictId, Origin, PersonId, WorkerId
from anganwadi.wire import chain, frame, receipt, topics
from anganwadi.wire.keys import PrivateKeys
from server.ingest.acceptance import Acceptance
from server.settings import Database
from server.storage import engine as databases
from server.storage import log, migrations, origins, projector
from server.storage.log import LogRow

DISTRICT, CENTRE = DistrictId("bench"), CentreId("09123456701")
DAY = date(2026, 11, 21)
TRANSACTION = 2000
"""Events a transaction, at most, as in `server.ingest.worker`."""

Frames = list[tuple[Origin, bytes, list[bytes]]]


def rows() -> list[dict[str, str | float]]:
    server = PrivateKeys.generate()
    found: list[dict[str, str | float]] = []
    for batch, total in ((1, 400), (50, 10_000), (500, 20_000)):
        with _database() as engine:
            frames = _frames(engine, server, batch, total)
            ours = total / _timed(_ingest, engine, server, frames, batch)
            projected = total / _timed(_project, engine)
        with _database() as engine:
            bare = total / _timed(_bare, engine, frames, batch)
        found.append(
            {
                "name": f"ingest.batch_{batch}",
                "value": ours,
                "unit": "events/s",
                "against": f"bare rows appended to the same table: {bare:,.0f}",
                "ratio": ours / bare,
            }
        )
        if batch == 50:
            found.append(
                {
                    "name": "project.batch_50",
                    "value": projected,
                    "unit": "events/s",
                    "against": f"ingest of the same events: {ours:,.0f}",
                    "ratio": projected / ours,
                }
            )
    return found


@contextmanager
def _database() -> Iterator[sa.Engine]:
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "db.key"
        key.write_text("ef" * 32)
        engine = databases.connect(Database(path=Path(folder) / "server.db", key_file=key))
        migrations.migrate(engine)
        yield engine
        engine.dispose()


def _frames(engine: sa.Engine, server: PrivateKeys, batch: int, total: int) -> Frames:
    """Frames of several interleaved kiosks, each enrolled, each with its own chain."""
    kiosks = [(Origin(f"kiosk-{n}"), PrivateKeys.generate()) for n in range(20)]
    with databases.writing(engine) as connection:
        for name, keys in kiosks:
            origins.register(connection, DISTRICT, name, 1, CENTRE, keys.public)
    heads = {name: chain.genesis(DISTRICT, name, 1) for name, _ in kiosks}
    firsts = {name: 1 for name, _ in kiosks}
    made: Frames = []
    for n in range(total // batch):
        name, keys = kiosks[n % len(kiosks)]
        raws = [_event(i) for i in range(batch)]
        header = frame.Header(
            key_id=server.public.seal_id,
            district=DISTRICT,
            origin=name,
            epoch=1,
            first_sequence=firsts[name],
            count=batch,
            chain_before=heads[name],
            clock=frame.Clock(0, 0, bytes(16), "rtc"),
        )
        made.append((name, frame.make(header, raws, server.public, keys), raws))
        heads[name] = chain.extend(heads[name], [chain.event_hash(raw) for raw in raws])
        firsts[name] += batch
    return made


def _event(n: int) -> bytes:
    body = AttendanceMarked(DAY, PersonId(f"p-{n % 80:032x}"), True)
    at = datetime(2026, 11, 21, 5, tzinfo=UTC)
    return events.encode(
        events.new_event(body, centre_id=CENTRE, worker_id=WorkerId("w-1"), at=at, simulated=False)
    )


def _ingest(engine: sa.Engine, server: PrivateKeys, frames: Frames, batch: int) -> None:
    acceptance = Acceptance(DISTRICT, server, demo=False)
    for group in _groups(frames, batch):
        stored = {}
        with databases.writing(engine) as connection:
            for name, payload, _ in group:
                topic = topics.up(DISTRICT, name, "frame")
                stored[name] = acceptance.accept(connection, topic, payload, 1).origin
        for origin in stored.values():
            receipt.sign(origins.receipt_for(origin, 1, 1), server)


def _bare(engine: sa.Engine, frames: Frames, batch: int) -> None:
    firsts: dict[Origin, int] = {}
    for group in _groups(frames, batch):
        with databases.writing(engine) as connection:
            for name, _, raws in group:
                first = firsts.get(name, 1)
                kept = [LogRow(first + n, b"\0" * 32, "attendance", raw) for n, raw in enumerate(raws)]
                log.append(connection, DISTRICT, name, 1, kept, 1)
                firsts[name] = first + len(raws)


def _project(engine: sa.Engine) -> None:
    while projector.step(engine, DISTRICT):
        pass


def _groups(frames: Frames, batch: int) -> Iterator[Frames]:
    size = max(1, min(200, TRANSACTION // batch))
    for start in range(0, len(frames), size):
        yield frames[start : start + size]


def _timed(work: Callable[..., None], *given: object) -> float:
    began = time.perf_counter()
    work(*given)
    return time.perf_counter() - began
