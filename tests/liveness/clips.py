"""Synthetic clips for the liveness challenge: somebody, or a picture of somebody, before a kiosk that asks for moves.

    result = shown_to(Challenge(engine, moves=order), clip, fps=10)

A clip hears the kiosk's prompts and gives the picture of a moment. Everything in it is rendered: what passes here is a
rule kept, and no figure of the field.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from edge.face.liveness import Challenge, Liveness
from hardware.synthetic_face.acting import YAW_DEG, Actor
from hardware.synthetic_face.attacks import CROP, FACE_AT, PRINT_SIDE, Subject, moire, paper, telephone
from hardware.synthetic_face.head import Place, Pose, SyntheticHead
from hardware.synthetic_face.sheet import Hand, Sheet, held

SIZE = (640, 480)
GRAIN = 2.6
"""Standard deviation of the sensor's noise, in levels of 255"""
BLUR = 0.7
LONGEST_S = 30.0


class Person:
    """Somebody alive, who does what she hears; `slow` makes her later by so many seconds."""

    def __init__(self, head: SyntheticHead, seed: int, slow: float = 0.0) -> None:
        generator = np.random.default_rng([seed, 11])
        self._head, self._actor, self._slow = head, Actor(seed), slow
        self._place = Place(
            x=float(generator.uniform(0.44, 0.56)),
            y=float(generator.uniform(0.42, 0.5)),
            width=float(generator.uniform(0.2, 0.32)),
        )
        self._heard: list[tuple[str, float]] = []

    def hear(self, prompt: str, at: float) -> None:
        """Be told something; she does it after her reaction time."""
        self._heard.append((prompt, at + self._slow))

    def pose(self, at: float) -> Pose:
        """How her head is held."""
        while self._heard and self._heard[0][1] <= at:
            self._actor.hear(*self._heard.pop(0))
        return self._actor.pose(at)

    def picture(self, at: float, size: tuple[int, int]) -> np.ndarray:
        """Her, now."""
        return self._head.render(self.pose(at), size, self._place)


class Bent:
    """A photograph on paper, turned by hand as it is asked, and bent so far that the landmarks take it for a head."""

    YAW_DEG, BEND_DEG = 45.0, 105.0

    def __init__(self, head: SyntheticHead, seed: int) -> None:
        self._sheet, self._hand, self._actor = paper(head), Hand(seed), Actor(seed)

    def hear(self, prompt: str, at: float) -> None:
        """Whoever holds it hears."""
        self._actor.hear(prompt, at)

    def picture(self, at: float, size: tuple[int, int]) -> np.ndarray:
        """The sheet, now."""
        turned = self._actor.pose(at).yaw_deg / YAW_DEG["turn_left"]
        return held(self._sheet, self._hand.hold(at, turned * self.YAW_DEG, self.BEND_DEG), size)


class Cued:
    """A telephone on which somebody plays the right recording at the right moment, having one of every move."""

    def __init__(self, head: SyntheticHead, seed: int) -> None:
        self._head, self._hand, self._actor = head, Hand(seed), Actor(seed)

    def hear(self, prompt: str, at: float) -> None:
        """The recording of that move is played."""
        self._actor.hear(prompt, at)

    def picture(self, at: float, size: tuple[int, int]) -> np.ndarray:
        """The telephone, now."""
        video = (PRINT_SIDE, round(PRINT_SIDE * CROP[1] / CROP[0]))
        shown = self._head.render(self._actor.pose(at), video, Place(x=0.5, y=FACE_AT, width=1 / CROP[0]))
        sheet = Sheet(shown, (video[0] / 2, video[1] * FACE_AT), video[0] / CROP[0])
        hold = self._hand.hold(at)
        return moire(held(telephone(sheet), hold, size), hold)


class Deaf:
    """Anything alive or not, that does not hear."""

    def __init__(self, clip: Subject) -> None:
        self._clip = clip

    def hear(self, prompt: str, at: float) -> None:
        """Nothing comes of it."""

    def picture(self, at: float, size: tuple[int, int]) -> np.ndarray:
        """As it would be anyway."""
        return self._clip.picture(at, size)


class Swapped:
    """One clip first, another in its place from a moment on; both hear everything."""

    def __init__(self, first: Subject, second: Subject, moment: Callable[[str, float], bool]) -> None:
        """`moment` is told each prompt and the seconds since the first one that asked for a move."""
        self._clips, self._moment = (first, second), moment
        self._swapped = False

    def hear(self, prompt: str, at: float) -> None:
        """Both hear it."""
        self._swapped = self._swapped or self._moment(prompt, at)
        for clip in self._clips:
            clip.hear(prompt, at)

    def picture(self, at: float, size: tuple[int, int]) -> np.ndarray:
        """Of the one whose turn it is."""
        return self._clips[self._swapped].picture(at, size)


class Frozen:
    """A clip that stands still from a moment on, to the last bit."""

    def __init__(self, clip: Subject, after: float) -> None:
        self._clip, self._after = clip, after
        self._still: np.ndarray | None = None

    def hear(self, prompt: str, at: float) -> None:
        """The clip hears it."""
        self._clip.hear(prompt, at)

    def picture(self, at: float, size: tuple[int, int]) -> np.ndarray:
        """The clip, or its last picture."""
        if self._still is None:
            picture = self._clip.picture(at, size)
            self._still = picture if at > self._after else None
            return picture
        return self._still


def sensed(picture: np.ndarray, seed: int, number: int) -> np.ndarray:
    """The picture as lens and sensor give it."""
    noise = np.random.default_rng([seed, 7, number]).standard_normal(
        (picture.shape[0] // 2, picture.shape[1], 3)
    )
    grain = np.vstack([noise, noise[:, ::-1]]) * GRAIN
    soft = cv2.GaussianBlur(picture, (0, 0), BLUR)
    return cv2.add(soft, grain.round().astype(np.int8), dtype=cv2.CV_8U)


def shown_to(
    challenge: Challenge, clip: Subject, seed: int, fps: float = 10.0, sensor: bool = True
) -> Liveness:
    """What a challenge makes of a clip: asks aloud, looks, until it is done."""
    said = None
    for number in range(round(LONGEST_S * fps)):
        at = number / fps
        picture = clip.picture(at, SIZE)
        step = challenge.take(sensed(picture, seed, number) if sensor else picture, at)
        if step.done:
            break
        prompt = step.move.value if step.move else "straight"
        if prompt != said:
            clip.hear(prompt, at)
            said = prompt
    return challenge.result()
