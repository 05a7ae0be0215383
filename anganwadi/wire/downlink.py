"""What goes down to a kiosk: its roster, settings, forms and messages, each a document with a version.

    packed = seal(content, name, data_key)        # zstd; under the data key (DK) where the kind is personal
    parts  = cut(packed, name)                    # each goes down as a signed letter to the kiosk's own key
    content = unseal(packed, Roster, name, data_key)

A broker reads nothing of a part, and a part that lies on the kiosk's disk is unreadable while nobody is logged in.
Sealing is deterministic, so that a transfer cut off in the middle goes on with the same bytes, even after the server
was started anew: the nonce is drawn from a keyed hash of what is sealed (a synthetic nonce, as in RFC 5297).
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, TypeVar

import msgspec
import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Meta

from anganwadi.ids import DistrictId, Origin
from anganwadi.malformed import MALFORMED

PART = "part"
"""The kind of letter, and the channel, that a part comes down in."""

PART_BYTES = 4096
MAX_PARTS = 1024
PARTS_AT_ONCE = 6
"""Parts of a document sent for each time a kiosk asks: three seconds of a line of 64 kbit/s, so that a receipt never
waits long behind a roster."""

_MAX_PLAIN = 16 << 20
_DIGEST_BYTES = 32
_NONCE_BYTES = 12
_KEY_BYTES = 32

T = TypeVar("T")


class Kind(StrEnum):
    ROSTER = "roster"
    SETTINGS = "settings"
    FORMS = "forms"
    MESSAGES = "messages"


PERSONAL = frozenset({Kind.ROSTER, Kind.MESSAGES})
"""What is sealed under DK besides; the others hold nothing about anybody and are read before anyone logs in."""


class BadDocument(ValueError):
    """Does not open under this key and name, or is not a document of this kind within the bounds."""


class DistrictSettings(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=False
):
    """What the district sets for a kiosk from afar; None leaves the kiosk's own setting."""

    language: Literal["hi", "en", "ur"] | None = None
    days_covered: Annotated[int, Meta(ge=1, le=31)] | None = None
    """The days of food a ration covers."""
    idle_minutes: Annotated[float, Meta(ge=1, le=240)] | None = None
    """After how long without a touch the worker is logged out."""
    face_threshold: Annotated[float, Meta(ge=0.1, le=0.95)] | None = None
    """The cosine at and above which a face is taken for the enrolled one."""
    batch_seconds: Annotated[float, Meta(ge=0.1, le=3600)] | None = None
    """How long events are gathered before they go up as one frame."""
    complaint_line: Annotated[str, Meta(max_length=120)] | None = None
    """A telephone number, or a place, where a family complains that left without its ration."""


class FormItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a form; `labels` by language."""

    code: str
    section: str
    labels: dict[str, str]
    critical: bool = False


class FormSection(msgspec.Struct, frozen=True):
    code: str
    labels: dict[str, str]


class Form(msgspec.Struct, frozen=True):
    """A form that the supervisor fills at this centre, for the worker to read what she will look at."""

    form_id: str
    version: str
    title: str
    sections: tuple[FormSection, ...]
    items: tuple[FormItem, ...]


class Forms(msgspec.Struct, frozen=True):
    forms: Annotated[tuple[Form, ...], Meta(max_length=16)] = ()


class Message(msgspec.Struct, frozen=True):
    """A few words from the office to a centre's worker."""

    message_id: Annotated[str, Meta(min_length=1, max_length=40)]
    text: Annotated[str, Meta(min_length=1, max_length=2000)]
    sent: Annotated[datetime, Meta(tz=True)]

    def __repr__(self) -> str:
        return f"Message(message_id={self.message_id!r}, text=<hidden>)"


class Messages(msgspec.Struct, frozen=True):
    """All that a centre's kiosk shows, oldest first."""

    messages: Annotated[tuple[Message, ...], Meta(max_length=200)] = ()


class Name(msgspec.Struct, frozen=True, array_like=True):
    """Which document: whose, of what kind, in which version. Versions of a kind rise, and are never used twice."""

    district: DistrictId
    origin: Origin
    kind: Kind
    version: int


