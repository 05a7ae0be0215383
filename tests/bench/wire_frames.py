"""The frames of many kiosks, made before the clock starts: sealed and signed by each, written to one file.

Each kiosk stands in a centre of its own with one worker and `PEOPLE` people, so that the server has somebody to check
every event against. The file is read back in the order in which such a district would speak: all kiosks' first
frames, then all their second ones.
"""

import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import msgspec
import sqlalchemy as sa

from anganwadi import events
from anganwadi.events import AttendanceMarked, Meal, MealServed, RationCollected, Weighed, WeightSource
from anganwadi.ids import CentreId, DistrictId, Grams, Origin, PersonId, WorkerId
from anganwadi.verification import Rung
from anganwadi.wire import chain, frame
from anganwadi.wire.keys import PrivateKeys, PublicKeys
from server.storage import engine as databases
from server.storage import origins, tables

DISTRICT = DistrictId("bench")
PEOPLE = 80


class Made(msgspec.Struct, frozen=True):
    """A frame in the file: whose, its last sequence, where its bytes are."""

    origin: Origin
    last: int
    offset: int
    length: int


class Kiosk(msgspec.Struct, frozen=True):
    number: int
    keys: PrivateKeys

    @property
    def origin(self) -> Origin:
        return Origin(f"kiosk-{self.number}")

    @property
    def centre(self) -> CentreId:
        return CentreId(f"{self.number:011d}")

    @property
    def worker(self) -> WorkerId:
        return WorkerId(f"w-{self.number}")

    def person(self, n: int) -> PersonId:
        return PersonId(f"p-{self.number:08x}{n:024x}")


def kiosks(number: int) -> list[Kiosk]:
    return [Kiosk(n, PrivateKeys.generate()) for n in range(1, number + 1)]


def enrol(engine: sa.Engine, district: list[Kiosk]) -> None:
    """Let the kiosks in, with a centre, a worker and people each."""
    with databases.writing(engine) as connection:
        for kiosk in district:
            origins.register(connection, DISTRICT, kiosk.origin, 1, kiosk.centre, kiosk.keys.public)
        for table, rows in _registers(district):
            connection.execute(sa.insert(table), rows)


def write(file: Path, district: list[Kiosk], server: PublicKeys, batch: int, each: int) -> list[Made]:
    """Write `each` events of every kiosk in frames of `batch`; returns the frames in the order they are sent in."""
    made: list[list[Made]] = []
    seal = partial(_frames, server=server, batch=batch, each=each, seed=now_ms())
    with file.open("wb") as sink, ProcessPoolExecutor() as pool:
        for kiosk, sealed in zip(district, pool.map(seal, district, chunksize=20), strict=True):
            made.append([])
            for last, payload in sealed:
                made[-1].append(Made(kiosk.origin, last, sink.tell(), len(payload)))
                sink.write(payload)
    return [of_one[n] for n in range(len(made[0])) for of_one in made]


def raws(kiosk: Kiosk, each: int, at_ms: int) -> Iterator[bytes]:
    """A kiosk's events as bytes: mostly attendance, some weights, rations and meals."""
    dice = random.Random(kiosk.number)
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    for _ in range(each):
        event = events.new_event(
            _body(dice, kiosk, at.date()),
            centre_id=kiosk.centre,
            worker_id=kiosk.worker,
            at=at,
            simulated=False,
        )
        yield events.encode(event)


def now_ms() -> int:
    return round(datetime.now(UTC).timestamp() * 1000)


def _frames(kiosk: Kiosk, *, server: PublicKeys, batch: int, each: int, seed: int) -> list[tuple[int, bytes]]:
    everything = list(raws(kiosk, each, seed))
    head = chain.genesis(DISTRICT, kiosk.origin, 1)
    found: list[tuple[int, bytes]] = []
    for start in range(0, each, batch):
        part = everything[start : start + batch]
        header = frame.Header(
            key_id=server.seal_id,
            district=DISTRICT,
            origin=kiosk.origin,
            epoch=1,
            first_sequence=start + 1,
            count=len(part),
            chain_before=head,
            clock=frame.Clock(seed, 0, bytes(16), "rtc"),
        )
        found.append((start + len(part), frame.make(header, part, server, kiosk.keys)))
        head = chain.extend(head, [chain.event_hash(raw) for raw in part])
    return found


def _body(dice: random.Random, kiosk: Kiosk, day: date) -> events.Body:
    person = kiosk.person(dice.randrange(PEOPLE))
    kind = dice.random()
    if kind < 0.6:
        return AttendanceMarked(day, person, True)
    if kind < 0.8:
        grams = Grams(dice.randrange(3_000, 20_000))
        return Weighed(
            day=day, person_id=person, grams=grams, source=WeightSource.SCALE, readings=(grams, grams),
            waz=round(dice.uniform(-3, 2), 2), weight_class="normal",
        )  # fmt: skip
    if kind < 0.95:
        return RationCollected(
            day=day, person_id=person, collected_by=person, rung=Rung.FACE, services=("THR",), days_covered=25,
            cycle=day.strftime("%Y-%m"), score=round(dice.uniform(0.4, 0.9), 3), threshold=0.36,
        )  # fmt: skip
    return MealServed(day, Meal.HOT_COOKED_MEAL, dice.randrange(40))


def _registers(district: list[Kiosk]) -> Iterator[tuple[sa.Table, list[dict[str, object]]]]:
    where = {"district_id": DISTRICT}
    yield (
        tables.centres,
        [
            {**where, "centre_id": k.centre, "sector_id": "s-1", "name_en": "", "name_hi": "", "name_ur": ""}
            for k in district
        ],
    )
    yield (
        tables.centre_workers,
        [
            {
                **where,
                "worker_id": k.worker,
                "centre_id": k.centre,
                "post": "AWW",
                "name": "",
                "language": "hi",
                "pin_hash": "",
            }
            for k in district
        ],
    )
    yield (
        tables.persons,
        [
            {**where, "person_id": k.person(n), "centre_id": k.centre, "record": b"", "updated_ms": 0}
            for k in district
            for n in range(PEOPLE)
        ],
    )
