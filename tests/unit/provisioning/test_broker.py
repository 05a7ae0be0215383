"""The broker's configuration and access list, as text; tests/e2e holds a real mosquitto to them."""

import os
import stat
from pathlib import Path

import pytest

from anganwadi.ids import district_id
from anganwadi.wire.letters import MAX_LETTER
from provisioning.broker import (
    BrokerFiles,
    NoMosquitto,
    access_list,
    configuration,
    find_mosquitto,
    mosquitto_version,
)


@pytest.fixture
def files(tmp_path: Path) -> BrokerFiles:
    return BrokerFiles(
        folder=tmp_path / "broker", ca=tmp_path / "ca.crt", district=district_id("t"), port=18883
    )


def settings(files: BrokerFiles) -> dict[str, str]:
    lines = [line.split(" ", 1) for line in configuration(files).splitlines() if line]
    return {name: value for name, value in lines if name != "log_type"}


def test_the_only_listener_is_on_loopback(files: BrokerFiles) -> None:
    text = configuration(files)
    assert text.count("listener ") == 1
    assert settings(files)["listener"] == "18883 127.0.0.1"


def test_the_door_is_tls_1_3_with_a_certificate_and_nothing_else(files: BrokerFiles) -> None:
    found = settings(files)
    assert found["tls_version"] == "tlsv1.3"
    assert found["require_certificate"] == "true"
    assert found["use_identity_as_username"] == "true"
    assert found["use_username_as_clientid"] == "true"
    assert found["allow_anonymous"] == "false"
    assert "password_file" not in found


def test_the_largest_letter_passes_and_queues_are_bounded(files: BrokerFiles) -> None:
    found = settings(files)
    assert int(found["max_packet_size"]) > MAX_LETTER
    assert 0 < int(found["max_queued_messages"]) <= 10_000
    assert 0 < int(found["max_queued_bytes"]) <= 64 << 20


def test_the_broker_retains_nothing(files: BrokerFiles) -> None:
    assert settings(files)["retain_available"] == "false"


def test_a_kiosk_may_only_write_up_and_read_down_under_its_own_name() -> None:
    patterns = [line for line in access_list(district_id("t")).splitlines() if line.startswith("pattern")]
    assert patterns == ["pattern write aangan/1/t/%u/up/#", "pattern read aangan/1/t/%u/down/#"]


def test_the_server_reads_up_and_writes_down() -> None:
    lines = access_list(district_id("t")).splitlines()
    assert lines[:3] == ["user server", "topic read aangan/1/t/+/up/#", "topic write aangan/1/t/+/down/#"]


def test_without_observers_nobody_hears_everything() -> None:
    assert "topic read aangan/1/t/#" not in access_list(district_id("t"))


def test_an_observer_only_reads() -> None:
    text = access_list(district_id("t"), ("observer",))
    assert "user observer\ntopic read aangan/1/t/#\n" in text


def test_configuration_and_access_list_are_for_their_owner_alone(files: BrokerFiles) -> None:
    files.write()
    for path in (files.configuration, files.access_list):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_broker_is_found_where_debian_puts_it_though_path_lacks_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert os.access(find_mosquitto(), os.X_OK)


def test_a_missing_broker_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr("provisioning.broker._BESIDE_PATH", ())
    with pytest.raises(NoMosquitto, match="apt-get install mosquitto"):
        find_mosquitto()


def test_the_brokers_version_is_told() -> None:
    assert mosquitto_version(find_mosquitto()) >= (2, 0)


def test_an_ingest_worker_reads_what_is_ingested_and_writes_receipts_and_nothing_else() -> None:
    lines = access_list(district_id("t"), workers=("server-ingest-1",)).splitlines()
    start = lines.index("user server-ingest-1")
    assert lines[start + 1 : lines.index("", start)] == [
        "topic read aangan/1/t/+/up/frame",
        "topic read aangan/1/t/+/up/gap",
        "topic write aangan/1/t/+/down/receipt",
    ]
