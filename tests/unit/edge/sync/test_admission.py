"""Who is let in, on whose word, and what stays for the next log-in."""

from datetime import UTC, datetime, timedelta

import pytest

from anganwadi.events import Proof
from anganwadi.ids import CentreId, WorkerId
from anganwadi.wire.login import LeaseGranted, LeaseRefused, Worker
from edge.store.centre import CentreStore
from edge.store.key_none import NoKeys
from edge.store.key_provider import (
    GraceOver,
    KeyNotReleased,
    Locked,
    NothingKept,
    Released,
    TpmUnusable,
    WrongPin,
)
from edge.sync.admission import Admission
from edge.sync.login import LoginRefused
from edge.sync.question import ServerUnreachable

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(hours=72)
MEENA = Worker(WorkerId("w-1"), "मीना कुमारी", "AWW", "hi")


class Desk:
    """The server: answers with what the test set."""

    def __init__(self) -> None:
        self.says: LeaseGranted | Exception = LeaseGranted(
            b"",
            b"k" * 32,
            MEENA,
            CentreId("09146030217"),
            {"en": "Baragaon"},
            NOW + timedelta(hours=12),
            NOW,
            72.0,
        )

    def log_in(self, post: str, pin: str, have: int = 0) -> LeaseGranted:
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


class Keys:
    """A key provider in a dictionary; `fails` is raised instead of anything else."""

    grace = True

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.fails: KeyNotReleased | None = None

    def keep(self, lease: LeaseGranted, pin: str) -> None:
        if self.fails is not None:
            raise self.fails
        self.kept[lease.worker.post] = lease.data_key

    def release(self, post: str, pin: str) -> Released:
        if self.fails is not None:
            raise self.fails
        if post not in self.kept:
            raise NothingKept
        return Released(self.kept[post], UNTIL)

    def forget(self, post: str | None = None) -> None:
        self.kept.pop(post or "", None)

    def until(self, post: str | None = None) -> datetime | None:
        return None


class Stage:
    def __init__(self, folder) -> None:
        self.file = folder / "centre.db"
        self.desk, self.keys = Desk(), Keys()
        self.admission = Admission(self.desk, self.keys, self.open, lambda: NOW)

    def open(self, data_key: bytes) -> CentreStore:
        return CentreStore(self.file, data_key)

    def log_in_once(self) -> None:
        admitted = self.admission.admit("AWW", "2580", 0)
        self.admission.remember(admitted, "2580")
        admitted.store.close()

    def lose_the_server(self) -> None:
        self.desk.says = ServerUnreachable()


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path)


def test_the_server_s_word_comes_first(stage):
    admitted = stage.admission.admit("AWW", "2580", 0)
    admitted.store.close()
    assert (admitted.proof, admitted.lease) == (Proof.SERVER, stage.desk.says)


def test_without_the_server_the_same_worker_is_let_in_until_the_grace_ends(stage):
    stage.log_in_once()
    stage.lose_the_server()
    admitted = stage.admission.admit("AWW", "2580", 0)
    admitted.store.close()
    assert admitted.proof is Proof.TPM
    assert admitted.lease.worker == MEENA
    assert admitted.lease.centre_names == {"en": "Baragaon"}
    assert (admitted.lease.server_time, admitted.lease.expires) == (NOW, UNTIL)


def test_who_works_here_is_not_readable_on_the_disk(stage, tmp_path):
    stage.log_in_once()
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert "मीना".encode() not in written
    assert b"Baragaon" not in written


def test_nobody_is_let_in_who_has_not_logged_in_at_the_server_before(stage):
    stage.lose_the_server()
    with pytest.raises(ServerUnreachable):
        stage.admission.admit("AWW", "2580", 0)


@pytest.mark.parametrize("why", [NothingKept(), GraceOver(), TpmUnusable("gone")])
def test_a_key_that_is_not_released_is_a_server_that_does_not_answer(stage, why):
    stage.log_in_once()
    stage.lose_the_server()
    stage.keys.fails = why
    with pytest.raises(ServerUnreachable):
        stage.admission.admit("AWW", "2580", 0)


def test_a_wrong_pin_and_a_locked_tpm_are_said_as_the_server_says_them(stage):
    stage.lose_the_server()
    stage.keys.fails = WrongPin(3)
    with pytest.raises(LoginRefused) as refused:
        stage.admission.admit("AWW", "0000", 0)
    assert (refused.value.reason, refused.value.tries_left) == ("wrong_pin", 3)
    stage.keys.fails = Locked(UNTIL)
    with pytest.raises(LoginRefused) as refused:
        stage.admission.admit("AWW", "0000", 0)
    assert (refused.value.reason, refused.value.locked_until) == ("locked", UNTIL)


def test_a_worker_the_server_knows_no_more_is_not_let_in_without_it_either(stage):
    stage.log_in_once()
    stage.desk.says = LoginRefused(LeaseRefused(b"", "unknown_worker"))
    with pytest.raises(LoginRefused):
        stage.admission.admit("AWW", "2580", 0)
    stage.lose_the_server()
    with pytest.raises(ServerUnreachable):
        stage.admission.admit("AWW", "2580", 0)


def test_a_wrong_pin_at_the_server_is_not_tried_at_the_tpm(stage):
    stage.log_in_once()
    stage.desk.says = LoginRefused(LeaseRefused(b"", "wrong_pin", 4))
    with pytest.raises(LoginRefused):
        stage.admission.admit("AWW", "2580", 0)
    assert "AWW" in stage.keys.kept


def test_a_store_that_was_lost_needs_the_server_again(stage):
    stage.log_in_once()
    stage.file.unlink()
    stage.lose_the_server()
    for _ in range(2):
        with pytest.raises(ServerUnreachable):
            stage.admission.admit("AWW", "2580", 0)
    assert stage.keys.kept == {}


def test_a_tpm_that_keeps_nothing_stops_nobody(stage):
    stage.keys.fails = TpmUnusable("gone")
    stage.log_in_once()


def test_a_log_in_by_the_tpm_does_not_lengthen_the_grace(stage):
    stage.log_in_once()
    stage.lose_the_server()
    admitted = stage.admission.admit("AWW", "2580", 0)
    stage.keys.kept.clear()
    stage.admission.remember(admitted, "2580")
    admitted.store.close()
    assert stage.keys.kept == {}


def test_without_a_tpm_nothing_is_kept_for_later(stage, tmp_path):
    stage.admission = Admission(stage.desk, NoKeys(), stage.open, lambda: NOW)
    admitted = stage.admission.admit("AWW", "2580", 0)
    stage.admission.remember(admitted, "2580")
    assert admitted.store.kept("worker.AWW") is None
    admitted.store.close()
