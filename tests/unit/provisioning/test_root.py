"""The district's root key and its commands."""

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from anganwadi.ids import DistrictId
from anganwadi.wire import announcement
from anganwadi.wire.announcement import Announcement, BadAnnouncement
from anganwadi.wire.keys import PrivateKeys
from provisioning.cli import app
from provisioning.identity import KeysUnsafe
from provisioning.root import NoRoot, Root, RootExists, read_public

DISTRICT = DistrictId("namuna")
ASKED = Announcement(DISTRICT, 2, PrivateKeys.generate().public.seal, 5)
run = CliRunner().invoke


def test_root_that_was_made_is_read_again_and_its_public_half_checks_what_it_signs(tmp_path: Path) -> None:
    made = Root.make(tmp_path, DISTRICT)
    asked, signed = Root.read(tmp_path).sign(announcement.encode(ASKED))
    public = read_public(tmp_path / "root.pub")
    assert public.public_bytes_raw() == made.public
    assert asked == announcement.verify(signed, public, DISTRICT) == ASKED


def test_private_half_is_for_its_owner_alone_and_the_public_half_tells_nothing_of_it(tmp_path: Path) -> None:
    Root.make(tmp_path, DISTRICT)
    assert stat.S_IMODE((tmp_path / "root.key").stat().st_mode) == 0o600
    assert len((tmp_path / "root.pub").read_bytes()) == 32
    (tmp_path / "root.key").chmod(0o644)
    with pytest.raises(KeysUnsafe):
        Root.read(tmp_path)


def test_root_is_not_made_over_another(tmp_path: Path) -> None:
    Root.make(tmp_path, DISTRICT)
    before = (tmp_path / "root.key").read_bytes()
    with pytest.raises(RootExists):
        Root.make(tmp_path, DISTRICT)
    assert (tmp_path / "root.key").read_bytes() == before


def test_root_signs_for_its_own_district_only(tmp_path: Path) -> None:
    with pytest.raises(BadAnnouncement, match="root of anderswo"):
        Root.make(tmp_path, DistrictId("anderswo")).sign(announcement.encode(ASKED))


@pytest.mark.parametrize(
    "request_bytes", [b"", b"garbage", announcement.encode(ASKED)[:-1]], ids=["empty", "garbage", "cut short"]
)
def test_root_signs_nothing_that_is_no_request(tmp_path: Path, request_bytes: bytes) -> None:
    with pytest.raises(BadAnnouncement):
        Root.make(tmp_path, DISTRICT).sign(request_bytes)


@pytest.mark.parametrize("content", [None, b"", b"short", bytes(33)])
def test_file_that_is_no_public_half_says_what_to_do(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "root.pub").write_bytes(content)
    with pytest.raises(NoRoot, match=r"copy the district's root\.pub"):
        read_public(tmp_path / "root.pub")


def test_commands_make_a_root_and_sign_with_it(tmp_path: Path) -> None:
    folder, asked, signed = str(tmp_path / "root"), tmp_path / "asked", tmp_path / "signed"
    assert run(app, ["root", "make", "--district", DISTRICT, "--folder", folder]).exit_code == 0
    asked.write_bytes(announcement.encode(ASKED))
    done = run(app, ["root", "sign", str(asked), str(signed), "--folder", folder])
    assert done.exit_code == 0, done.output
    assert ASKED.seal_id.hex() in done.output
    assert announcement.verify(signed.read_bytes(), read_public(tmp_path / "root" / "root.pub"), DISTRICT)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("root make --district A/B --folder new", "is not a device name"),
        ("root make --district namuna --folder there", "already holds a root key"),
        ("root sign asked out --folder nowhere", "no root key in nowhere"),
        ("root sign absent out --folder there", "No such file"),
        ("root sign garbage out --folder there", "malformed announcement"),
    ],
)
def test_what_the_user_can_mend_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Root.make(Path("there"), DISTRICT)
    Path("asked").write_bytes(announcement.encode(ASKED))
    Path("garbage").write_bytes(b"\x94garbage")
    result = run(app, words.split())
    assert result.exit_code == 1
    assert says in result.output
    assert len(result.output.strip().splitlines()) == 1
    assert not Path("out").exists()
