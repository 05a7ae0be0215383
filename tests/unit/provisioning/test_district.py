"""The demo district: made once, kept after, and such that server and kiosk can read what it writes."""

import stat
from pathlib import Path

import pytest

from edge.settings import KioskSettings
from provisioning import demo_facts as facts
from provisioning.authority import Authority, common_name, read_certificate
from provisioning.district import DemoDistrict, NotADistrict
from provisioning.identity import EnrolmentCard, read_keys, read_public_keys
from provisioning.ports import Ports
from provisioning.root import Root
from server.keys import KeyRing
from server.settings import ServerSettings

IDENTITY = (
    "ca/ca.key",
    "root/root.key",
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


def test_server_and_kiosk_know_the_root_and_nothing_else_of_it(district: DemoDistrict) -> None:
    public = Root.read(district.root_key).public
    for settings in (
        KioskSettings.load(district.kiosk_settings),
        ServerSettings.load(district.server_settings),
    ):
        assert settings.root_key is not None
        assert settings.root_key.read_bytes() == public
        assert settings.root_key.parent != district.root_key


def test_district_is_kept_though_its_first_sealing_key_was_deleted(district: DemoDistrict) -> None:
    known = read_public_keys(district.kiosk / "server.pub")
    ring = KeyRing(district.server / "keys.msgpack")
    ring.announce(ring.add(), b"by the root")
    ring.delete(1)
    assert not district.make(Ports())
    assert read_public_keys(district.kiosk / "server.pub") == known


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


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("marker", [None, b"not json", b'{"name": "another program"}'])
def test_a_folder_that_holds_something_else_is_left_as_it_is(
    tmp_path: Path, marker: bytes | None, fresh: bool
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letters.txt").write_text("dear all")
    if marker is not None:
        (tmp_path / "home" / "district.json").write_bytes(marker)
    before = sorted((tmp_path / "home").iterdir())
    with pytest.raises(NotADistrict, match="give another --folder"):
        DemoDistrict(tmp_path / "home").make(Ports(), fresh=fresh)
    assert sorted((tmp_path / "home").iterdir()) == before


def test_a_file_is_not_taken_for_a_folder_to_make_a_district_in(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear all")
    with pytest.raises(NotADistrict):
        DemoDistrict(tmp_path / "letters.txt").make(Ports())


def test_an_empty_folder_takes_a_district_and_is_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir(mode=0o755)
    assert DemoDistrict(tmp_path / "empty").make(Ports())
    assert stat.S_IMODE((tmp_path / "empty").stat().st_mode) == 0o700


def test_a_district_of_an_older_layout_is_made_anew(
    district: DemoDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = identity(district)
    monkeypatch.setattr("provisioning.district.LAYOUT", 99)
    assert district.make(Ports())
    assert all(before[name] != value for name, value in identity(district).items())


def test_a_making_that_was_cut_short_is_begun_anew(
    district: DemoDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as power_cut:
        power_cut.setattr("provisioning.district.make_keys", _cut_short)
        with pytest.raises(KeyboardInterrupt):
            district.make(Ports(), fresh=True)
    assert district.make(Ports())
    assert not district.make(Ports())


def _cut_short(_: Path) -> None:
    raise KeyboardInterrupt
