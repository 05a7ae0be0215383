"""The whole of Aangan as `make run` starts it, with hands for the simulated hardware and a browser before the kiosk."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import httpx
from playwright.sync_api import Page

from edge.devices.camera_scene import Scene, ShownAs, write_scene
from hardware.scale_simulator import write_control
from provisioning import demo_facts as facts
from provisioning.district import DemoDistrict
from provisioning.ports import Ports
from provisioning.stack import Stack

HOUSE = Path(__file__).resolve().parents[2]
Portrait = Literal["astronaut", "grace_hopper"]


def wait_until(condition: Callable[[], object], limit_s: float = 20.0) -> None:
    """Wait until `condition` holds; fail where it does not within `limit_s`."""
    until = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until, "what was waited for did not happen"
        time.sleep(0.05)


class Centre:
    """A running demo district and what happens before its kiosk."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.kiosk = stack.url("kiosk")
        self.server = stack.url("server")

    def load(self, kg: float, sways_kg: float = 0.0) -> None:
        """Put so much on the simulated cell, swaying by so much to either side."""
        write_control(self.stack.district.scale_control, kg, sways_kg)

    def show(self, face: Portrait | None, *, dark: bool = False, shown_as: ShownAs = "live") -> None:
        """Let somebody stand before the simulated camera, or hold a picture of her up to it."""
        light = "dark" if dark else "day"
        write_scene(self.stack.district.scene, Scene(face=face, light=light, shown_as=shown_as))

    def hold_up(self, card: str) -> None:
        """Let a ration card of this number be held before it."""
        write_scene(self.stack.district.scene, Scene(card=card))

    def gather(self, people: int) -> None:
        """Let a group stand before it."""
        write_scene(self.stack.district.scene, Scene(group=people))

    def people(self, page: Page) -> list[dict]:
        return page.request.get(f"{self.kiosk}/api/people", headers={"Accept": "application/json"}).json()

    def link(self) -> dict:
        return httpx.get(f"{self.kiosk}/api/status", trust_env=False).json()["link"]

    def stored(self) -> list[tuple[int, str]]:
        """The kiosk's events in the server's log: (sequence, type), in order of arrival."""
        command = [sys.executable, "-m", "server", "counts", "--json", "--config"]
        said = subprocess.run(
            [*command, str(self.stack.district.server_settings)], cwd=HOUSE, capture_output=True, check=True
        )
        found = json.loads(said.stdout)["sequences"].get(facts.ORIGIN, [])
        return [(sequence, kind) for sequence, kind in found]


def begin(folder: Path) -> Stack:
    """A fresh district on free ports, not started yet."""
    return Stack(DemoDistrict(folder), Ports.free())
