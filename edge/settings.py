"""The kiosk's settings: one typed place, read from a TOML file and overridden by `AANGAN_KIOSK_*` variables.

A nested field is named with two underscores: `AANGAN_KIOSK_CAMERA__KIND=opencv`.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field
from pydantic_settings import SettingsConfigDict

from edge.devices.camera_settings import AutoSettings, CameraSettings
from provisioning.configuration import Broker, FileSettings


class ScaleSettings(BaseModel):
    """The serial port of an MT-SICS scale; `auto` looks for the Pico by its USB name."""

    port: str = "auto"


class FaceSettings(BaseModel):
    """`threshold` is the cosine at and above which a face is taken for the enrolled one; None is the default."""

    models_dir: Path = Path("var/models")
    threshold: float | None = None


class KioskSettings(FileSettings):
    """Everything a kiosk is told before it starts."""

    model_config = SettingsConfigDict(env_prefix="AANGAN_KIOSK_", env_nested_delimiter="__", extra="forbid")

    district: str
    origin: str
    centre_id: str
    epoch: int = 1
    state_dir: Path
    device_keys: Path
    server_keys: Path
    broker: Broker
    host: str = "127.0.0.1"
    port: int = 8080
    language: Literal["hi", "en", "ur"] = "hi"
    batch_events: int = Field(default=50, ge=1, le=1000)
    batch_seconds: float = Field(default=60.0, gt=0)
    idle_minutes: float = Field(default=15.0, gt=0)
    days_covered: int = Field(default=25, ge=1, le=31)
    demo: bool = False
    camera: CameraSettings = AutoSettings()
    scale: ScaleSettings = ScaleSettings()
    face: FaceSettings = FaceSettings()
