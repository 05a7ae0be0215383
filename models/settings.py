"""Where the fetched files lie: under `var/` of the release tree, unless the environment says otherwise."""

from functools import cache
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

VAR = Path(__file__).resolve().parents[1] / "var"


class ModelSettings(BaseSettings):
    """`AANGAN_MODELS_DIR`, `AANGAN_FACES_DIR` and `AANGAN_CACHE_DIR`."""

    model_config = SettingsConfigDict(env_prefix="AANGAN_", extra="ignore", protected_namespaces=())

    models_dir: Path = VAR / "models"
    faces_dir: Path = VAR / "faces"
    cache_dir: Path = VAR / "cache"


@cache
def settings() -> ModelSettings:
    """The settings of this process, read once."""
    return ModelSettings()
