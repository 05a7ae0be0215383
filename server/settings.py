"""The server's settings: one typed place, read from a TOML file and overridden by `AANGAN_SERVER_*` variables."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field
from pydantic_settings import SettingsConfigDict

from provisioning.configuration import Broker, FileSettings


class Database(BaseModel):
    """`url` of PostgreSQL, or `path` of a SQLCipher file with `key_file` (32 bytes, hex) beside it."""

    path: Path | None = None
    key_file: Path | None = None
    url: str | None = None


class Backup(BaseModel):
    """Where backups go, best on another machine's disk, and the file of the public half of the recovery key to which
    they are sealed. The register of erasures lies in the same folder."""

    folder: Path
    recovery_key: Path


class ServerSettings(FileSettings):
    """Everything the server is told before it starts. `keys` is the file of its own keys (the ring of sealing keys lies
    beside it), `root_key` the district's root.pub, by which announcements of sealing keys are checked."""

    model_config = SettingsConfigDict(env_prefix="AANGAN_SERVER_", env_nested_delimiter="__", extra="forbid")

    district: str
    district_name: str
    keys: Path
    root_key: Path | None = None
    database: Database
    backup: Backup | None = None
    broker: Broker
    host: str = "127.0.0.1"
    port: int = 8000
    language: Literal["hi", "en", "ur"] = "hi"
    session_hours: float = 8.0
    lease_hours: float = Field(default=12.0, gt=0, le=48)
    grace_hours: float = Field(default=72.0, ge=0, le=72)
    follow_up: float = Field(default=0.1, ge=0, le=1)
    """The share of rations on a card, a phone's code, a worker's word or at the door that families are called about."""
    demo: bool = False
    ingest: Literal["inside", "workers"] = "inside"
    """Whether this process takes the kiosks' events itself, or leaves it to processes of `python -m server ingest`."""
    opener: Literal["process", "thread"] = "process"
    """Where ingest opens what kiosks send: in a process of its own; or, with 45 MB less memory but slower, on a
    thread."""
