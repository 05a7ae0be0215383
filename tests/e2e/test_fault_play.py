"""No false weight reaches an event: the real firmware under every fault of its parts, the driver, the kiosk's weighing
task, and the most careless worker there is.

She takes a reading whenever the kiosk lets her, lifts the child only when told to, and saves whatever two readings come
to, saying "it is right" to every doubt. All faults run their course at once, each on a scale and a kiosk of its own.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec
import pytest

from anganwadi.events import Weighed
from edge.devices.scale_sics import SicsScale
from edge.kiosk import weigh
from hardware.scale_simulator import FAULTS, Fault, SimulatedScale
from tests.unit.edge.kiosk.conftest import Stage, Visitor

CHILD_KG: Final = 8.25
TOO_MUCH_KG: Final = 190.0
DIVISION_G: Final = 5
DRIFT_G_PER_S: Final = 0.5
PLAY_S: Final = 25.0
READING_S: Final = 4.0
EMPTY_S: Final = 8.0
PATIENCE_S: Final = 90.0
"""Limits for a busy machine; a quiet one needs a fifth."""

Play = Fault | str
MOTION, OVERLOAD, SOUND = "motion", "overload", "sound"
PLAYS: Final[tuple[Play, ...]] = (*FAULTS, MOTION, OVERLOAD, SOUND)
NEVER_WEIGHS: Final = frozenset(
    {"desync", "stuck", "silent", "swapped", "saturated", "saturated_low", "open_wire", "reversed", "unplugged",
     "power_cut", MOTION, OVERLOAD}
)  # fmt: skip
"""Faults that last: with them on there is no weight at all, right or wrong."""


class Course(msgspec.Struct, frozen=True):
    """What was saved while the play lasted, for how long it lasted, and what was saved once it was over."""

    during: list[Weighed]
    seconds: float
    after: list[Weighed]


class CarelessWorker:
    """Weighs the baby on `simulated`, as the module says; the child wriggles by `motion_kg`."""

    def __init__(self, stage: Stage, visitor: Visitor, simulated: SimulatedScale) -> None:
        self._stage, self._visitor, self._simulated = stage, visitor, simulated
        self.motion_kg = 0.0

    def weigh(self, load_kg: float, seconds: float) -> list[Weighed]:
        """Go on weighing for so long; what was saved."""
        before, end = len(self._saved()), time.monotonic() + seconds
        self._put(load_kg)
        while time.monotonic() < end:
            answer = self._ask("/weigh/baby/reading")
            if answer.get("next") == "save":
                self._ask("/weigh/baby/save", confirmed="true")
            if "next" in answer or answer["error"] == "lift_first":
                self.lift(end)
                self._put(load_kg)
        return self._saved()[before:]

    def weigh_once(self, load_kg: float, seconds: float) -> list[Weighed]:
        """Do what the page says of a scale that gives no weight, empty and restart it, until one visit is saved."""
        before, end = len(self._saved()), time.monotonic() + seconds
        while time.monotonic() < end and len(self._saved()) == before:
            self.lift(time.monotonic() + EMPTY_S)
            self._put(load_kg)
            answer = self._ask("/weigh/baby/reading")
            if answer.get("next") == "save":
                self._ask("/weigh/baby/save", confirmed="true")
            elif "next" not in answer:
                self._put(0)
                self._ask("/weigh/scale/restart")
        return self._saved()[before:]

    def lift(self, until: float) -> None:
        """Take the child off, and wait until the page shows empty."""
        self._put(0)
        while self._visitor.get("/weigh/live")["state"] != "empty" and time.monotonic() < until:
            time.sleep(0.1)

    def _put(self, load_kg: float) -> None:
        self._simulated.set_load(load_kg)
        self._simulated.set_motion(self.motion_kg)

    def _ask(self, path: str, **fields: str) -> dict:
        return self._visitor.client.post(path, data=fields, headers={"Accept": "application/json"}).json()

    def _saved(self) -> list[Weighed]:
        return self._stage.recorded(Weighed)


def run_course(play: Play, folder: Path) -> Course:
    """Begin a weighing, let the fault come, go on weighing, let it go, weigh once more."""
    with SimulatedScale(link=folder / "scale") as simulated:
        stage = Stage(folder, SicsScale(simulated.port))
        with stage.client() as client:
            visitor = Visitor(client)
            visitor.post("/login", post="AWW", pin="2580")
            visitor.post("/centre/open")
            worker = CarelessWorker(stage, visitor, simulated)
            assert len(worker.weigh_once(CHILD_KG, PATIENCE_S)) == 1, "the sound scale does not weigh"
            began = time.monotonic()
            if play == MOTION:
                worker.motion_kg = 0.8
            elif play in FAULTS:
                simulated.fault(play)  # type: ignore[arg-type]
            during = worker.weigh(TOO_MUCH_KG if play == OVERLOAD else CHILD_KG, PLAY_S)
            seconds = time.monotonic() - began
            worker.motion_kg = 0
            simulated.fault(None)
            return Course(during, seconds, worker.weigh_once(CHILD_KG, PATIENCE_S))


@pytest.fixture(scope="module")
def courses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Play, Course]]:
    with pytest.MonkeyPatch.context() as patched, ThreadPoolExecutor(len(PLAYS)) as pool:
        patched.setattr(weigh, "READING_LIMIT_S", READING_S)
        folders = [tmp_path_factory.mktemp(play) for play in PLAYS]
        yield dict(zip(PLAYS, pool.map(run_course, PLAYS, folders), strict=True))


@pytest.mark.parametrize("play", PLAYS)
def test_no_false_weight_reaches_an_event(courses: dict[Play, Course], play: Play) -> None:
    course = courses[play]
    drift_g = DRIFT_G_PER_S * course.seconds if play == "drift" else 0
    for event in course.during:
        assert abs(event.grams - 1000 * CHILD_KG) <= DIVISION_G + drift_g, event
        assert all(abs(each - 1000 * CHILD_KG) <= DIVISION_G + drift_g for each in event.readings), event


@pytest.mark.parametrize("play", sorted(NEVER_WEIGHS))
def test_while_the_fault_lasts_there_is_no_weight(courses: dict[Play, Course], play: Play) -> None:
    assert courses[play].during == []


def test_a_sound_scale_weighs_all_the_while(courses: dict[Play, Course]) -> None:
    assert courses[SOUND].during


@pytest.mark.parametrize("play", PLAYS)
def test_once_the_fault_is_over_the_next_weight_is_right(courses: dict[Play, Course], play: Play) -> None:
    (event,) = courses[play].after
    assert abs(event.grams - 1000 * CHILD_KG) <= DIVISION_G
    assert event.taken
    assert all(reading.counts for reading in event.taken)
