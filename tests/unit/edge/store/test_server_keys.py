from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire import announcement, frame
from anganwadi.wire.announcement import Announcement
from anganwadi.wire.keys import PrivateKeys
from edge.store.recorder import Identity, Recorder
from edge.store.server_keys import KnownServer

DISTRICT = DistrictId("namuna")
ROOT = Ed25519PrivateKey.generate()
KEYS = {number: PrivateKeys.generate() for number in (2, 3, 4)}


def announced(number: int, root: Ed25519PrivateKey = ROOT, district: DistrictId = DISTRICT) -> bytes:
    return announcement.sign(Announcement(district, number, KEYS[number].public.seal, 5), root)


@pytest.fixture
def known(tmp_path: Path, server_keys: PrivateKeys) -> KnownServer:
    return opened(tmp_path, server_keys)


def opened(folder: Path, server_keys: PrivateKeys) -> KnownServer:
    return KnownServer(server_keys.public, ROOT.public_key(), DISTRICT, folder / "state" / "sealing-key")


def test_at_first_the_key_it_was_made_with(known: KnownServer, server_keys: PrivateKeys) -> None:
    public = server_keys.public
    assert (known.number, known.seal, known.seal_id, known.verify) == (
        1,
        public.seal,
        public.seal_id,
        public.verify,
    )
    assert known.seal_key.public_bytes_raw() == public.seal
    assert known.verify_key.public_bytes_raw() == public.verify


def test_newer_key_is_adopted_and_still_known_after_a_restart(
    known: KnownServer, tmp_path: Path, server_keys: PrivateKeys
) -> None:
    assert known.take(announced(3))
    for each in (known, opened(tmp_path, server_keys)):
        assert (each.number, each.seal) == (3, KEYS[3].public.seal)
        assert each.verify == server_keys.public.verify


def test_older_or_repeated_announcement_changes_nothing(known: KnownServer) -> None:
    known.take(announced(3))
    assert not known.take(announced(2))
    assert not known.take(announced(3))
    assert known.number == 3
    assert known.take(announced(4))


@pytest.mark.parametrize(
    "forged",
    [
        announced(4, Ed25519PrivateKey.generate()),
        announced(4, district=DistrictId("anderswo")),
        announced(4)[:-1],
        b"",
        bytes(200),
    ],
    ids=["another root", "another district", "cut", "empty", "zeros"],
)
def test_forged_announcement_changes_nothing(
    known: KnownServer, forged: bytes, tmp_path: Path, server_keys: PrivateKeys
) -> None:
    known.take(announced(2))
    assert not known.take(forged)
    assert (known.number, opened(tmp_path, server_keys).number) == (2, 2)


def test_one_spoilt_file_does_not_take_the_kiosk_back(
    known: KnownServer, tmp_path: Path, server_keys: PrivateKeys
) -> None:
    known.take(announced(2))
    for name in ("sealing-key", "sealing-key.copy"):
        kept = tmp_path / "state" / name
        content = kept.read_bytes()
        kept.write_bytes(b"spoilt")
        assert opened(tmp_path, server_keys).number == 2
        kept.unlink()
        assert opened(tmp_path, server_keys).number == 2
        kept.write_bytes(content)


def test_both_files_spoilt_leave_the_key_it_was_made_with_until_it_is_told_again(
    known: KnownServer, tmp_path: Path, server_keys: PrivateKeys
) -> None:
    known.take(announced(2))
    for name in ("sealing-key", "sealing-key.copy"):
        (tmp_path / "state" / name).write_bytes(b"spoilt")
    again = opened(tmp_path, server_keys)
    assert again.number == 1
    assert again.take(announced(2))


def test_disk_that_takes_nothing_leaves_the_key_as_it_is(
    known: KnownServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("edge.store.server_keys.write_private", full)
        assert not known.take(announced(2))
    assert known.number == 1
    assert known.take(announced(2))


def test_what_is_recorded_after_an_announcement_is_sealed_to_the_new_key_and_says_so(
    known: KnownServer, outbox, centre, present, server_keys: PrivateKeys
) -> None:
    who = Identity(DISTRICT, Origin("kiosk-a"), 1, PrivateKeys.generate(), known)
    recorder = Recorder(outbox, who, batch_events=1, batch_seconds=60)
    recorder.record([present("p-1")], present("p-1").at.date(), centre)
    assert recorder.adopt(announced(2))
    recorder.record([present("p-2")], present("p-2").at.date(), centre)
    old, new = (frame.parse(each.frame) for each in outbox.pending(10))
    assert len(old.open(server_keys)) == len(new.open(KEYS[2])) == 1
    assert (old.header.key_id, new.header.key_id) == (server_keys.public.seal_id, KEYS[2].public.seal_id)
