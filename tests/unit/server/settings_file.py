"""The settings of a server whose commands are tried: its database lies beside them, its broker is never asked."""

from pathlib import Path

from provisioning.configuration import to_toml

NOWHERE = {"host": "127.0.0.1", "ca": "c", "certificate": "c", "key": "k"}


def write_settings(folder: Path, district: str, **more: object) -> Path:
    """Write `server.toml` into `folder`; `more` are settings beside those every server has."""
    written = folder / "server.toml"
    everything = {
        "district": district,
        "district_name": "Namuna",
        "keys": folder / "keys.msgpack",
        "database": {"path": folder / "server.db", "key_file": folder / "db.key"},
        "broker": NOWHERE,
        **more,
    }
    written.write_text(to_toml(everything), encoding="utf-8")
    return written
