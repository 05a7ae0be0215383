import os
import threading
from pathlib import Path

import msgspec
import pytest

from anganwadi.wire.keys import PrivateKeys, UnknownKey, key_id
from provisioning.identity import KeysUnsafe, make_keys, read_keys
from server.keys import KeyRing, KeysDamaged


@pytest.fixture
def path(tmp_path: Path) -> Path:
    make_keys(tmp_path / "keys.msgpack")
    return tmp_path / "keys.msgpack"


@pytest.fixture
def ring(path: Path) -> KeyRing:
    return KeyRing(path)


def rotate(ring: KeyRing) -> int:
    number = ring.add()
    ring.announce(number, b"announcement %d" % number)
    return number


def test_file_of_keys_alone_is_a_ring_of_one(path: Path, ring: KeyRing) -> None:
    keys = read_keys(path)
    assert ring.public == keys.public
    assert (ring.newest_number, ring.announcement()) == (1, None)
    assert ring.opening(keys.public.seal_id).private_bytes_raw() == keys.open
    assert ring.sign_key.private_bytes_raw() == keys.sign


def test_new_key_is_given_out_only_once_it_is_announced(ring: KeyRing) -> None:
    first = ring.public
    assert ring.add() == 2
    assert (ring.public, ring.newest_number) == (first, 1)
    ring.announce(2, b"by the root")
    assert (ring.newest_number, ring.announcement()) == (2, b"by the root")
    assert ring.public.seal == ring.numbers[2] != first.seal
    assert ring.public.verify == first.verify


def test_key_that_waits_for_its_announcement_is_not_made_twice(ring: KeyRing) -> None:
    assert ring.add() == ring.add() == 2
    assert sorted(ring.numbers) == [1, 2]


def test_key_of_a_higher_number_is_made_where_kiosks_know_one_that_was_lost(ring: KeyRing) -> None:
    assert ring.add() == 2
    assert ring.add(at_least=8) == ring.add() == 8
    ring.announce(8, b"by the root")
    assert ring.newest_number == 8


def test_old_keys_open_until_they_are_deleted(path: Path, ring: KeyRing) -> None:
    rotate(ring)
    rotate(ring)
    ids = {number: key_id(key) for number, key in ring.numbers.items()}
    for each in ids.values():
        ring.opening(each)
    for number in (1, 2):
        ring.delete(number)
        with pytest.raises(UnknownKey):
            ring.opening(ids[number])
    ring.opening(ids[3])
    again = KeyRing(path)
    assert list(again.numbers) == [3]
    assert again.public == ring.public


def test_newest_key_and_one_not_announced_yet_cannot_be_deleted(ring: KeyRing) -> None:
    rotate(ring)
    ring.add()
    for number in (2, 3):
        with pytest.raises(ValueError, match="newest"):
            ring.delete(number)


def test_deleted_key_is_overwritten_before_it_is_unlinked(path: Path, ring: KeyRing) -> None:
    first = read_keys(path).open
    rotate(ring)
    second = path.with_suffix(".ring") / "2.key"
    rotate(ring)
    os.link(path, path.with_name("seen-1"))
    os.link(second, path.with_name("seen-2"))
    content = second.read_bytes()
    ring.delete(1)
    ring.delete(2)
    assert first not in path.with_name("seen-1").read_bytes()
    assert content not in path.with_name("seen-2").read_bytes()
    assert not second.exists()
    assert first not in path.read_bytes()


def test_another_process_rotating_is_noticed_without_a_restart(path: Path, ring: KeyRing) -> None:
    rotate(KeyRing(path))
    assert ring.newest_number == 2
    sealed_to = ring.public.seal_id
    rotate(KeyRing(path))
    KeyRing(path).delete(2)
    assert ring.newest_number == 3
    with pytest.raises(UnknownKey):
        ring.opening(sealed_to)


def test_ring_that_cannot_be_read_any_more_leaves_a_running_server_with_the_keys_it_had(
    path: Path, ring: KeyRing
) -> None:
    rotate(ring)
    before = ring.public
    (path.with_suffix(".ring") / "9.announced").write_bytes(b"of a key that is not here")
    assert ring.public == before
    with pytest.raises(KeysDamaged, match="put it back"):
        KeyRing(path)
    (path.with_suffix(".ring") / "9.announced").unlink()
    assert rotate(ring) == 3


def test_keys_that_others_may_read_are_refused(path: Path, ring: KeyRing) -> None:
    rotate(ring)
    (path.with_suffix(".ring") / "2.key").chmod(0o640)
    with pytest.raises(KeysUnsafe):
        KeyRing(path)


def test_key_cut_short_is_refused(path: Path, ring: KeyRing) -> None:
    rotate(ring)
    (path.with_suffix(".ring") / "2.key").write_bytes(b"short")
    with pytest.raises(KeysDamaged, match="put it back"):
        KeyRing(path)


def test_readers_see_a_whole_ring_while_it_is_rotated(path: Path, ring: KeyRing) -> None:
    done, torn = threading.Event(), []

    def read() -> None:
        while not done.is_set():
            public = ring.public
            if ring.opening(public.seal_id).public_key().public_bytes_raw() != public.seal:
                torn.append(public)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(20):
        rotate(KeyRing(path))
    done.set()
    reader.join()
    assert torn == []
    assert ring.newest_number == 21


def test_ring_hides_its_keys_and_the_file_keeps_the_form_it_had(path: Path, ring: KeyRing) -> None:
    rotate(ring)
    ring.delete(1)
    kept = msgspec.msgpack.decode(path.read_bytes(), type=PrivateKeys)
    assert (kept.sign_key.private_bytes_raw(), kept.open) == (ring.sign_key.private_bytes_raw(), b"")
    assert path.stat().st_mode & 0o777 == 0o600
