"""The server's keys: one to sign with, and the sealing keys, of which a new one comes every month.

    keys.msgpack            the signing key, and sealing key 1 until it is deleted
    keys.ring/2.key         the private half of sealing key 2
    keys.ring/2.announced   how the district's root announced it; until then nobody seals to it
    keys.ring/3.key         ...

Beside a running server `python -m server keys` adds and deletes keys: the ring looks at the folder each time it is
asked. Only its owner can read any of it.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from anganwadi.wire.announcement import FIRST_NUMBER
from anganwadi.wire.keys import KEY_BYTES, PrivateKeys, PublicKeys, UnknownKey, key_id
from provisioning.files import make_folder, write_private
from provisioning.identity import read_keys, read_owned

PRIVATE_HALF, ANNOUNCED = ".key", ".announced"

log = structlog.get_logger(__name__)

_Stamp = tuple[int, int, tuple[str, ...]]


class KeysDamaged(ValueError):
    """The ring does not hold what it must; the text says what to do."""


@dataclass(frozen=True)
class _Held:
    """What the ring held when its files were last read."""

    stamp: _Stamp
    sign_key: Ed25519PrivateKey
    opening: dict[bytes, X25519PrivateKey]
    numbers: dict[int, bytes]
    public: PublicKeys
    newest: int
    announcement: bytes | None


class KeyRing:
    """The server's `ServerSecrets`. Thread-safe, and always of what is in the files now."""

    def __init__(self, path: Path) -> None:
        """Read the keys file at `path` and the ring beside it.

        Raises:
            FileNotFoundError: there are no keys.
            KeysUnsafe: others may read them.
            KeysDamaged: the ring does not hold what it must.
        """
        self._path = path
        self._folder = path.with_suffix(".ring")
        self._held = self._read(self._look())
        self._complained = False

    @property
    def sign_key(self) -> Ed25519PrivateKey:
        return self._now().sign_key

    @property
    def public(self) -> PublicKeys:
        """The key to check the server's signatures by, and the newest sealing key announced."""
        return self._now().public

    @property
    def newest_number(self) -> int:
        """The number of the newest sealing key announced."""
        return self._now().newest

    @property
    def numbers(self) -> dict[int, bytes]:
        """The private keys held, as number and raw public key; one may not be announced yet."""
        return dict(self._now().numbers)

    def announcement(self) -> bytes | None:
        """How the newest sealing key was announced; None while it is the first, which kiosks are made with."""
        return self._now().announcement

    def opening(self, key_id: bytes) -> X25519PrivateKey:
        """The private key to what was sealed to the public key of this id.

        Raises:
            UnknownKey: it is not held here, or not any more.
        """
        key = self._now().opening.get(key_id)
        if key is None:
            raise UnknownKey("sealed to a key this server does not have")
        return key

    def add(self, at_least: int = 0) -> int:
        """Make the next sealing key, unless one waits for its announcement already; its number, `at_least` so high."""
        held = self._now()
        highest = max(held.newest, *held.numbers)
        if highest > held.newest and highest >= at_least:
            return highest
        number = max(highest + 1, at_least)
        make_folder(self._folder)
        write_private(self._file(number, PRIVATE_HALF), X25519PrivateKey.generate().private_bytes_raw())
        return number

    def announce(self, number: int, signed: bytes) -> None:
        """Give out sealing key `number` from now on: `signed` is the root's announcement, which the caller checked."""
        write_private(self._file(number, ANNOUNCED), signed)

    def delete(self, number: int) -> None:
        """Delete the private half of an old key: what was sealed to it opens nowhere any more.

        Raises:
            ValueError: it is the newest, or newer.
        """
        if number >= self.newest_number:
            raise ValueError("the newest sealing key cannot be deleted: kiosks seal to it")
        if number == FIRST_NUMBER:
            self._delete_first()
        else:
            _overwrite_and_unlink(self._file(number, PRIVATE_HALF))

    def _delete_first(self) -> None:
        """The first key lies beside the signing key, which stays."""
        keys = read_keys(self._path)
        with self._path.open("r+b") as old:
            write_private(self._path, msgspec.msgpack.encode(PrivateKeys(sign=keys.sign, open=b"")))
            _overwrite(old.fileno())

    def _now(self) -> _Held:
        """What the files hold now. A ring that cannot be read leaves the server with the keys it had: what kiosks send
        must not be taken for garbage because somebody is at work in the folder."""
        held = self._held
        try:
            stamp = self._look()
            if stamp != held.stamp:
                held = self._read(stamp)
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            if not self._complained:
                log.error("key_ring_unreadable", reason=str(error))
            self._complained = True
            return held
        self._complained = False
        self._held = held
        return held

    def _look(self) -> _Stamp:
        """What changes whenever a key comes or goes: files are only ever replaced whole, or deleted."""
        file = self._path.stat()
        names = sorted(entry.name for entry in os.scandir(self._folder)) if self._folder.is_dir() else []
        return file.st_ino, file.st_mtime_ns, tuple(names)

    def _read(self, stamp: _Stamp) -> _Held:
        keys = read_keys(self._path)
        names = stamp[2]
        privates = {number: self._read_private(number) for number in _numbers(names, PRIVATE_HALF)}
        if keys.open:
            privates[FIRST_NUMBER] = keys.open_key
        newest = max(_numbers(names, ANNOUNCED), default=FIRST_NUMBER)
        if newest not in privates:
            raise KeysDamaged(
                f"sealing key {newest} is announced but not in {self._folder}: put it back from its copy"
            )
        publics = {number: key.public_key().public_bytes_raw() for number, key in privates.items()}
        return _Held(
            stamp=stamp,
            sign_key=keys.sign_key,
            opening={key_id(publics[number]): key for number, key in privates.items()},
            numbers=publics,
            public=PublicKeys(keys.sign_key.public_key().public_bytes_raw(), publics[newest]),
            newest=newest,
            announcement=None if newest == FIRST_NUMBER else self._file(newest, ANNOUNCED).read_bytes(),
        )

    def _read_private(self, number: int) -> X25519PrivateKey:
        path = self._file(number, PRIVATE_HALF)
        raw = read_owned(path)
        if len(raw) != KEY_BYTES:
            raise KeysDamaged(f"{path} is no key: put it back from its copy")
        return X25519PrivateKey.from_private_bytes(raw)

    def _file(self, number: int, kind: str) -> Path:
        return self._folder / f"{number}{kind}"


def _numbers(names: tuple[str, ...], kind: str) -> list[int]:
    stems = (name.removesuffix(kind) for name in names if name.endswith(kind))
    return [int(stem) for stem in stems if stem.isdecimal()]


def _overwrite_and_unlink(path: Path) -> None:
    with path.open("r+b") as file:
        _overwrite(file.fileno())
    path.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _overwrite(descriptor: int) -> None:
    os.pwrite(descriptor, bytes(os.fstat(descriptor).st_size), 0)
    os.fsync(descriptor)
