"""What looks like a picture of a picture. Flags are written down beside the result and decide nothing: no passive
measure known to us tells a face from a good print, and a poor camera raises them on an honest one.

`moire` a screen's grid beats with the sensor's; `bezel` four straight edges frame the face; `glare` a part of it is
burnt out; `blur` it is less sharp than a kiosk's camera makes it; `frozen` two pictures are alike to the last bit,
which no sensor gives; `flat` a turn that showed no relief.
"""

from __future__ import annotations

import cv2
import numpy as np

from models.face.pipeline import Face

NAMES = ("moire", "bezel", "glare", "blur", "frozen", "flat")

SPECTRUM = 128
"""Side of the square whose spectrum is searched, in pixels of the picture, unscaled: scaling would make a beat"""
BAND = (0.03, 0.47)
"""Cycles a pixel between which a screen's beat is looked for"""
BROAD = 12.0
"""Colour that changes more slowly than over this many pixels is left out"""
PEAK = 9.0
"""A beat's amplitude stands out of its frequency's median by this factor"""
BURNT = 250
GLARE = 0.02
"""Share of the face at which burnt pixels are a glare"""
SHARP = 20.0
"""Variance of the Laplacian of the aligned crop"""
AROUND = 1.8
"""A frame's edges lie within this many face widths of the face's box"""
EDGE = 1.3
"""An edge of a frame is at least so long, in face widths"""
UPRIGHT_DEG = 22.0
PARALLEL_DEG = 7.0
FRAME_WIDTH = 320
"""The picture is shrunk to this width to look for a frame"""
SPACING_S = 0.4
"""From one straight look judged to the next"""


class Flags:
    """Collects over a challenge. A flag of the straight looks stands if at least half of them raised it."""

    def __init__(self) -> None:
        self._looks = 0
        self._looked_at = float("-inf")
        self._raised: dict[str, int] = {}
        self._previous: np.ndarray | None = None
        self._frozen = False
        self._flat: list[bool] = []

    def look(self, rgb: np.ndarray, face: Face, at: float) -> None:
        """Judge one straight look, if the last one judged is not too fresh."""
        if at - self._looked_at < SPACING_S:
            return
        self._looks, self._looked_at = self._looks + 1, at
        for name in still_flags(rgb, face):
            self._raised[name] = self._raised.get(name, 0) + 1

    def frozen(self, rgb: np.ndarray) -> None:
        """Compare a picture with the one before it."""
        sample = rgb[::8, ::8].copy()
        if self._previous is not None and np.array_equal(sample, self._previous):
            self._frozen = True
        self._previous = sample

    def relief(self, relief: float | None, least: float) -> None:
        """The relief a turned picture showed."""
        if relief is not None:
            self._flat.append(relief < least)

    def result(self) -> tuple[str, ...]:
        """The flags, in the order of `NAMES`."""
        raised = {name for name, times in self._raised.items() if times * 2 >= self._looks}
        if self._frozen:
            raised.add("frozen")
        if self._flat and sum(self._flat) * 2 >= len(self._flat):
            raised.add("flat")
        return tuple(name for name in NAMES if name in raised)


def still_flags(rgb: np.ndarray, face: Face) -> set[str]:
    """The flags of one H x W x 3 uint8 picture."""
    grey = cv2.cvtColor(face.crop, cv2.COLOR_RGB2GRAY)
    found = {
        "moire": beat(rgb, face) > PEAK,
        "bezel": framed(rgb, face.detection.box),
        "glare": float((face.crop.min(axis=2) >= BURNT).mean()) > GLARE,
        "blur": float(cv2.Laplacian(grey, cv2.CV_64F).var()) < SHARP,
    }
    return {name for name, there in found.items() if there}


def beat(rgb: np.ndarray, face: Face) -> float:
    """How far a pattern of colour on the face stands out: the strongest amplitude over the median of its frequency.

    Red minus green: skin changes its brightness over short ways, its colour hardly; a screen's pixels under a sensor's
    colour filter change both.
    """
    middle = face.mesh.vertices[:, :2].mean(axis=0)
    wide = cv2.getRectSubPix(rgb, (SPECTRUM, SPECTRUM), tuple(map(float, middle))).astype(np.float32)
    colour = wide[:, :, 0] - wide[:, :, 1]
    fine = colour - cv2.GaussianBlur(colour, (0, 0), BROAD)
    power = np.abs(np.fft.rfft2(fine * _WINDOW)).ravel()
    strongest = 0.0
    for ring in _RINGS:
        amplitudes = power[ring]
        strongest = max(strongest, float(amplitudes.max() / max(float(np.median(amplitudes)), 1e-9)))
    return strongest


def framed(rgb: np.ndarray, box: np.ndarray) -> bool:
    """Whether straight edges run left and right of the face and above it, as a photograph's or a telephone's do.

    The lower edge may be out of the picture. A door or a window behind somebody looks the same.
    """
    scale = min(1.0, FRAME_WIDTH / rgb.shape[1])
    grey = cv2.cvtColor(
        cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY
    )
    left, top, right, _ = (float(edge) * scale for edge in box)
    width = right - left
    found = cv2.HoughLinesP(
        cv2.Canny(grey, 40, 120), 1, np.pi / 180, 30, minLineLength=EDGE * width, maxLineGap=0.1 * width
    )
    if found is None:
        return False
    lines = found.reshape(-1, 4).astype(np.float64)
    middle = (lines[:, :2] + lines[:, 2:]) / 2
    angle = np.degrees(np.arctan2(lines[:, 3] - lines[:, 1], lines[:, 2] - lines[:, 0])) % 180
    upright, level = np.abs(angle - 90) < UPRIGHT_DEG, np.minimum(angle, 180 - angle) < UPRIGHT_DEG
    reach = AROUND * width
    on_left = angle[upright & (middle[:, 0] < left) & (middle[:, 0] > left - reach)]
    on_right = angle[upright & (middle[:, 0] > right) & (middle[:, 0] < right + reach)]
    above = level & (middle[:, 1] < top) & (middle[:, 1] > top - reach)
    above &= (middle[:, 0] > left - width / 2) & (middle[:, 0] < right + width / 2)
    parallel = np.abs(on_left[:, None] - on_right[None]) < PARALLEL_DEG
    return bool(above.any() and parallel.any())


def _rings() -> list[np.ndarray]:
    """The places of the spectrum that belong to each frequency of the band."""
    up, across = np.fft.fftfreq(SPECTRUM)[:, None], np.fft.rfftfreq(SPECTRUM)[None]
    radius = np.round(np.hypot(up, across) * SPECTRUM).astype(int).ravel()
    low, high = (round(edge * SPECTRUM) for edge in BAND)
    return [np.flatnonzero(radius == one) for one in range(low, high)]


_WINDOW = np.outer(np.hanning(SPECTRUM), np.hanning(SPECTRUM)).astype(np.float32)
_RINGS = _rings()
