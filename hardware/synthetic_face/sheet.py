"""Something flat in a hand before the camera: paper or a telephone, shaken, tilted, bent, never a head.

A sheet is a picture and where its face is. `held` shows it in front of a plain wall: a homography when it is flat, a
cylinder's surface when it is bent.
"""

from __future__ import annotations

from functools import cache

import cv2
import msgspec
import numpy as np

from hardware.synthetic_face.raster import draw

ARM = 2.2
"""From the camera to the sheet, in widths of the picture: near enough for strong perspective."""
WALL_RGB = (196, 190, 176)
GRID = 12
"""A bent sheet is drawn as so many strips, and as many rows."""
SHAKE_HZ = (0.31, 0.9, 2.3, 4.1)
SHAKE_WEIGHT = (1.0, 0.6, 0.3, 0.15)


class Sheet(msgspec.Struct, frozen=True, eq=False):
    """What is on the paper or the screen, with its border."""

    rgb: np.ndarray
    centre: tuple[float, float]
    """Middle of the face, in its pixels"""
    face_width: float


class Hold(msgspec.Struct, frozen=True):
    """How it is held in one picture."""

    x: float
    y: float
    """Middle of the face, as a share of the picture's width and height"""
    width: float
    """Of the face, as a share of the picture's width"""
    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    bend_deg: float = 0.0
    """How far a face width of the sheet curves away"""


class Hand:
    """A hand that shakes, the same for the same seed."""

    def __init__(self, seed: int, width: float = 0.25) -> None:
        self._phase = np.random.default_rng([seed, 5]).uniform(0, 2 * np.pi, (6, len(SHAKE_HZ)))
        self._width = width

    def hold(self, at: float, yaw_deg: float = 0.0, bend_deg: float = 0.0) -> Hold:
        """Where the sheet is; `yaw_deg` and `bend_deg` are what the hand does with it on purpose."""
        waves = (
            (np.sin(2 * np.pi * at * np.array(SHAKE_HZ) + self._phase) * SHAKE_WEIGHT).sum(axis=1).tolist()
        )
        return Hold(
            x=0.5 + 0.012 * waves[0],
            y=0.48 + 0.014 * waves[1],
            width=self._width * (1 + 0.02 * waves[2]),
            yaw_deg=yaw_deg + 3.0 * waves[3],
            pitch_deg=3.0 * waves[4],
            roll_deg=2.5 * waves[5],
            bend_deg=bend_deg,
        )


def wall(size: tuple[int, int]) -> np.ndarray:
    """A plain painted wall, a little brighter above, new; `size` is width, height."""
    return _painted(size).copy()


@cache
def _painted(size: tuple[int, int]) -> np.ndarray:
    shade = np.linspace(1.0, 0.82, size[1])[:, None, None]
    return np.broadcast_to(shade * WALL_RGB, (size[1], size[0], 3)).astype(np.uint8, order="C")


def held(sheet: Sheet, hold: Hold, size: tuple[int, int]) -> np.ndarray:
    """The picture of it, H x W x 3 uint8 RGB."""
    canvas = wall(size)
    if hold.bend_deg:
        grid = _grid(sheet)
        columns = np.arange(GRID * (GRID + 1)).reshape(GRID, GRID + 1)[:, :-1].ravel()
        across = np.stack([columns, columns + 1, columns + GRID + 1], axis=1)
        back = np.stack([columns + 1, columns + GRID + 2, columns + GRID + 1], axis=1)
        draw(canvas, sheet.rgb, grid, _seen(sheet, grid, hold, size), np.concatenate([across, back]))
        return canvas
    height, width = sheet.rgb.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    matrix = cv2.getPerspectiveTransform(
        corners.astype(np.float32), _seen(sheet, corners, hold, size)[:, :2].astype(np.float32)
    )
    cv2.warpPerspective(sheet.rgb, matrix, size, dst=canvas, borderMode=cv2.BORDER_TRANSPARENT)
    return canvas


def _grid(sheet: Sheet) -> np.ndarray:
    """The sheet's own pixels at the crossings of a grid, row by row."""
    x = np.linspace(0, sheet.rgb.shape[1], GRID + 1)
    y = np.linspace(0, sheet.rgb.shape[0], GRID + 1)
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def _seen(sheet: Sheet, points: np.ndarray, hold: Hold, size: tuple[int, int]) -> np.ndarray:
    """n x 3: points of the sheet in the picture, with their depth."""
    flat = (points - sheet.centre) * (hold.width * size[0] / sheet.face_width)
    space = np.column_stack([flat, np.zeros(len(flat))])
    if hold.bend_deg:
        radius = hold.width * size[0] / np.radians(hold.bend_deg)
        space[:, 0], space[:, 2] = (
            radius * np.sin(flat[:, 0] / radius),
            radius * (1 - np.cos(flat[:, 0] / radius)),
        )
    yaw, pitch, roll = np.radians([-hold.yaw_deg, hold.pitch_deg, hold.roll_deg])
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    space = space @ (about_z @ about_y @ about_x).T
    near = ARM * size[0] / (ARM * size[0] + space[:, 2:])
    return np.column_stack([space[:, :2] * near + (hold.x * size[0], hold.y * size[1]), space[:, 2]])
