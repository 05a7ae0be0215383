"""What every key provider promises, and what the one with a TPM promises besides, against a simulated TPM."""

import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from anganwadi.ids import CentreId, WorkerId
from anganwadi.wire.login import LeaseGranted, Worker
from edge.store.key_none import NoKeys
from edge.store.key_provider import (
    GraceOver,
    KeyNotReleased,
    Locked,
    NothingKept,
    TpmUnusable,
    WrongPin,
)
from edge.store.key_tpm import TpmKeys
from tests.contract.running_tpm import RunningTpm

PIN, OTHER_PIN = "258036", "147025"
DATA_KEY = bytes(range(200, 232))
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
GRACE_S = 72 * 3600


class Clock:
    """The centre's time, which the test sets."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keys(tmp_path, tpm, clock):
    return TpmKeys(tmp_path / "keys", tpm.tcti, clock.now)


@pytest.fixture(params=["none", "tpm"])
def provider(request):
    return NoKeys() if request.param == "none" else request.getfixturevalue("keys")


def lease(post: str = "AWW", grace_hours: float = 72.0, data_key: bytes = DATA_KEY) -> LeaseGranted:
    worker = Worker(WorkerId("w-1"), "Meena Kumari", post, "hi")
    centre = CentreId("09146030217")
    return LeaseGranted(b"", data_key, worker, centre, {}, NOW + timedelta(hours=12), NOW, grace_hours)


def refusals(keys: TpmKeys, pin: str, times: int) -> list[KeyNotReleased]:
    said: list[KeyNotReleased] = []
    for _ in range(times):
        with pytest.raises(KeyNotReleased) as refused:
            keys.release("AWW", pin)
        said.append(refused.value)
    return said


# --- every provider ---------------------------------------------------------------------------------------------------


def test_nothing_is_released_before_something_is_kept(provider):
    with pytest.raises(NothingKept):
        provider.release("AWW", PIN)
    assert provider.until() is None


def test_what_is_kept_is_released_to_its_pin_if_the_provider_has_a_grace(provider):
    provider.keep(lease(), PIN)
    if provider.grace:
        released = provider.release("AWW", PIN)
        assert released.data_key == DATA_KEY
        assert released.until == provider.until("AWW") == NOW + timedelta(hours=72)
        assert DATA_KEY.hex() not in repr(released)
    else:
        with pytest.raises(NothingKept):
            provider.release("AWW", PIN)


def test_a_lease_without_grace_leaves_nothing_kept(provider):
    provider.keep(lease(), PIN)
    provider.keep(lease(grace_hours=0), PIN)
    with pytest.raises(NothingKept):
        provider.release("AWW", PIN)


@pytest.mark.parametrize("post", ["AWW", None])
def test_forgotten_is_forgotten(provider, post):
    provider.keep(lease(), PIN)
    provider.forget(post)
    provider.forget(post)
    assert provider.until() is None
    with pytest.raises(NothingKept):
        provider.release("AWW", PIN)


# --- a TPM ------------------------------------------------------------------------------------------------------------


def test_each_post_has_its_own_pin(keys):
    keys.keep(lease("AWW"), PIN)
    keys.keep(lease("AWH"), OTHER_PIN)
    assert keys.release("AWH", OTHER_PIN).data_key == DATA_KEY
    with pytest.raises(WrongPin):
        keys.release("AWH", PIN)
    keys.forget("AWH")
    assert keys.release("AWW", PIN).data_key == DATA_KEY


def test_a_new_log_in_replaces_key_pin_and_grace(keys, clock):
    keys.keep(lease(), PIN)
    keys.keep(lease(data_key=b"n" * 32), OTHER_PIN)
    with pytest.raises(WrongPin):
        keys.release("AWW", PIN)
    assert keys.release("AWW", OTHER_PIN).data_key == b"n" * 32


def test_five_wrong_pins_lock_even_the_right_one_out(keys, clock):
    keys.keep(lease(), PIN)
    said = refusals(keys, "000000", 5)
    assert [each.tries_left for each in said if isinstance(each, WrongPin)] == [4, 3, 2, 1]
    for each in (said[4], *refusals(keys, PIN, 2)):
        assert isinstance(each, Locked)
        assert each.until == clock.at + timedelta(hours=1)


def test_wrong_pins_are_counted_over_a_power_cut(keys, tpm):
    keys.keep(lease(), PIN)
    refusals(keys, "000000", 3)
    tpm.power_cycle()
    assert isinstance(refusals(keys, "000000", 2)[1], Locked)


def test_a_locked_tpm_still_takes_the_next_lease(keys):
    keys.keep(lease(), PIN)
    refusals(keys, "000000", 5)
    keys.keep(lease(), PIN)
    assert isinstance(refusals(keys, PIN, 1)[0], Locked)


def test_a_power_cut_leaves_the_key_usable_and_counts_as_no_wrong_pin(keys, tpm):
    keys.keep(lease(), PIN)
    for _ in range(6):
        assert keys.release("AWW", PIN).data_key == DATA_KEY
        tpm.power_cycle()
    assert tpm.tool.lockout().wrong == 0


def test_another_tpm_cannot_use_what_lies_on_the_card(keys, tmp_path, clock):
    keys.keep(lease(), PIN)
    thief = RunningTpm(tmp_path / "thief")
    try:
        with pytest.raises(TpmUnusable):
            TpmKeys(tmp_path / "keys", thief.tcti, clock.now).release("AWW", PIN)
    finally:
        thief.cut_power()


def test_after_the_grace_the_key_is_forgotten(keys, clock, tmp_path):
    keys.keep(lease(), PIN)
    clock.at += timedelta(hours=72)
    with pytest.raises(GraceOver):
        keys.release("AWW", PIN)
    assert list((tmp_path / "keys").iterdir()) == []
    clock.at = NOW
    with pytest.raises(NothingKept):
        keys.release("AWW", PIN)


def test_the_tpm_refuses_after_the_grace_even_with_the_kiosks_clock_set_back(keys, tpm, clock, tmp_path):
    keys.keep(lease(), PIN)
    copies = {path: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    tpm.let_pass(GRACE_S - 60)
    assert keys.release("AWW", PIN).data_key == DATA_KEY
    tpm.let_pass(60)
    clock.at -= timedelta(days=30)
    for _ in range(2):
        with pytest.raises(GraceOver):
            keys.release("AWW", PIN)
        for path, copy in copies.items():
            path.write_bytes(copy)
        tpm.power_cycle()


def test_a_longer_grace_written_into_the_file_is_refused_by_the_tpm(keys, tpm, tmp_path):
    keys.keep(lease(), PIN)
    tpm.let_pass(GRACE_S)
    file = next((tmp_path / "keys").iterdir())
    kept = msgspec.msgpack.decode(file.read_bytes())
    kept["sealed"]["clock_ms"] += 1_000_000_000
    file.write_bytes(msgspec.msgpack.encode(kept))
    with pytest.raises(TpmUnusable):
        keys.release("AWW", PIN)


def test_until_forgets_what_was_kept_too_long(keys, clock, tmp_path):
    keys.keep(lease("AWW"), PIN)
    keys.keep(lease("AWH", grace_hours=80), PIN)
    assert keys.until() == NOW + timedelta(hours=80)
    clock.at += timedelta(hours=75)
    assert keys.until("AWW") is None
    assert keys.until() == NOW + timedelta(hours=80)
    assert len(list((tmp_path / "keys").iterdir())) == 1


def test_nothing_stays_in_the_tpm_between_two_uses(keys, tpm):
    keys.keep(lease(), PIN)
    keys.release("AWW", PIN)
    refusals(keys, "000000", 1)
    assert tpm.leftovers() == b""


def test_what_a_killed_kiosk_left_in_the_tpm_is_in_nobodys_way(keys, tpm, tmp_path):
    for _ in range(3):
        tpm.tool.run("createprimary", f"--key-context={tmp_path / 'left.ctx'}")
    tpm.tool.run("startauthsession", "--policy-session", f"--session={tmp_path / 'left.session'}")
    keys.keep(lease(), PIN)
    assert keys.release("AWW", PIN).data_key == DATA_KEY


def test_neither_pin_nor_key_is_ever_on_the_disk_or_a_command_line(keys, tmp_path, monkeypatch):
    seen: list[str] = []
    run = subprocess.run

    def watched(command: list[str], **options: Any) -> Any:
        seen.extend([*command, repr(options["env"])])
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", watched)
    keys.keep(lease(), PIN)
    keys.release("AWW", PIN)
    assert len(seen) > 20
    spoken = "\n".join(seen)
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert PIN not in spoken
    assert DATA_KEY.hex() not in spoken
    assert written
    for secret in (PIN.encode(), PIN.encode().hex().encode(), DATA_KEY, DATA_KEY.hex().encode()):
        assert secret not in written


def test_a_dead_tpm_is_unusable_and_says_so(keys, tpm, tmp_path):
    keys.keep(lease(), PIN)
    tpm.cut_power()
    with pytest.raises(TpmUnusable, match="TPM"):
        keys.release("AWW", PIN)
    with pytest.raises(TpmUnusable):
        keys.keep(lease(), PIN)
    assert list((tmp_path / "keys").iterdir()) == []


def test_a_tpm_from_the_factory_is_not_trusted(tmp_path, clock):
    raw = RunningTpm(tmp_path / "raw", prepared=False)
    try:
        with pytest.raises(TpmUnusable, match="tpm prepare"):
            TpmKeys(tmp_path / "keys", raw.tcti, clock.now).keep(lease(), PIN)
    finally:
        raw.cut_power()


def test_a_file_that_is_none_of_ours_is_nothing_kept(keys, tmp_path):
    keys.keep(lease(), PIN)
    next((tmp_path / "keys").iterdir()).write_bytes(b"\xc1 garbled")
    with pytest.raises(NothingKept):
        keys.release("AWW", PIN)


def test_what_is_forgotten_does_not_come_back_with_a_power_cut(keys, tmp_path, monkeypatch):
    keys.keep(lease(), PIN)
    flushed = []
    monkeypatch.setattr("edge.store.key_tpm.sync_folder", flushed.append)
    keys.forget("AWW")
    assert flushed == [tmp_path / "keys"]
    keys.forget("AWW")
    assert len(flushed) == 1
