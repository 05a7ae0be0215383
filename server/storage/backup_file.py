"""A backup's file: a SQLCipher database of its own, and behind it a signed manifest that says what it is.

    bytes = database | manifest (MessagePack) | Ed25519 signature (64) | manifest's length (4) | "AGNBKUP1"

The database's key is random and stands in the manifest, sealed (HPKE) to the district's recovery key: the server can
make backups and not read them. SQLite reads no further than its header says, so that the file is opened as it is.
The length is big-endian.
"""

import hashlib
import os
import struct
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from anganwadi.ids import DistrictId, Origin
from anganwadi.malformed import MALFORMED
from anganwadi.wire import sealing
from anganwadi.wire.keys import Signer, Verifier, key_id
from server.storage.engine import CipherFile
from server.storage.progress import Progress, unseen

MAGIC = b"AGNBKUP1"
_CONTEXT = b"aangan backup"
_TAIL = struct.Struct(">I8s")
_MAX_MANIFEST = 64 << 20
_CHUNK = 1 << 20


class BadBackup(ValueError):
    """Not a backup that can be believed or opened here; the text says why."""


class OriginMark(msgspec.Struct, frozen=True, array_like=True):
    """How far an origin's chain is in the backup, and its running hash there."""

    origin: Origin
    epoch: int
    stored_through: int
    chain_head: bytes


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup is. `schema` is the version of its tables, `size` and `sha256` those of the database's bytes,
    `sealed_key` the database's key for the holder of the recovery key `recovery_id`."""

    backup_id: str
    district: DistrictId
    generation: int
    made_ms: int
    schema: str
    events: int
    origins: tuple[OriginMark, ...]
    size: int
    sha256: bytes
    recovery_id: bytes
    sealed_key: bytes


def seal_key(key: str, recovery: X25519PublicKey, backup_id: str) -> tuple[bytes, bytes]:
    """The database's key sealed to the recovery key, and that key's id."""
    sealed = sealing.seal(bytes.fromhex(key), recovery, _info(backup_id))
    return sealed, key_id(recovery.public_bytes_raw())


def digest(path: Path, size: int, progress: Progress = unseen) -> bytes:
    """SHA-256 of the first `size` bytes as they are on the disk.

    Raises:
        BadBackup: there are fewer.
    """
    hashed, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while done < size:
            chunk = file.read(min(_CHUNK, size - done))
            if not chunk:
                raise BadBackup(f"{path} is cut short: take another copy or another backup")
            hashed.update(chunk)
            done += len(chunk)
            progress("checksum", done, size)
    return hashed.digest()


def finish(path: Path, manifest: Manifest, server: Signer) -> None:
    """Put the signed manifest behind the database at `path` and the whole on the disk."""
    raw = msgspec.msgpack.encode(manifest)
    with path.open("ab") as file:
        file.write(raw + sealing.sign(_CONTEXT, raw, server.sign_key) + _TAIL.pack(len(raw), MAGIC))
        file.flush()
        os.fsync(file.fileno())


def read_manifest(path: Path, server: Verifier, district: DistrictId) -> Manifest:
    """The manifest, proven to be of this district's server.

    Raises:
        BadBackup: it is no backup, cut short, not signed by this server, or another district's.
    """
    try:
        raw, signature = _read_tail(path)
        manifest = msgspec.msgpack.decode(raw, type=Manifest)
    except OSError as error:
        raise BadBackup(f"{path} cannot be read: {error.strerror}") from error
    except MALFORMED as error:
        raise BadBackup(f"{path} is damaged: take another copy or another backup") from error
    if manifest.district != district:
        raise BadBackup(f"{path} is a backup of district {manifest.district}, not of {district}")
    try:
        sealing.check(_CONTEXT, raw, signature, server.verify_key)
    except sealing.BadSignature as error:
        raise BadBackup(f"{path} was not made by this district's server, or was changed since") from error
    return manifest


def verify(path: Path, manifest: Manifest, progress: Progress = unseen) -> None:
    """Check that the database is the one the manifest speaks of, byte for byte.

    Raises:
        BadBackup: it is not.
    """
    if digest(path, manifest.size, progress) != manifest.sha256:
        raise BadBackup(f"{path} is damaged: take another copy or another backup")


def unlock(path: Path, manifest: Manifest, recovery: X25519PrivateKey) -> CipherFile:
    """The database inside, with its key.

    Raises:
        BadBackup: it is sealed to another recovery key.
    """
    mine = key_id(recovery.public_key().public_bytes_raw())
    if mine != manifest.recovery_id:
        raise BadBackup(
            f"{path} is sealed to the recovery key {manifest.recovery_id.hex()}; the one given is {mine.hex()}"
        )
    try:
        key = sealing.unseal(manifest.sealed_key, recovery, _info(manifest.backup_id))
    except sealing.CannotOpen as error:
        raise BadBackup(f"{path} does not open with this recovery key") from error
    return CipherFile(path, key.hex())


def _info(backup_id: str) -> bytes:
    return b"aangan backup key|" + backup_id.encode()


def _read_tail(path: Path) -> tuple[bytes, bytes]:
    size = path.stat().st_size
    with path.open("rb") as file:
        if size < _TAIL.size + sealing.SIGNATURE_BYTES:
            raise BadBackup(f"{path} is no backup")
        file.seek(size - _TAIL.size)
        length, magic = _TAIL.unpack(file.read(_TAIL.size))
        start = size - _TAIL.size - sealing.SIGNATURE_BYTES - length
        if magic != MAGIC or length > _MAX_MANIFEST or start < 0:
            raise BadBackup(f"{path} is no backup, or cut short: take another copy or another backup")
        file.seek(start)
        return file.read(length), file.read(sealing.SIGNATURE_BYTES)
