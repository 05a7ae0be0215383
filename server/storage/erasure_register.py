"""The register of erasures: who was erased, beside the backups, so that a restored backup never brings her back.

One line an erasure: person id (a random number that leads to nobody), time in milliseconds since 1970, and the server's
Ed25519 signature over both and over the signature before, so that no line is changed, moved or taken out of the middle.
A line is on the disk before the person is erased; a last line without its end was never finished and does not count.
"""

import os
from pathlib import Path

import msgspec

from anganwadi.ids import DistrictId, PersonId
from anganwadi.wire import sealing
from anganwadi.wire.keys import Signer, Verifier
from provisioning.files import PRIVATE, sync_folder

_CONTEXT = b"aangan erasure"


class RegisterDamaged(ValueError):
    """A line is not as the server wrote it; the text says which."""


class Erasure(msgspec.Struct, frozen=True):
    """A line of the register."""

    person_id: PersonId
    erased_ms: int


class ErasureRegister:
    """The register of one district, in `folder`. One writer at a time: whoever holds the database's write lock."""

    def __init__(self, folder: Path, district: DistrictId, server: Signer) -> None:
        self._path = path_in(folder, district)
        self._district = district
        self._server = server

    def append(self, erasure: Erasure) -> None:
        """Write a line; when this returns it is on the disk.

        Raises:
            OSError: it is not.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, PRIVATE)
        with os.fdopen(descriptor, "r+b") as file:
            whole = _whole_lines(file.read())
            file.seek(len(whole))
            file.truncate()
            before = whole.splitlines()[-1].split()[-1] if whole else b""
            message = _message(self._district, erasure, before)
            signature = sealing.sign(_CONTEXT, message, self._server.sign_key).hex()
            file.write(f"{erasure.person_id} {erasure.erased_ms} {signature}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self._path.parent)


def path_in(folder: Path, district: DistrictId) -> Path:
    return folder / f"aangan-{district}.erasures"


def read(path: Path, district: DistrictId, server: Verifier) -> list[Erasure]:
    """Every erasure, oldest first; none where there is no register.

    Raises:
        RegisterDamaged: a line is not the server's, or not where it wrote it.
    """
    if not path.exists():
        return []
    found: list[Erasure] = []
    before = b""
    for number, line in enumerate(_whole_lines(path.read_bytes()).splitlines(), 1):
        try:
            person, erased_ms, signature = line.split()
            erasure = Erasure(PersonId(person.decode()), int(erased_ms))
            message = _message(district, erasure, before)
            sealing.check(_CONTEXT, message, bytes.fromhex(signature.decode()), server.verify_key)
        except (ValueError, sealing.BadSignature) as error:
            raise RegisterDamaged(
                f"line {number} of {path} is not as the server wrote it: take the register from another copy of"
                " the backups"
            ) from error
        found.append(erasure)
        before = signature
    return found


def _whole_lines(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]


def _message(district: DistrictId, erasure: Erasure, before: bytes) -> bytes:
    return b"|".join((district.encode(), erasure.person_id.encode(), b"%d" % erasure.erased_ms, before))
