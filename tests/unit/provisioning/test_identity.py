"""A device's keys and its enrolment card."""

import stat
from pathlib import Path

import msgspec
import pytest

from anganwadi.ids import CentreId, DistrictId, Origin
from anganwadi.wire.keys import PrivateKeys, PublicKeys
from provisioning.identity import (
    BadCard,
    EnrolmentCard,
    KeysUnsafe,
    make_keys,
    read_keys,
    read_public_keys,
    write_public_keys,
)


def card(**changes: object) -> EnrolmentCard:
    made = EnrolmentCard(
        district=DistrictId("t"),
        origin=Origin("kiosk-a"),
        centre_id=CentreId("09144060112"),
        epoch=1,
        keys=PrivateKeys.generate().public,
    )
    return msgspec.structs.replace(made, **changes)


def test_keys_are_read_back_as_they_were_made(tmp_path: Path) -> None:
    made = make_keys(tmp_path / "device.keys")
    assert read_keys(tmp_path / "device.keys") == made


def test_private_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    make_keys(tmp_path / "device.keys")
    assert stat.S_IMODE((tmp_path / "device.keys").stat().st_mode) == 0o600


def test_keys_that_others_may_read_are_not_used(tmp_path: Path) -> None:
    make_keys(tmp_path / "device.keys")
    (tmp_path / "device.keys").chmod(0o640)
    with pytest.raises(KeysUnsafe, match="chmod 600"):
        read_keys(tmp_path / "device.keys")


def test_public_keys_are_read_back(tmp_path: Path) -> None:
    public = PrivateKeys.generate().public
    write_public_keys(tmp_path / "server.pub", public)
    assert read_public_keys(tmp_path / "server.pub") == public


def test_a_card_is_read_back_and_holds_no_private_key(tmp_path: Path) -> None:
    keys = make_keys(tmp_path / "device.keys")
    written = card(keys=keys.public)
    written.write(tmp_path / "enrolment.json")
    assert EnrolmentCard.read(tmp_path / "enrolment.json") == written
    text = (tmp_path / "enrolment.json").read_bytes()
    assert keys.sign not in text
    assert msgspec.json.encode(keys.sign).strip(b'"') not in text


@pytest.mark.parametrize(
    "wrong",
    [
        card(origin=Origin("../server")),
        card(district=DistrictId("T")),
        card(centre_id=CentreId("12")),
        card(epoch=0),
        card(keys=PublicKeys(verify=b"short", seal=bytes(32))),
    ],
)
def test_a_card_with_a_wrong_field_is_refused(tmp_path: Path, wrong: EnrolmentCard) -> None:
    wrong.write(tmp_path / "enrolment.json")
    with pytest.raises(BadCard, match=r"enrolment\.json"):
        EnrolmentCard.read(tmp_path / "enrolment.json")


def test_a_card_under_the_servers_own_name_is_refused(tmp_path: Path) -> None:
    card(origin=Origin("server")).write(tmp_path / "enrolment.json")
    with pytest.raises(BadCard, match="the server's own name; give the kiosk another"):
        EnrolmentCard.read(tmp_path / "enrolment.json")


@pytest.mark.parametrize("text", [b"", b"{}", b"[1]", b"\xff"])
def test_what_is_no_card_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "enrolment.json").write_bytes(text)
    with pytest.raises(BadCard):
        EnrolmentCard.read(tmp_path / "enrolment.json")
