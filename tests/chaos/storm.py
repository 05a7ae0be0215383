"""The run itself: everything started, killed on plan and started again, restored half way, let run out, and judged."""

import random
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import msgspec

from provisioning.broker import LOOPBACK
from provisioning.ports import is_open
from tests.chaos import plan
from tests.chaos.checker import NOTHING, Verdict, judge
from tests.chaos.district import HOUSE, KIOSKS, ChaosDistrict
from tests.chaos.driver import Driver
from tests.chaos.ledger import Ledger, read
from tests.chaos.log import count_events, quarantined, stored
from tests.chaos.plan import BROKER, SERVER, Kill
from tests.chaos.programs import Program
from tests.chaos.proxy import FaultProxy
from tests.chaos.result import Kills, Restored, Result
from tests.chaos.weather import Weather

START_S = 60.0
DRAIN_S = 180.0
ARMED_S = 8.0
"""How long a server that is to die before its next receipt may live on; then it dies as it stands."""
ASKED_S, DEED_S = 0.5, 0.012
"""How long a kiosk's death waits for its driver to ask for something; how long a kiosk takes to do it, about."""
TICK_S = 0.05
PARTS: tuple[str, ...] = (BROKER, SERVER, *KIOSKS)


class NotReady(RuntimeError):
    """Something did not come up in time."""


