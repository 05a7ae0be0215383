"""A device's own keys, and the enrolment card by which the server comes to know it.

A kiosk makes its keys itself and they never leave it. The card carries the public half, the centre the kiosk stands in
and the epoch its numbering starts at; whoever hands the card to `python -m server enrol` vouches for it.
"""

import stat
from pathlib import Path

import msgspec

from anganwadi.ids import SERVER_ORIGIN, CentreId, DistrictId, Origin, centre_id, district_id, origin
from anganwadi.wire.keys import PrivateKeys, PublicKeys
from provisioning.files import PRIVATE, write_private, write_public


class BadCard(ValueError):
    """Not an enrolment card; the text says what is wrong with it."""


class KeysUnsafe(PermissionError):
    """A file of private keys that others may read; the text says how to mend it."""


class EnrolmentCard(msgspec.Struct, frozen=True, kw_only=True):
    """What the server must know of a kiosk to take its events. `keys` are base64 in the JSON file."""

    district: DistrictId
    origin: Origin
    centre_id: CentreId
    epoch: int
    keys: PublicKeys

    def write(self, path: Path) -> None:
        """Write the card as JSON."""
        write_public(path, msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")

    @classmethod
    def read(cls, path: Path) -> "EnrolmentCard":
        """Read and check a card.

        Raises:
            BadCard: it is not JSON of this form, a name is not of its kind, or is the server's own, or a key is
                not 32 bytes.
        """
        try:
            card = msgspec.json.decode(path.read_bytes(), type=cls)
            district_id(card.district)
            origin(card.origin)
            centre_id(card.centre_id)
        except (OSError, msgspec.MsgspecError, ValueError) as error:
            raise BadCard(f"{path} is not an enrolment card: {error}") from error
        if card.origin == SERVER_ORIGIN:
            raise BadCard(
                f"{path} is no kiosk's card: `{SERVER_ORIGIN}` is the server's own name; "
                "give the kiosk another and make its certificate and card anew"
            )
        if len(card.keys.verify) != 32 or len(card.keys.seal) != 32 or card.epoch < 1:
            raise BadCard(
                f"{path} is not an enrolment card: two keys of 32 bytes and an epoch from 1 are needed"
            )
        return card


def make_keys(path: Path) -> PrivateKeys:
    """Make a device's keys and write them to `path`, for their owner's eyes only."""
    keys = PrivateKeys.generate()
    write_private(path, msgspec.msgpack.encode(keys))
    return keys


def read_keys(path: Path) -> PrivateKeys:
    """Read a device's own keys.

    Raises:
        FileNotFoundError: there are none.
        KeysUnsafe: others may read the file.
    """
    return msgspec.msgpack.decode(read_owned(path), type=PrivateKeys)


def read_owned(path: Path) -> bytes:
    """Read a file of private keys, which nobody but its owner may be able to.

    Raises:
        FileNotFoundError: it is not there.
        KeysUnsafe: others may read it.
    """
    if stat.S_IMODE(path.stat().st_mode) & ~PRIVATE:
        raise KeysUnsafe(f"others may read {path}: `chmod 600 {path}`, and make the keys anew if they did")
    return path.read_bytes()


def write_public_keys(path: Path, keys: PublicKeys) -> None:
    """Write what others may know of a device."""
    write_public(path, msgspec.msgpack.encode(keys))


def read_public_keys(path: Path) -> PublicKeys:
    """Read another's public keys."""
    return msgspec.msgpack.decode(path.read_bytes(), type=PublicKeys)
