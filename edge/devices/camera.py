"""What a camera is to the kiosk: it is started, gives its latest picture, is stopped. One file a kind of camera.

    with open_camera(settings) as camera:            # edge.devices.camera_open
        frame = camera.frame()                       # the latest picture, at most LATE_S old
        frame = camera.frame(after=frame.sequence)   # waits for the next one

Pictures live in RAM only and are never logged. A late picture is an error, never an old value: `frame` raises
`CameraLate` rather than give a picture older than `LATE_S`. Errors stay until the camera is started again.
"""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self, runtime_checkable

import msgspec
import numpy as np

LATE_S = 1.0
"""A picture older than this, in seconds, is not given out."""


class CameraError(Exception):
    """The camera cannot give a picture; the text says what to do."""


class CameraLate(CameraError):
    """The camera is connected but its picture stands still."""


class Frame(msgspec.Struct, frozen=True, eq=False):
    """One picture."""

    rgb: np.ndarray
    """H x W x 3, uint8, red first; read-only, shared by everyone who asks"""
    at: float
    """`time.monotonic()` when it was taken"""
    sequence: int
    """Counts up by at least one a picture"""

    def __repr__(self) -> str:
        """Without the picture."""
        return f"Frame(sequence={self.sequence}, {self.rgb.shape[1]}x{self.rgb.shape[0]})"


class Camera(Protocol):
    """A camera of any kind. `frame` may be called from several threads."""

    @property
    def simulated(self) -> bool:
        """True if what it shows is not the world in front of the kiosk."""
        ...

    def describe(self) -> str:
        """Kind and model, for the status page."""
        ...

    def start(self) -> None:
        """Begin to take pictures; clears an earlier error.

        Raises:
            CameraError: it cannot be opened.
        """
        ...

    def stop(self) -> None:
        """Stop and give the device free; does nothing if it is not started."""
        ...

    def frame(self, after: int | None = None) -> Frame:
        """The latest picture; with `after`, one of a higher sequence, waited for.

        Raises:
            CameraLate: there is none that is new enough.
            CameraError: the camera failed, or is not started.
        """
        ...

    def __enter__(self) -> Self:
        """Start."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        ...


@runtime_checkable
class Hears(Protocol):
    """A camera whose simulated person hears what the kiosk says. Real cameras know nothing of it."""

    def hear(self, prompt: str) -> None:
        """One of `turn_left`, `turn_right`, `blink`, `straight`, `slightly_left`, `slightly_right`."""
        ...


def not_started() -> CameraError:
    """What `frame` raises before `start` and after `stop`."""
    return CameraError("the camera is not started")


def late() -> CameraLate:
    """What `frame` raises when the picture stands still."""
    return CameraLate(
        f"no new picture for {LATE_S:g} s: check the camera's cable, then start the camera again"
    )
