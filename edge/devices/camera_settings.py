"""The settings of a camera, chosen by `kind`.

    [camera]
    kind = "opencv"
    device = 0

`auto` looks for a Pi camera, then for a USB camera; a replay camera is never chosen unless it is named.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.settings import settings as model_settings


class _CameraSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    width: int = Field(default=640, ge=160, le=4096)
    height: int = Field(default=480, ge=120, le=4096)


class AutoSettings(_CameraSettings):
    """Whichever real camera is there."""

    kind: Literal["auto"] = "auto"


class Picamera2Settings(_CameraSettings):
    """The Pi's own camera."""

    kind: Literal["picamera2"] = "picamera2"
    camera: int = Field(default=0, ge=0)
    fps: float = Field(default=15.0, ge=2, le=60)


class OpenCvSettings(_CameraSettings):
    """A USB camera: its number, or a path such as /dev/video0."""

    kind: Literal["opencv"] = "opencv"
    device: int | str = 0


class ReplaySettings(_CameraSettings):
    """Portraits played as a moving picture, for the demo and the tests."""

    kind: Literal["replay"] = "replay"
    scene: Path
    """JSON file that says what is in front of the camera (`edge.devices.camera_scene`)"""
    faces_dir: Path = Field(default_factory=lambda: model_settings().faces_dir)
    """Where `python -m models fetch` put the portraits"""
    fps: float = Field(default=12.0, ge=2, le=60)
    seed: int | None = None
    """Fixes the motion, for tests; without it every start moves differently"""


CameraSettings = Annotated[
    AutoSettings | Picamera2Settings | OpenCvSettings | ReplaySettings, Field(discriminator="kind")
]
