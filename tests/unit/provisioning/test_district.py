"""The demo district: made once, kept after, and such that server and kiosk can read what it writes."""

import stat
from pathlib import Path

import pytest

from edge.settings import KioskSettings
from provisioning import demo_facts as facts
from provisioning.authority import Authority, common_name, read_certificate
from provisioning.district import DemoDistrict
from provisioning.identity import EnrolmentCard, read_keys, read_public_keys
from provisioning.ports import Ports
from server.settings import ServerSettings

IDENTITY = (
    "ca/ca.key",
    "broker/tls.key",
    "server/tls.key",
    "server/keys.msgpack",
    "server/db.key",
    "kiosks/kiosk-a/tls.key",
    "kiosks/kiosk-a/device.keys",
)


@pytest.fixture
def district(tmp_path: Path) -> DemoDistrict:
    made = DemoDistrict(tmp_path / "district")
    assert made.make(Ports())
    return made


def identity(district: DemoDistrict) -> dict[str, bytes]:
    return {name: (district.root / name).read_bytes() for name in IDENTITY}


def test_a_second_making_keeps_the_district(district: DemoDistrict) -> None:
    before = identity(district)
    assert not district.make(Ports())
    assert identity(district) == before


def test_a_second_making_takes_other_ports(district: DemoDistrict) -> None:
    district.make(Ports(kiosk=8081, broker=18884))
    settings = KioskSettings.load(district.kiosk_settings)
    assert (settings.port, settings.broker.port) == (8081, 18884)
    assert "listener 18884 127.0.0.1" in (district.broker / "mosquitto.conf").read_text()


def test_a_fresh_district_shares_nothing_with_the_old_one(district: DemoDistrict) -> None:
    before = identity(district)
    (district.server / "server.db").write_bytes(b"old")
    assert district.make(Ports(), fresh=True)
    after = identity(district)
    assert all(before[name] != after[name] for name in IDENTITY)
    assert not (district.server / "server.db").exists()


def test_a_district_that_was_moved_is_made_anew(district: DemoDistrict, tmp_path: Path) -> None:
    district.root.rename(tmp_path / "moved")
    assert DemoDistrict(tmp_path / "moved").make(Ports())


def test_the_kiosk_can_read_its_settings_and_finds_its_files(district: DemoDistrict) -> None:
    settings = KioskSettings.load(district.kiosk_settings)
    assert (settings.origin, settings.centre_id, settings.demo) == (facts.ORIGIN, facts.CENTRE_ID, True)
    assert settings.camera.kind == "replay"
    assert settings.scale.port == str(district.scale_port)
    for path in (settings.device_keys, settings.server_keys, settings.broker.ca, settings.broker.key):
        assert path.is_file()
    assert settings.state_dir.is_dir()


def test_the_server_can_read_its_settings_and_finds_its_files(district: DemoDistrict) -> None:
    settings = ServerSettings.load(district.server_settings)
    assert (settings.district, settings.demo) == (facts.DISTRICT, True)
    assert settings.database.key_file is not None
    assert len(bytes.fromhex(settings.database.key_file.read_text())) == 32
    assert read_public_keys(district.kiosk / "server.pub") == read_keys(settings.keys).public


def test_each_certificate_bears_the_name_its_holder_speaks_under(district: DemoDistrict) -> None:
    authority = Authority.load(district.authority)
    for folder, name in ((district.server, "server"), (district.kiosk, facts.ORIGIN)):
        assert authority.vouches_for(folder)
        assert common_name(read_certificate(folder / "tls.crt")) == name


def test_the_card_enrols_the_kiosks_own_keys(district: DemoDistrict) -> None:
    card = EnrolmentCard.read(district.card)
    settings = KioskSettings.load(district.kiosk_settings)
    assert card.keys == read_keys(settings.device_keys).public
    assert (card.origin, card.centre_id, card.epoch) == (settings.origin, settings.centre_id, settings.epoch)


def test_secrets_are_for_their_owner_alone(district: DemoDistrict) -> None:
    for name in IDENTITY:
        assert stat.S_IMODE((district.root / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(district.root.stat().st_mode) == 0o700
