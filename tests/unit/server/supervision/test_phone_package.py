"""The packages of the page assets: pinned, hashed, and naming no registry."""

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[4]


def package(name: str) -> dict[str, Any]:
    return json.loads((ROOT / name).read_text())


def test_every_package_is_pinned_to_one_version() -> None:
    wanted = package("package.json")
    versions = {**wanted["dependencies"], **wanted["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values()), versions


def test_the_form_engine_is_the_version_whose_inside_the_shell_knows() -> None:
    assert package("package.json")["dependencies"]["@getodk/web-forms"] == "0.22.0"


def test_every_locked_package_carries_a_hash_and_no_address() -> None:
    locked = package("package-lock.json")["packages"]
    for path, entry in locked.items():
        assert "resolved" not in entry, path
        assert not path or entry["integrity"].startswith("sha512-"), path
