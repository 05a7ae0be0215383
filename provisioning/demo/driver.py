"""Hands for the script: the kiosk through its own HTTP interface, the load on the scale, who stands at the camera."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar

import httpx
import msgspec

from hardware.scale_simulator import replace_json, write_control
from provisioning.demo.ledger import ACCEPTED_HEADER, Ledger

T = TypeVar("T")
Portrait = Literal["astronaut", "grace_hopper"]
ShownAs = Literal["live", "print", "screen", "flat", "replay"]

PATIENCE = 20.0
"""Seconds that anything on this machine may take."""
_POLL = 0.1


class NotAsScripted(RuntimeError):
    """The kiosk did something else than the script has; the text says what."""


class Failure(msgspec.Struct, frozen=True):
    """The kiosk's answer to a request it does not carry out."""

    error: str
    text: str = ""


class Person(msgspec.Struct, frozen=True):
    """What the script needs of a person on the roster; her name it does not."""

    person_id: str
    category: str
    attends_preschool: bool
    is_weighed: bool
    may_enrol_face: bool
    owed_ration: bool
    enrolled: bool
    collected: bool
    card: str | None = None


class ScaleView(msgspec.Struct, frozen=True):
    state: str
    grams: int | None = None


class Nothing(msgspec.Struct, frozen=True):
    """An answer whose content the script does not look at."""


class KioskDriver:
    """One visitor of the kiosk's pages, with its cookie."""

    def __init__(self, url: str, ledger: Ledger, transport: httpx.BaseTransport | None = None) -> None:
        self._ledger = ledger
        self._client = httpx.Client(
            base_url=url,
            headers={"Accept": "application/json"},
            timeout=PATIENCE,
            trust_env=False,
            transport=transport,
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, form: type[T]) -> T:
        """Ask for something.

        Raises:
            NotAsScripted: the kiosk refuses.
        """
        return self._read(self._ask("GET", path, {}), form)

    def post(self, path: str, form: type[T], **fields: object) -> T:
        """Do something, and enter what was accepted.

        Raises:
            NotAsScripted: the kiosk refuses.
        """
        answer = self._ask("POST", path, {name: str(value) for name, value in fields.items()})
        self._ledger.note(answer.headers.get(ACCEPTED_HEADER))
        return self._read(answer, form)

    def people(self) -> list[Person]:
        """The centre's people."""
        return self.get("/api/people", list[Person])

    def _ask(self, method: str, path: str, fields: dict[str, str]) -> httpx.Response:
        try:
            return self._client.request(method, path, data=fields)
        except httpx.HTTPError as error:
            raise NotAsScripted(f"{method} {path} was not answered: {error}") from error

    def _read(self, answer: httpx.Response, form: type[T]) -> T:
        where = f"{answer.request.method} {answer.request.url.path}"
        try:
            if answer.is_success:
                return msgspec.json.decode(answer.content, type=form)
            failure = msgspec.json.decode(answer.content, type=Failure)
        except msgspec.MsgspecError as error:
            raise NotAsScripted(
                f"{where} answered {answer.status_code} in an unknown form: {error}"
            ) from error
        raise NotAsScripted(f"{where} answered {answer.status_code} {failure.error}: {failure.text}")


class Surroundings:
    """What is outside the kiosk: the load on its scale and who stands before its camera."""

    def __init__(self, kiosk: KioskDriver, scale_control: Path, scene: Path) -> None:
        self._kiosk = kiosk
        self._scale_control = scale_control
        self._scene = scene

    def put_on_scale(self, kilograms: float) -> None:
        """Change the load, and wait until the kiosk's page shows that it rests, or that nothing is there."""
        write_control(self._scale_control, kilograms)
        wanted = "stable" if kilograms else "empty"
        self.wait_for(
            lambda: self._shows(wanted, round(kilograms * 1000)), f"the scale does not come to `{wanted}`"
        )

    def show_face(self, portrait: Portrait | None, *, dark: bool = False, shown_as: ShownAs = "live") -> None:
        """Let somebody stand before the camera, or nobody, or a photograph be held up to it."""
        light = "dark" if dark else "day"
        replace_json(self._scene, {"face": portrait, "light": light, "shown_as": shown_as})

    def wait_for(self, condition: Callable[[], bool], otherwise: str) -> None:
        """Wait until `condition` holds.

        Raises:
            NotAsScripted: it does not within `PATIENCE`.
        """
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise NotAsScripted(f"{otherwise} within {PATIENCE:.0f} s")
            time.sleep(_POLL)

    def _shows(self, state: str, grams: int) -> bool:
        view = self._kiosk.get("/weigh/live", ScaleView)
        near = view.grams is None or abs(view.grams - grams) < 50  # still the last load otherwise
        return view.state == state and near
