"""What an impostor may hold before the camera. Each attack gives the picture of a moment; some try to obey.

Print    a photograph on paper
Screen   the photograph on a telephone
Flat     a photograph on paper that is turned and bent by hand when a turn is asked for; it cannot blink
Replay   a telephone that plays a video of an earlier check, in that check's order, over and over

None is a mask or a picture fed in behind the camera: what those would do is not simulated.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Protocol

import cv2
import numpy as np

from hardware.synthetic_face.acting import YAW_DEG, Actor
from hardware.synthetic_face.head import Place, SyntheticHead
from hardware.synthetic_face.sheet import Hand, Hold, Sheet, held

CROP = (2.3, 2.9)
"""What is on the paper or the screen, in face widths across and down."""
FACE_AT = 0.42
"""How far down in it the middle of the face is."""
PRINT_SIDE = 460
"""Width of a print's picture, in pixels, and the like of a screen."""
PAPER_RGB = (244, 241, 234)
BEZEL_RGB = (22, 22, 25)
FLAT_YAW_DEG, FLAT_BEND_DEG = 38.0, 40.0
"""How far a hand turns and bends a photograph to make it look sideways."""
MOIRE = 0.07
"""How strongly the screen's pixels beat against the camera's."""
MOIRE_PERIOD_PX = 13.0
STRIPES_RUN = 64
"""Pixels that the stripes may run."""
RECORDED = ("turn_left", "turn_right", "blink")
"""What was asked for in the recorded check, in this order."""
RECORDED_EVERY_S = 3.0


class Subject(Protocol):
    """Whoever or whatever is before the camera."""

    def hear(self, prompt: str, at: float) -> None:
        """Be told one of `acting.YAW_DEG`."""
        ...

    def picture(self, at: float, size: tuple[int, int]) -> np.ndarray:
        """What the camera sees at this time, in seconds, H x W x 3 uint8 RGB."""
        ...


class Live:
    """A person, as a head in space."""

    def __init__(self, head: SyntheticHead, seed: int) -> None:
        self._head, self._actor = head, Actor(seed)

    def hear(self, prompt: str, at: float) -> None:
        self._actor.hear(prompt, at)

    def picture(self, at: float, size: tuple[int, int]) -> np.ndarray:
        return self._head.render(self._actor.pose(at), size)


class Print:
    """A photograph on paper, in a hand."""

    def __init__(self, head: SyntheticHead, seed: int) -> None:
        self._sheet, self._hand = paper(head), Hand(seed)

    def hear(self, prompt: str, at: float) -> None:
        """Paper is deaf."""

    def picture(self, at: float, size: tuple[int, int]) -> np.ndarray:
        return held(self._sheet, self._hand.hold(at), size)


class Flat:
    """A photograph on paper in the hands of somebody who knows what is asked for."""

    def __init__(self, head: SyntheticHead, seed: int) -> None:
        self._sheet, self._hand, self._actor = paper(head), Hand(seed), Actor(seed)

    def hear(self, prompt: str, at: float) -> None:
        self._actor.hear(prompt, at)

    def picture(self, at: float, size: tuple[int, int]) -> np.ndarray:
        turned = self._actor.pose(at).yaw_deg / YAW_DEG["turn_left"]
        hold = self._hand.hold(at, turned * FLAT_YAW_DEG, abs(turned) * FLAT_BEND_DEG)
        return held(self._sheet, hold, size)


class Screen:
    """The photograph on a telephone."""

    def __init__(self, head: SyntheticHead, seed: int) -> None:
        self._sheet, self._hand = telephone(_cut(head)), Hand(seed)

    def hear(self, prompt: str, at: float) -> None:
        """A photograph is deaf."""

    def picture(self, at: float, size: tuple[int, int]) -> np.ndarray:
        hold = self._hand.hold(at)
        return moire(held(self._sheet, hold, size), hold)


