"""`python -m server cards`, as the office or its script uses it."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from anganwadi.cards import CardNumber, grouped, new_number
from server.__main__ import program
from server.cards import issuing, sheet
from server.storage import tables
from tests.unit.server.cards.conftest import CENTRE, DISTRICT, engine
from tests.unit.server.settings_file import write_settings

__all__ = ["engine"]

PEOPLE = 5


@pytest.fixture
def config(tmp_path: Path, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sheet itself is tried elsewhere."""
    monkeypatch.setattr(sheet, "render", lambda cards, names: b"%PDF " + str(len(cards)).encode())
    return write_settings(tmp_path, DISTRICT)


def run(config: Path, *args: str) -> Result:
    return CliRunner().invoke(program, ["cards", *args, "--config", str(config)])


def held(engine: sa.Engine) -> list[sa.Row]:
    with engine.connect() as connection:
        return list(connection.execute(sa.select(tables.cards).where(tables.cards.c.revoked_ms.is_(None))))


def test_sheet_is_written_for_nobody_else_to_read(engine: sa.Engine, config: Path, tmp_path: Path) -> None:
    out = tmp_path / "cards.pdf"
    done = run(config, "print", "--centre", CENTRE, "--out", str(out))
    assert done.exit_code == 0, done.output
    assert out.read_bytes() == b"%PDF 5"
    assert out.stat().st_mode & 0o777 == 0o600
    assert "delete it" in done.output
    assert len(held(engine)) == PEOPLE
    assert "everybody" in run(config, "print", "--centre", CENTRE, "--out", str(out)).output


def test_person_gets_a_new_card_and_a_lost_one_is_ended(
    engine: sa.Engine, config: Path, tmp_path: Path
) -> None:
    out, anew = str(tmp_path / "cards.pdf"), str(tmp_path / "anew.pdf")
    assert run(config, "print", "--centre", CENTRE, "--out", out, "--person", "asha").exit_code == 0
    (first,) = held(engine)
    assert (
        run(config, "print", "--centre", CENTRE, "--out", anew, "--person", "asha", "--anew").exit_code == 0
    )
    (second,) = held(engine)
    assert first.number != second.number
    done = run(config, "revoke", grouped(CardNumber(second.number)))
    assert (done.exit_code, "asha" in done.output) == (0, True)
    assert held(engine) == []


def test_sheet_is_not_written_over_another_whose_pins_stand_nowhere_else(
    engine: sa.Engine, config: Path, tmp_path: Path
) -> None:
    out = tmp_path / "cards.pdf"
    run(config, "print", "--centre", CENTRE, "--out", str(out), "--person", "asha")
    before = out.read_bytes()
    done = run(config, "print", "--centre", CENTRE, "--out", str(out))
    assert (done.exit_code, len(held(engine)), out.read_bytes()) == (2, 1, before)
    assert "is there already" in done.stderr


def test_sheet_whose_cards_do_not_hold_is_not_left_behind(
    engine: sa.Engine, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **more: object) -> None:
        raise LookupError("the server is not an origin yet")

    monkeypatch.setattr(issuing, "issue", fail)
    out = tmp_path / "cards.pdf"
    assert run(config, "print", "--centre", CENTRE, "--out", str(out)).exit_code == 2
    assert not out.exists()
    assert held(engine) == []


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("print", "--centre", "09999999999", "--out", "x.pdf"), "the district has no centre 09999999999"),
        (("print", "--centre", CENTRE, "--out", "x.pdf", "--person", "nobody"), "does not come for a ration"),
        (("revoke", "471234"), "a card's number has 16 characters"),
        (("revoke", new_number()), "no card has this number"),
    ],
)
def test_what_cannot_be_done_ends_with_one_line(config: Path, args: tuple[str, ...], said: str) -> None:
    done = run(config, *args)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
