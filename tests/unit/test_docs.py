"""What the documents tell a reader to type, and where they point, is there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from edge.__main__ import program as edge
from hardware.__main__ import app as hardware
from models.cli import app as models
from provisioning.cli import app as provisioning
from server.__main__ import program as server

HOUSE = Path(__file__).resolve().parents[2]
ROOMS = {"edge": edge, "hardware": hardware, "models": models, "provisioning": provisioning, "server": server}
ELSEWHERE = {"node_modules", ".venv", "var", "tests"}
DOCUMENTS = sorted(
    path.relative_to(HOUSE)
    for path in HOUSE.glob("**/*.md")
    if not ELSEWHERE & set(path.relative_to(HOUSE).parts)
)


def said_in(document: Path, pattern: str) -> Iterator[str]:
    return (found.strip() for found in re.findall(pattern, (HOUSE / document).read_text(encoding="utf-8")))


def follow(command: Any, words: list[str]) -> None:
    """Walk sub-commands and options as the shell would; fail on the first that is not there."""
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        assert words[0] in command.commands, f"no command {words[0]!r}"
        command = command.commands[words.pop(0)]
    known = {"--help"} | {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_command_a_document_names_exists_with_its_options(document: Path):
    for room, rest in re.findall(
        r"python -m (edge|hardware|models|provisioning|server)\b([^`\n|#]*)", (HOUSE / document).read_text()
    ):
        follow(
            get_command(ROOMS[room]), re.findall(r"--[a-z-]+|[a-z][a-z-]*(?=\s|$)", rest.partition(";")[0])
        )


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_make_target_a_document_names_exists(document: Path):
    targets = set(re.findall(r"^([a-z-]+):", (HOUSE / "Makefile").read_text(), re.MULTILINE))
    for target in said_in(document, r"(?:`|^|\n)make ([a-z-]+)"):
        assert target in targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_and_picture_of_a_document_is_there(document: Path):
    for target in said_in(document, r"\]\(([^)#]+)"):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (HOUSE / document).parent.joinpath(target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_test_a_document_names_is_there(document: Path):
    for named in said_in(document, r"`(tests/[a-z0-9_/]+\.py(?:::[a-z0-9_]+)?)`"):
        file, _, test = named.partition("::")
        assert (HOUSE / file).is_file(), file
        assert not test or f"def {test}(" in (HOUSE / file).read_text(encoding="utf-8"), named