class Replay:
    """A telephone that plays the video of an earlier check."""

    def __init__(self, head: SyntheticHead, seed: int) -> None:
        self._head, self._hand, self._actor = head, Hand(seed), Actor(seed + 1)
        self._began: float | None = None
        self._asked = 0

    def hear(self, prompt: str, at: float) -> None:
        """The video goes on as it was taken."""

    def picture(self, at: float, size: tuple[int, int]) -> np.ndarray:
        self._began = at if self._began is None else self._began
        while self._began + self._asked * RECORDED_EVERY_S <= at:
            prompt = RECORDED[self._asked % len(RECORDED)]
            self._actor.hear(prompt, self._began + self._asked * RECORDED_EVERY_S)
            self._asked += 1
        video = (PRINT_SIDE, round(PRINT_SIDE * CROP[1] / CROP[0]))
        place = Place(x=0.5, y=FACE_AT, width=1 / CROP[0])
        shown = self._head.render(self._actor.pose(at), video, place)
        hold = self._hand.hold(at)
        sheet = telephone(Sheet(shown, (video[0] / 2, video[1] * FACE_AT), video[0] / CROP[0]))
        return moire(held(sheet, hold, size), hold)


SUBJECTS: dict[str, Callable[[SyntheticHead, int], Subject]] = {
    "live": Live,
    "print": Print,
    "screen": Screen,
    "flat": Flat,
    "replay": Replay,
}
"""By the word of the scene file"""


def paper(head: SyntheticHead) -> Sheet:
    """The photograph printed: softer, paler, with a white border."""
    sheet = _cut(head)
    printed = cv2.GaussianBlur(sheet.rgb, (0, 0), 1.1).astype(np.float32)
    grey = printed.mean(axis=2, keepdims=True)
    pale = (26 + 0.82 * (0.85 * printed + 0.15 * grey)).clip(0, 255).astype(np.uint8)
    return _framed(pale, sheet, round(0.05 * PRINT_SIDE), PAPER_RGB)


def telephone(sheet: Sheet) -> Sheet:
    """What is on the sheet, bright, behind glass with a streak of glare, in a black frame."""
    height, width = sheet.rgb.shape[:2]
    lit = cv2.LUT(sheet.rgb, (np.linspace(0, 1, 256) ** 0.85 * 250).astype(np.uint8))
    return _framed(cv2.add(lit, _glare(width, height)), sheet, round(0.07 * PRINT_SIDE), BEZEL_RGB)


@cache
def _glare(width: int, height: int) -> np.ndarray:
    across = np.arange(width, dtype=np.float32)[None] + 0.6 * np.arange(height, dtype=np.float32)[:, None]
    streak = 70 * np.exp(-(((across - 0.25 * width) / (0.10 * width)) ** 2))
    return cv2.merge([streak.astype(np.uint8)] * 3)


def moire(rgb: np.ndarray, hold: Hold) -> np.ndarray:
    """The slow stripes of a screen's pixels under the camera's; they run about as the screen moves."""
    height, width = rgb.shape[:2]
    stripes = _stripes(width + STRIPES_RUN, height + STRIPES_RUN)
    right = int(STRIPES_RUN * 0.5 * (1 + np.sin(hold.roll_deg)))
    down = int(STRIPES_RUN * 0.5 * (1 + np.sin(300 * hold.width)))
    return cv2.multiply(rgb, stripes[down : down + height, right : right + width], dtype=cv2.CV_8U)


@cache
def _stripes(width: int, height: int) -> np.ndarray:
    x = np.arange(width, dtype=np.float32)[None] * (2 * np.pi * np.cos(0.35) / MOIRE_PERIOD_PX)
    y = np.arange(height, dtype=np.float32)[:, None] * (2 * np.pi * np.sin(0.35) / MOIRE_PERIOD_PX)
    wave = np.sin(x + y)
    return cv2.merge([1 + MOIRE * wave, 1 - 0.6 * MOIRE * wave, 1 + 0.8 * MOIRE * wave])


def _cut(head: SyntheticHead) -> Sheet:
    """Head and shoulders of the photograph, at a size of its own."""
    size = (PRINT_SIDE, round(PRINT_SIDE * CROP[1] / CROP[0]))
    rgb = head.photograph(size, Place(x=0.5, y=FACE_AT, width=1 / CROP[0]))
    return Sheet(rgb, (size[0] / 2, size[1] * FACE_AT), size[0] / CROP[0])


def _framed(rgb: np.ndarray, sheet: Sheet, border: int, colour: tuple[int, int, int]) -> Sheet:
    """With a border of one colour round it."""
    framed = cv2.copyMakeBorder(rgb, border, border, border, border, cv2.BORDER_CONSTANT, value=colour)
    return Sheet(framed, (sheet.centre[0] + border, sheet.centre[1] + border), sheet.face_width)