class Part(msgspec.Struct, frozen=True, array_like=True):
    """A piece of a packed document: number `index` of `count`; `digest` is the SHA-256 of the whole."""

    kind: Kind
    version: Annotated[int, Meta(ge=1, lt=2**53)]
    index: Annotated[int, Meta(ge=0, lt=MAX_PARTS)]
    count: Annotated[int, Meta(ge=1, le=MAX_PARTS)]
    digest: Annotated[bytes, Meta(min_length=_DIGEST_BYTES, max_length=_DIGEST_BYTES)]
    content: Annotated[bytes, Meta(min_length=1, max_length=PART_BYTES)]


def digest(content: object) -> bytes:
    """The SHA-256 of what a document says: another digest is another version."""
    return hashlib.sha256(msgspec.msgpack.encode(content, order="deterministic")).digest()


def seal(content: msgspec.Struct, name: Name, data_key: bytes) -> bytes:
    """The document as it travels: compressed, and sealed under `data_key` where its kind is personal.

    Raises:
        BadDocument: it would be longer than one may be.
    """
    plain = msgspec.msgpack.encode(content)
    packed = zstandard.ZstdCompressor(level=6).compress(plain)
    if len(plain) > _MAX_PLAIN or len(packed) > (MAX_PARTS - 1) * PART_BYTES:
        raise BadDocument(f"{name.kind}: longer than a document may be")
    if name.kind not in PERSONAL:
        return packed
    key, nonce_key = _keys(name.kind, data_key)
    about = msgspec.msgpack.encode(name)
    nonce = hmac.digest(nonce_key, about + packed, "sha256")[:_NONCE_BYTES]
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, packed, about)


def unseal(packed: bytes, form: type[T], name: Name, data_key: bytes | None) -> T:
    """Read what `seal` made. `data_key` may be None where the kind is not personal.

    Raises:
        BadDocument: it does not open under this key and name, or is not of `form`.
    """
    try:
        if name.kind in PERSONAL:
            packed = _open(packed, name, data_key)
        if not 0 <= zstandard.frame_content_size(packed) <= _MAX_PLAIN:
            raise BadDocument("would unpack to more than a document may hold")
        plain = zstandard.ZstdDecompressor().decompress(packed, max_output_size=_MAX_PLAIN)
        return msgspec.msgpack.decode(plain, type=form)
    except (zstandard.ZstdError, *MALFORMED) as error:
        raise BadDocument(f"{name.kind}: {error}") from error


def cut(packed: bytes, name: Name) -> list[Part]:
    """The parts of a packed document, in order."""
    whole = hashlib.sha256(packed).digest()
    starts = range(0, len(packed), PART_BYTES)
    return [
        Part(name.kind, name.version, n, len(starts), whole, packed[at : at + PART_BYTES])
        for n, at in enumerate(starts)
    ]


def join(contents: Sequence[bytes], whole: bytes) -> bytes:
    """The packed document again, from the contents of all its parts in order.

    Raises:
        BadDocument: their SHA-256 is not `whole`.
    """
    packed = b"".join(contents)
    if not hmac.compare_digest(hashlib.sha256(packed).digest(), whole):
        raise BadDocument("the parts do not make the whole")
    return packed


def _open(packed: bytes, name: Name, data_key: bytes | None) -> bytes:
    if data_key is None:
        raise BadDocument(f"{name.kind}: opens only while somebody is logged in")
    nonce, sealed = packed[:_NONCE_BYTES], packed[_NONCE_BYTES:]
    try:
        return ChaCha20Poly1305(_keys(name.kind, data_key)[0]).decrypt(
            nonce, sealed, msgspec.msgpack.encode(name)
        )
    except (InvalidTag, ValueError) as error:
        raise BadDocument(f"{name.kind}: does not open under this data key and name") from error


def _keys(kind: Kind, data_key: bytes) -> tuple[bytes, bytes]:
    """The key to seal with, and the key that nonces are drawn with."""
    derived = HKDF(
        SHA256(), 2 * _KEY_BYTES, salt=None, info=b"aangan document " + kind.value.encode()
    ).derive(data_key)
    return derived[:_KEY_BYTES], derived[_KEY_BYTES:]
