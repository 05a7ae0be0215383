"""The server's settings: one typed place, read from a TOML file and overridden by `AANGAN_SERVER_*` variables."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel
from pydantic_settings import SettingsConfigDict

from provisioning.configuration import Broker, FileSettings


class Database(BaseModel):
    """`url` of PostgreSQL, or `path` of a SQLCipher file with `key_file` (32 bytes, hex) beside it."""

    path: Path | None = None
    key_file: Path | None = None
    url: str | None = None


class ServerSettings(FileSettings):
    """Everything the server is told before it starts."""

    model_config = SettingsConfigDict(env_prefix="AANGAN_SERVER_", env_nested_delimiter="__", extra="forbid")

    district: str
    district_name: str
    keys: Path
    database: Database
    broker: Broker
    host: str = "127.0.0.1"
    port: int = 8000
    language: Literal["hi", "en", "ur"] = "hi"
    session_hours: float = 8.0
    lease_hours: float = 12.0
    demo: bool = False
