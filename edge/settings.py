"""The kiosk's settings: one typed place, read from a TOML file and overridden by `AANGAN_KIOSK_*` variables.

A nested field is named with two underscores: `AANGAN_KIOSK_CAMERA__KIND=opencv`.
"""

from pathlib import Path
from typing import Literal, Self

import msgspec
from pydantic import BaseModel, Field, model_validator
from pydantic_settings import SettingsConfigDict

from anganwadi.wire.downlink import DistrictSettings
from edge.devices.camera_settings import AutoSettings, CameraSettings
from models.calibration import Profile
from provisioning.configuration import Broker, FileSettings


class ScaleSettings(BaseModel):
    """The scale and its serial port. `sics` is Aangan's own and any bought MT-SICS scale, `and` one by A&D. The port
    `auto` looks for the Pico by its USB name; a bought scale's is named, best as /dev/serial/by-id/... . Its `baud` and
    `framing` are those of its factory setting if they are not given."""

    kind: Literal["sics", "and"] = "sics"
    port: str = "auto"
    baud: int | None = Field(default=None, ge=300, le=921_600)
    framing: Literal["8N1", "7E1"] | None = None

    @model_validator(mode="after")
    def _bought_scale_has_its_port_named(self) -> Self:
        if self.kind != "sics" and self.port == "auto":
            raise ValueError(
                f'scale.port: "auto" finds only the Aangan scale; name the port of a scale of kind "{self.kind}", '
                "such as /dev/serial/by-id/... (ls /dev/serial/by-id shows what is plugged in)"
            )
        return self


class FaceSettings(BaseModel):
    """`threshold` is the score at and above which a face is taken for the enrolled one; None is that of the `profile`:
    which embedders look at a face (`docs/face.md`). Faces enrolled with another one have to be enrolled again."""

    models_dir: Path = Path("var/models")
    profile: Profile = "quick"
    threshold: float | None = None


class VoiceSettings(BaseModel):
    """What speaks the hints: `auto` is espeak-ng where it is installed, and silence elsewhere."""

    kind: Literal["auto", "espeak", "silent"] = "auto"
    words_per_minute: int = Field(default=140, ge=80, le=300)


class LinkSettings(BaseModel):
    """How chatty the link is. Every second here is bytes of the centre's data plan; with the defaults, and batches of
    five minutes, a day of 200 events stays under 60 kB. `first_rest_s` and `longest_rest_s` bound the jittered
    rests between tries to connect."""

    keepalive_s: int = Field(default=300, ge=5, le=300)
    heartbeat_s: float = Field(default=1800.0, gt=0)
    first_rest_s: float = Field(default=4.0, gt=0)
    longest_rest_s: float = Field(default=120.0, gt=0)


class KeySettings(BaseModel):
    """Whether the kiosk keeps the data key in its TPM for log-ins without the server; `tcti` says how tpm2-tss reaches
    the TPM."""

    provider: Literal["none", "tpm"] = "none"
    tcti: str = "device:/dev/tpm0"


class KioskSettings(FileSettings):
    """Everything a kiosk is told before it starts. `server_keys` are the server's public keys it was made with,
    `root_key` the district's root.pub; without it the kiosk goes on sealing to the key it was made with.
    `complaint_line` is where a family complains that left without its ration: a telephone number, or a place."""

    model_config = SettingsConfigDict(env_prefix="AANGAN_KIOSK_", env_nested_delimiter="__", extra="forbid")

    district: str
    origin: str
    centre_id: str
    epoch: int = 1
    state_dir: Path
    device_keys: Path
    server_keys: Path
    root_key: Path | None = None
    broker: Broker
    host: str = "127.0.0.1"
    port: int = 8080
    language: Literal["hi", "en", "ur"] = "hi"
    batch_events: int = Field(default=50, ge=1, le=1000)
    batch_seconds: float = Field(default=300.0, gt=0)
    idle_minutes: float = Field(default=15.0, gt=0)
    days_covered: int = Field(default=25, ge=1, le=31)
    demo: bool = False
    complaint_line: str | None = None
    camera: CameraSettings = AutoSettings()
    scale: ScaleSettings = ScaleSettings()
    voice: VoiceSettings = VoiceSettings()
    face: FaceSettings = FaceSettings()
    link: LinkSettings = LinkSettings()
    keys: KeySettings = KeySettings()


def with_district(own: KioskSettings, said: DistrictSettings) -> KioskSettings:
    """The kiosk's own settings with what the district set from afar over them."""
    changes = {name: value for name, value in msgspec.structs.asdict(said).items() if value is not None}
    if said.face_threshold is not None:
        changes["face"] = own.face.model_copy(update={"threshold": changes.pop("face_threshold")})
    return own.model_copy(update=changes)
