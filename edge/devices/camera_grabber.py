"""The common half of the drivers of real cameras: a thread that takes pictures, and the latest of them.

A driver says how to open, grab and close. Grabbing runs in a thread of its own, since a webcam's queue grows old when
nobody reads it. An error ends the thread and stays until the next start; it never reaches a reader as a picture.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

import numpy as np

from edge.devices.camera import LATE_S, CameraError, Frame, late, not_started

STOP_S = 5.0
"""How long `stop` waits for a picture that is being taken."""


class GrabbingCamera(ABC):
    """A camera read by a thread. Subclasses give `_open`, `_grab`, `_close`; all are called by one thread at a time."""

    simulated = False

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._latest: Frame | None = None
        self._error: CameraError | None = not_started()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._sequence = 0

    @abstractmethod
    def describe(self) -> str:
        """Kind and model."""

    @abstractmethod
    def _open(self) -> None:
        """Open the device; CameraError if it cannot be had."""

    @abstractmethod
    def _grab(self) -> np.ndarray:
        """The next picture as H x W x 3 uint8 RGB, blocking; CameraError if there is none."""

    @abstractmethod
    def _close(self) -> None:
        """Give the device free."""

    def start(self) -> None:
        """Open the device and begin to read it."""
        self.stop()
        self._open()
        self._stopping.clear()
        with self._changed:
            self._latest, self._error = None, None
        self._thread = threading.Thread(target=self._read, name=type(self).__name__, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and close the device."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._stopping.set()
        thread.join(STOP_S)
        self._close()
        with self._changed:
            self._latest, self._error = None, not_started()
            self._changed.notify_all()

    def frame(self, after: int | None = None) -> Frame:
        """The latest picture, or the next one after the sequence number `after`."""
        deadline = time.monotonic() + LATE_S
        with self._changed:
            while True:
                if self._error is not None:
                    raise CameraError(str(self._error)) from self._error
                now = time.monotonic()
                latest = self._latest
                if (
                    latest is not None
                    and now - latest.at <= LATE_S
                    and (after is None or latest.sequence > after)
                ):
                    return latest
                if now >= deadline or not self._changed.wait(deadline - now):
                    raise late()

    def _read(self) -> None:
        while not self._stopping.is_set():
            try:
                rgb = self._grab()
            except CameraError as error:
                with self._changed:
                    self._latest, self._error = None, error
                    self._changed.notify_all()
                return
            rgb.flags.writeable = False
            with self._changed:
                self._sequence += 1
                self._latest = Frame(rgb, time.monotonic(), self._sequence)
                self._changed.notify_all()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()