class ChaosRun:
    """One run. `say` is told how it goes, about once a second."""

    def __init__(
        self, root: Path, minutes: float, seed: int, say: Callable[[str], None] = lambda _: None
    ) -> None:
        self._seconds = 60 * minutes
        self._minutes, self._seed, self._say = minutes, seed, say
        self._root = root
        self._open = ExitStack()
        ports: dict[str, int] = dict(zip(PARTS, _free_ports(len(PARTS)), strict=True))
        self._lines = {owner: FaultProxy(LOOPBACK, ports[BROKER]) for owner in (SERVER, *KIOSKS)}
        self._district = ChaosDistrict(root, ports)
        self._drivers: dict[str, Driver] = {
            kiosk: Driver(
                f"http://{LOOPBACK}:{ports[kiosk]}",
                Ledger(self._book(kiosk)),
                random.Random(f"{seed}{kiosk}"),
            )
            for kiosk in KIOSKS
        }
        self._weather = Weather(self._lines, random.Random(f"{seed}weather"))
        self._chance = random.Random(f"{seed}moments")
        self._kills = Kills()
        self._armed_until: float | None = None
        self._backup: Future[None] | None = None
        self._restored: Restored | None = None

    def play(self) -> Result:
        """Everything, from making the district to the verdict.

        Raises:
            NotReady: a program did not come up.
            tests.chaos.programs.EndedByItself: one ended though nobody killed it.
            tests.chaos.district.CommandFailed: backup or restore did not work.
        """
        with self._open:
            for line in self._lines.values():
                self._open.enter_context(line)
            self._district.make({owner: line.port for owner, line in self._lines.items()})
            self._pool = self._open.enter_context(ThreadPoolExecutor(1))
            self._start_programs()
            self._open.callback(self._calm_down)
            for driver in self._drivers.values():
                driver.start()
            self._weather.start()
            self._storm()
            drained = self._let_run_out()
        return self._judge(drained)

    # --- what is killed -------------------------------------------------------------------------------------------

    def _start_programs(self) -> None:
        self._programs = {
            name: Program(
                name, command, self._district.logs / f"{name}.log", HOUSE,
                {"AANGAN_CHAOS_TRIGGER": str(self._district.trigger)},
            )
            for name, command in self._district.commands().items()
        }  # fmt: skip
        for part in PARTS:
            self._open.callback(self._programs[part].stop)
            self._programs[part].start()
        self._wait_for(self._all_up, START_S, "the programs do not come up")

    def _all_up(self) -> bool:
        ports = self._district.ports
        try:
            ready = httpx.get(f"http://{LOOPBACK}:{ports[SERVER]}/readyz", trust_env=False, timeout=2)
        except httpx.HTTPError:
            return False
        return ready.is_success and all(is_open(ports[part]) for part in PARTS)

    def _storm(self) -> None:
        """The minutes themselves."""
        began = time.monotonic()
        kills = plan.kills(random.Random(f"{self._seed}kills"), self._seconds, KIOSKS)
        said = 0.0
        while (now := time.monotonic() - began) < self._seconds:
            time.sleep(TICK_S)
            self._look_after()
            while kills and kills[0].at <= now:
                self._kill(kills.pop(0))
            if self._backup is None and now >= self._seconds * plan.BACKUP_AT:
                self._backup = self._pool.submit(self._district.make_backup)
            if self._restored is None and now >= self._seconds * plan.RESTORE_AT:
                self._lose_and_restore()
            if now - said >= 1.0:
                said = now
                self._say(self._progress(now))

    def _look_after(self) -> None:
        self._see_armed_server()
        for program in self._programs.values():
            program.look_after()
        for driver in self._drivers.values():
            if driver.failure is not None:
                raise driver.failure

    def _kill(self, kill: Kill) -> None:
        program = self._programs[kill.part]
        if not program.is_running() or (kill.part == SERVER and self._armed_until is not None):
            return  # it is down already, or about to die
        if kill.before_receipt:
            self._district.trigger.touch()
            self._armed_until = time.monotonic() + ARMED_S
            return
        if kill.part in self._drivers:
            self._wait_for_a_deed(self._drivers[kill.part])
        program.kill(again_in_s=kill.down_s)
        self._count(kill.part)

    def _wait_for_a_deed(self, driver: Driver) -> None:
        """Where the kiosk is asked for something soon: a moment into it, so that it dies anywhere in accepting it."""
        if driver.asking.wait(ASKED_S):
            time.sleep(self._chance.uniform(0, DEED_S))

    def _see_armed_server(self) -> None:
        """Whether the server died as it was told to, or has to be killed since no receipt came up."""
        server = self._programs[SERVER]
        if self._armed_until is None:
            return
        if server.is_dead():
            server.note_killed(again_in_s=0.2)
            self._kills.between_commit_and_receipt += 1
        elif time.monotonic() >= self._armed_until:
            self._district.trigger.unlink(missing_ok=True)
            server.kill(again_in_s=0.2)
        else:
            return
        self._armed_until = None
        self._count(SERVER)

    def _count(self, part: str) -> None:
        match part:
            case "server":
                self._kills.server += 1
            case "broker":
                self._kills.broker += 1
            case _:
                self._kills.kiosk += 1

    def _lose_and_restore(self) -> None:
        """The server dies, its disk with it; what comes back is the backup."""
        assert self._backup is not None
        self._backup.result(timeout=60)
        self._district.trigger.unlink(missing_ok=True)
        self._armed_until = None
        server = self._programs[SERVER]
        if server.is_running():
            server.kill(again_in_s=float("inf"))
            self._count(SERVER)
        before = count_events(self._district.server_settings)
        self._district.lose_database()
        self._district.restore()
        self._restored = Restored(before, count_events(self._district.server_settings))
        server.start()

    # --- the end --------------------------------------------------------------------------------------------------

    def _let_run_out(self) -> bool:
        """Good lines again, and nobody works any more: whether every kiosk got everything receipted."""
        self._calm_down()
        try:
            self._wait_for(lambda: all(each.is_drained() for each in self._drivers.values()), DRAIN_S, "")
        except NotReady:
            return False
        return True

    def _calm_down(self) -> None:
        self._weather.clear()
        self._district.trigger.unlink(missing_ok=True)
        for driver in self._drivers.values():
            driver.stop()

    def _judge(self, drained: bool) -> Result:
        verdict, settings = NOTHING, self._district.server_settings
        for kiosk in KIOSKS:
            verdict += judge(read(self._book(kiosk)), stored(settings, kiosk))
        return self._result(verdict, quarantined(settings), drained)

    def _result(self, verdict: Verdict, in_quarantine: int, drained: bool) -> Result:
        deeds: dict[str, int] = {}
        for driver in self._drivers.values():
            for deed, count in driver.deeds.items():
                deeds[deed] = deeds.get(deed, 0) + count
        return Result(
            minutes=self._minutes,
            seed=self._seed,
            kills=self._kills,
            total_kills=self._kills.total,
            **msgspec.structs.asdict(verdict),
            quarantined=in_quarantine,
            drained=drained,
            restored=self._restored,
            faults=dict(sorted(self._weather.faults.items())),
            deeds=dict(sorted(deeds.items())),
        )

    def _progress(self, now: float) -> str:
        accepted = sum(driver.accepted() for driver in self._drivers.values())
        kills = self._kills
        return (
            f"{now:4.0f} of {self._seconds:.0f} s: {accepted} accepted; killed: kiosks {kills.kiosk}, broker "
            f"{kills.broker}, server {kills.server} ({kills.between_commit_and_receipt} before a receipt)"
        )

    def _wait_for(self, condition: Callable[[], bool], limit_s: float, otherwise: str) -> None:
        until = time.monotonic() + limit_s
        while not condition():
            self._look_after()
            if time.monotonic() > until:
                raise NotReady(otherwise)
            time.sleep(0.2)

    def _book(self, kiosk: str) -> Path:
        return self._root / "ledger" / kiosk


def _free_ports(count: int) -> list[int]:
    """Ports that nobody uses now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server((LOOPBACK, 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in sockets]
