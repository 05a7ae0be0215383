"""The doors an attacker's bytes can come in by, each as a function of bytes that ends well or not at all.

The fuzzer knows no keys, but an attacker with a kiosk has that kiosk's: so behind most doors what he made is sealed and
signed as it must be, and his bytes reach the header, zstd, MessagePack and the events. Every door swallows just the
error its module promises; any other is a find.
"""

import contextlib
import json
import struct
from collections.abc import Callable
from pathlib import Path

import msgspec

from anganwadi import events
from anganwadi.ids import SERVER_ORIGIN, DistrictId, Origin
from anganwadi.wire import announcement, chain, downlink, frame, letters, packing, receipt, sealing, topics
from anganwadi.wire.announcement import BadAnnouncement
from anganwadi.wire.frame import BadFrame
from anganwadi.wire.gap import GAP, GapRecord
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.letters import BadLetter
from anganwadi.wire.login import LEASE, LOGIN, STATUS, KioskStatus, LeaseAnswer, LoginRequest
from anganwadi.wire.receipt import BadReceipt
from anganwadi.wire.sealing import BadSignature, CannotOpen

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "wire.json").read_text(encoding="utf-8"))


def _keys(name: str) -> PrivateKeys:
    said = VECTORS["keys"][name]
    return PrivateKeys(sign=bytes.fromhex(said["sign_private"]), open=bytes.fromhex(said["seal_private"]))


DEVICE, SERVER = _keys("device"), _keys("server 1")
DEVICE_PUBLIC, SERVER_PUBLIC = DEVICE.public, SERVER.public
DISTRICT, KIOSK = DistrictId("namuna"), Origin("kiosk-a")

UP = ((LOGIN, LoginRequest), (STATUS, KioskStatus), (GAP, GapRecord))
DOWN = ((LEASE, LeaseAnswer), (downlink.PART, downlink.Part))


def whole_frame(data: bytes) -> None:
    """Bytes from nobody."""
    _take_frame(data, DEVICE_PUBLIC)


def header(data: bytes) -> None:
    """A header of the attacker's over content that is in order."""
    _take_frame(_frame(data, packing.pack(b"\x91\xc0")), DEVICE_PUBLIC)


def packed_events(data: bytes) -> None:
    """What unpacks, or does not; the first byte is the count."""
    _take_frame(_frame(_header(data), data[1:]), DEVICE_PUBLIC)


def plain_events(data: bytes) -> None:
    """What is in the place of the array of events; the first byte is the count."""
    _take_frame(_frame(_header(data), packing.pack(data[1:])), DEVICE_PUBLIC)


def one_event(data: bytes) -> None:
    with contextlib.suppress(events.UnknownEvent):
        events.encode(events.decode(data))


def server_receipt(data: bytes) -> None:
    """As if the server itself had signed it."""
    for signed in (data, data + sealing.sign(b"aangan receipt", data, SERVER.sign_key)):
        with contextlib.suppress(BadReceipt):
            receipt.verify(signed, SERVER_PUBLIC, DISTRICT, KIOSK, 1)


def key_announcement(data: bytes) -> None:
    root = SERVER.sign_key
    for signed in (data, data + sealing.sign(b"aangan sealing key", data, root)):
        with contextlib.suppress(BadAnnouncement):
            announcement.verify(signed, root.public_key(), DISTRICT)


def letter_envelope(data: bytes) -> None:
    """An envelope of the attacker's, signed as it must be."""
    for letter in (data, data + sealing.sign(b"aangan letter", data, DEVICE.sign_key)):
        for kind, form in UP:
            _read_up(letter, kind, form)


def packed_letter(data: bytes) -> None:
    for kind, form in UP:
        _read_up(_letter(kind, data), kind, form)


def letter_content(data: bytes) -> None:
    for kind, form in UP:
        _read_up(_letter(kind, packing.pack(data)), kind, form)


def letter_down(data: bytes) -> None:
    """What a kiosk reads of its server, or of one who stole the server's keys."""
    for kind, form in DOWN:
        sealed = sealing.seal(
            packing.pack(data), DEVICE_PUBLIC.seal_key, _info(kind, SERVER_ORIGIN, DEVICE_PUBLIC.seal_id)
        )
        raw = msgspec.msgpack.encode((kind, SERVER_ORIGIN, DEVICE_PUBLIC.seal_id, sealed))
        try:
            letter = raw + sealing.sign(b"aangan letter", raw, SERVER.sign_key)
            letters.read(letter, kind, form, SERVER_ORIGIN, SERVER_PUBLIC, DEVICE)
        except BadLetter:
            pass


def document(data: bytes) -> None:
    name = downlink.Name(DISTRICT, KIOSK, downlink.Kind.FORMS, 1)
    with contextlib.suppress(downlink.BadDocument):
        downlink.unseal(data, downlink.Forms, name, None)


def topic(data: bytes) -> None:
    with contextlib.suppress(topics.BadTopic):
        topics.parse_up(data.decode("utf-8", "surrogateescape"))


DOORS: tuple[Callable[[bytes], None], ...] = (
    whole_frame, header, packed_events, plain_events, one_event, server_receipt, key_announcement, letter_envelope,
    packed_letter, letter_content, letter_down, document, topic,
)  # fmt: skip


def enter(data: bytes) -> None:
    """The first byte chooses the door, the rest goes in by it."""
    if data:
        DOORS[data[0] % len(DOORS)](data[1:])


def through(door: Callable[[bytes], None], data: bytes) -> bytes:
    """The input that goes in by `door`."""
    return bytes((DOORS.index(door),)) + data


def _take_frame(data: bytes, device) -> None:
    try:
        parsed = frame.parse(data)
        parsed.authenticate(device)
        for raw in parsed.open(SERVER):
            chain.event_hash(bytes(raw))
            one_event(bytes(raw))
    except (BadFrame, BadSignature, CannotOpen):
        pass


def _header(data: bytes) -> bytes:
    clock = frame.Clock(0, 0, bytes(16), "rtc")
    count = data[0] if data and data[0] else 1
    made = frame.Header(SERVER_PUBLIC.seal_id, DISTRICT, KIOSK, 1, 1, count, bytes(32), clock)
    return msgspec.msgpack.encode(made)


def _frame(head: bytes, packed: bytes) -> bytes:
    sealed = sealing.seal(packed, SERVER_PUBLIC.seal_key, head)
    length = struct.pack(">H", min(len(head), 0xFFFF))
    signed = b"AGN\x01" + length + head + struct.pack(">I", len(sealed)) + sealed
    return signed + sealing.sign(b"aangan frame", signed, DEVICE.sign_key)


def _info(kind: str, sender: Origin, recipient: bytes) -> bytes:
    return msgspec.msgpack.encode((kind, sender, recipient))


def _letter(kind: str, packed: bytes) -> bytes:
    recipient = SERVER_PUBLIC.seal_id
    sealed = sealing.seal(packed, SERVER_PUBLIC.seal_key, _info(kind, KIOSK, recipient))
    raw = msgspec.msgpack.encode((kind, KIOSK, recipient, sealed))
    return raw + sealing.sign(b"aangan letter", raw, DEVICE.sign_key)


def _read_up(letter: bytes, kind: str, form: type) -> None:
    with contextlib.suppress(BadLetter):
        letters.read(letter, kind, form, KIOSK, DEVICE_PUBLIC, SERVER)
