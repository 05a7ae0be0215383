"""A kiosk's TPM as it is prepared before the kiosk is used, by the same commands as at a centre."""

import stat

import pytest
from typer.testing import CliRunner

from provisioning.cli import app
from provisioning.tpm import TpmError, TpmTaken, new_lockout_password, prepare
from tests.contract.running_tpm import RunningTpm


@pytest.fixture
def raw(tmp_path):
    started = RunningTpm(tmp_path / "raw", prepared=False)
    yield started
    started.cut_power()


def command(*words: str):
    return CliRunner().invoke(app, ["tpm", *words])


def test_a_tpm_from_the_factory_is_prepared_once(raw):
    assert command("status", "--tcti", raw.tcti).exit_code == 1
    assert command("prepare", "--tcti", raw.tcti).exit_code == 0
    state = raw.tool.lockout()
    assert (state.prepared, state.most, state.recovery_s, state.wrong) == (True, 5, 3600, 0)
    assert command("status", "--tcti", raw.tcti).exit_code == 0
    again = command("prepare", "--tcti", raw.tcti)
    assert again.exit_code == 1
    assert "tpm2_clear" in again.output


def test_only_the_kept_password_clears_the_count(raw, tmp_path):
    kept = tmp_path / "lockout.txt"
    assert command("prepare", "--tcti", raw.tcti, "--keep", str(kept)).exit_code == 0
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    raw.tool.run("dictionarylockout", "--clear-lockout", f"--auth=file:{kept}")
    with pytest.raises(TpmError):
        raw.tool.run("dictionarylockout", "--clear-lockout")


def test_what_was_set_survives_a_power_cut(raw):
    prepare(raw.tool, new_lockout_password())
    raw.power_cycle()
    assert raw.tool.lockout().prepared
    with pytest.raises(TpmTaken):
        prepare(raw.tool, new_lockout_password())


def test_a_tpm_that_is_not_there_is_said_in_one_line():
    for words in (("status",), ("prepare",)):
        said = command(*words, "--tcti", "device:/dev/no-tpm")
        assert said.exit_code == 1
        assert "TPM" in said.output
        assert "Traceback" not in said.output


def test_the_password_is_kept_before_it_is_set_and_never_over_another(raw, tmp_path):
    kept = tmp_path / "lockout.txt"
    kept.write_text("another TPM's")
    for where, why in (("/dev/null/lockout.txt", "/dev/null"), (str(kept), "give another name")):
        refused = command("prepare", "--tcti", raw.tcti, "--keep", where)
        assert (refused.exit_code, why in refused.output) == (1, True)
        assert not raw.tool.lockout().guarded
    assert kept.read_text() == "another TPM's"


def test_no_password_is_kept_that_was_not_set(raw, tmp_path):
    assert command("prepare", "--tcti", raw.tcti).exit_code == 0
    assert command("prepare", "--tcti", raw.tcti, "--keep", str(tmp_path / "second.txt")).exit_code == 1
    assert not (tmp_path / "second.txt").exists()
