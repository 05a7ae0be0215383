"""The log of check masses: what is kept, what is passed over, and how far a scale may be off."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from anganwadi.ids import Grams
from edge.devices.scale_checks import ScaleCheck, append, judge, log_path, read

AT = datetime(2026, 11, 29, 4, 30, tzinfo=UTC)


def check(grams: int = 5_005, at: datetime = AT) -> ScaleCheck:
    return ScaleCheck(
        at=at,
        device_id="AAN-E66164084319A72D",
        simulated=False,
        calibrated=date(2026, 1, 31),
        mass=Grams(5_000),
        grams=Grams(grams),
        passed=judge(Grams(5_000), Grams(grams)),
    )


def test_what_is_appended_is_read_back_oldest_first(tmp_path: Path) -> None:
    later, earlier = check(5_020, AT + timedelta(days=1)), check()
    append(log_path(tmp_path), later)
    append(log_path(tmp_path), earlier)
    assert read(log_path(tmp_path)) == [earlier, later]
    assert (later.difference, later.passed) == (20, False)


def test_a_log_that_was_never_written_is_empty(tmp_path: Path) -> None:
    assert read(log_path(tmp_path)) == []


@pytest.mark.parametrize(
    "damaged", [b"{", b"\xff\x00\xff", b"[]", b'{"at": "2026-11-29T04:30:00Z"}', b"null", b"\x00" * 40]
)
def test_a_damaged_line_is_reported_and_passed_over(tmp_path: Path, damaged: bytes) -> None:
    path = log_path(tmp_path)
    append(path, check())
    path.write_bytes(path.read_bytes() + damaged + b"\n")
    append(path, check(5_000))
    with capture_logs() as logs:
        assert [each.grams for each in read(path)] == [5_005, 5_000]
    assert [(entry["event"], entry["line"]) for entry in logs] == [("scale_check_damaged", 2)]


def test_a_time_without_its_zone_is_damage(tmp_path: Path) -> None:
    path = log_path(tmp_path)
    append(path, check())
    path.write_bytes(path.read_bytes().replace(b"04:30:00Z", b"04:30:00"))
    assert read(path) == []


def test_a_line_cut_short_by_a_power_cut_does_not_take_the_next_one_with_it(tmp_path: Path) -> None:
    path = log_path(tmp_path)
    append(path, check())
    path.write_bytes(path.read_bytes()[:-20])
    append(path, check(5_000))
    assert [each.grams for each in read(path)] == [5_000]


def test_the_log_is_for_the_kiosk_alone(tmp_path: Path) -> None:
    append(log_path(tmp_path), check())
    assert log_path(tmp_path).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("mass", "grams", "right"),
    [
        (5_000, 5_010, True),
        (5_000, 4_990, True),
        (5_000, 5_011, False),
        (20_000, 20_020, True),
        (20_000, 19_980, True),
        (20_000, 20_021, False),
        (20_999, 21_019, True),
        (20_999, 21_020, False),
    ],
)
def test_a_thousandth_is_allowed_and_ten_grams_always(mass: int, grams: int, right: bool) -> None:
    assert judge(Grams(mass), Grams(grams)) is right


@given(st.integers(1, 150_000), st.integers(-500, 500))
def test_too_light_is_judged_as_too_heavy_is(mass: int, off: int) -> None:
    assert judge(Grams(mass), Grams(mass + off)) is judge(Grams(mass), Grams(mass - off))
