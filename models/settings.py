"""Where the fetched files lie: under `var/` of the release tree, unless the environment says otherwise."""

from functools import cache
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

VAR = Path(__file__).resolve().parents[1] / "var"


class ModelSettings(BaseSettings):
    """`AANGAN_MODELS_DIR`, `AANGAN_FACES_DIR`, `AANGAN_PEERS_DIR`, `AANGAN_CONVERT_DIR` and `AANGAN_CACHE_DIR`."""

    model_config = SettingsConfigDict(env_prefix="AANGAN_", extra="ignore", protected_namespaces=())

    models_dir: Path = VAR / "models"
    faces_dir: Path = VAR / "faces"
    peers_dir: Path = VAR / "peers"
    """ONNX models that ours are made from or measured against, and dlib's own virtual environment"""
    convert_dir: Path = VAR / "convert"
    """The converter's virtual environment (2.6 GB)"""
    cache_dir: Path = VAR / "cache"


@cache
def settings() -> ModelSettings:
    """The settings of this process, read once."""
    return ModelSettings()
