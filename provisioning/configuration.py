"""What kiosk and server settings have in common: the TOML file they are read from, and the way to the broker.

Provisioning writes these files; `edge.settings` and `server.settings` read them through `FileSettings`.
"""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Self, cast

from pydantic import BaseModel
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource


class Broker(BaseModel):
    """Where the district's broker is, and the certificate this machine shows it."""

    host: str
    port: int = 8883
    ca: Path
    certificate: Path
    key: Path


class FileSettings(BaseSettings):
    """Settings of one TOML file, each overridden by its environment variable where that is set."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read `path`, then the environment over it.

        Raises:
            FileNotFoundError: no such file.
            tomllib.TOMLDecodeError: not TOML.
            pydantic.ValidationError: a field is missing, unknown or not of its type.
        """
        if not path.is_file():
            raise FileNotFoundError(
                f"no settings at {path}: give --config, or make a demo district with `make run`"
            )
        return cls(**tomllib.loads(path.read_text(encoding="utf-8")))


def to_toml(settings: Mapping[str, object]) -> str:
    """Settings as TOML: plain values first, then one table for each nested mapping. None is left out.

    Raises:
        TypeError: a value that settings do not have.
    """
    plain = [
        f"{key} = {_toml_value(value)}\n"
        for key, value in settings.items()
        if value is not None and not isinstance(value, Mapping)
    ]
    tables = [
        f"\n[{key}]\n{to_toml(cast(Mapping[str, object], value))}"
        for key, value in settings.items()
        if isinstance(value, Mapping)
    ]
    return "".join([*plain, *tables])


def _toml_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str | Path):
        return json.dumps(str(value), ensure_ascii=False)  # a JSON string is a TOML string
    raise TypeError(f"no setting is a {type(value).__name__}")
