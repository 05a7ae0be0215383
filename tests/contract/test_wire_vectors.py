"""The wire's test vectors: Aangan's own code reads them, and so does a second implementation made by hand from
`docs/wire.md`; what must be refused is refused by both."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from anganwadi import events
from anganwadi.ids import SERVER_ORIGIN, DistrictId, Origin
from anganwadi.wire import announcement, chain, downlink, frame, letters, receipt
from anganwadi.wire.announcement import BadAnnouncement
from anganwadi.wire.frame import BadFrame
from anganwadi.wire.gap import GAP, GapRecord
from anganwadi.wire.keys import PrivateKeys, key_id
from anganwadi.wire.letters import BadLetter
from anganwadi.wire.login import STATUS, KioskStatus
from anganwadi.wire.receipt import BadReceipt
from anganwadi.wire.sealing import BadSignature, CannotOpen
from tests.vectors import by_hand, make

SAID = json.loads((Path(__file__).parents[1] / "vectors" / "wire.json").read_text(encoding="utf-8"))


def raw(text: str) -> bytes:
    return bytes.fromhex(text)


def keys_of(name: str) -> PrivateKeys:
    said = SAID["keys"][name]
    return PrivateKeys(sign=raw(said["sign_private"]), open=raw(said["seal_private"]))


DISTRICT, ORIGIN = DistrictId(SAID["origin"]["district"]), Origin(SAID["origin"]["origin"])
EPOCH = SAID["origin"]["epoch"]
DEVICE, ROOT = keys_of("device"), keys_of("root")
SERVERS = {1: keys_of("server 1"), 3: keys_of("server 3")}
OPENING = {key_id(each.public.seal): each.open for each in (DEVICE, *SERVERS.values())}
ROOT_KEY = Ed25519PublicKey.from_public_bytes(ROOT.public.verify)
FORMS = {GAP: GapRecord, STATUS: KioskStatus}


class Ring:
    """Both of the server's keys, as a ring holds them."""

    def __init__(self) -> None:
        self.sign_key, self.public = SERVERS[1].sign_key, SERVERS[3].public

    def opening(self, key_id: bytes):
        return SERVERS[3 if key_id == SERVERS[3].public.seal_id else 1].opening(key_id)


def plainly(value: object) -> object:
    """As in the JSON file: bytes in hex, tuples as lists."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return [plainly(each) for each in value]
    return value


def test_keys_and_their_ids_are_as_written():
    for name, said in SAID["keys"].items():
        public = keys_of(name).public
        assert [public.verify, public.seal, public.seal_id] == [
            raw(said["sign_public"]),
            raw(said["seal_public"]),
            raw(said["seal_key_id"]),
        ]


def test_chain_runs_over_the_events_from_the_genesis_as_written():
    start, raws = raw(SAID["genesis"]), [raw(each) for each in SAID["events"].values()]
    hashes = [raw(each) for each in SAID["event_hashes"]]
    assert chain.genesis(DISTRICT, ORIGIN, EPOCH) == by_hand.genesis(DISTRICT, ORIGIN, EPOCH) == start
    assert [chain.event_hash(each) for each in raws] == hashes
    heads = [raw(each) for each in SAID["chain"]]
    assert [chain.extend(start, hashes[:n]) for n in range(1, len(hashes) + 1)] == heads
    assert by_hand.chain(start, raws) == heads


def test_events_read_as_what_they_are_by_both():
    for name, hexed in SAID["events"].items():
        by_other = by_hand.unpack(raw(hexed))
        if name == "of a type not known yet":
            with pytest.raises(events.UnknownEvent):
                events.decode(raw(hexed))
            continue
        event = events.decode(raw(hexed))
        assert events.event_type(event.body) == by_other["body"]["type"]
        assert (event.centre_id, event.salt) == (by_other["centre_id"], by_other["salt"])
        assert round(event.at.timestamp() * 1000) == by_other["at"] // 1_000_000
        assert event.proof == by_other.get("proof", "server")


@pytest.mark.parametrize("name", SAID["frames"])
def test_frame_opens_to_its_events_for_both(name: str):
    said = SAID["frames"][name]
    whole, raws = raw(said["frame"]), [raw(each) for each in said["events"]]
    ours = frame.parse(whole)
    ours.authenticate(DEVICE.public)
    assert [bytes(each) for each in ours.open(Ring())] == raws
    theirs = by_hand.parse_frame(whole)
    assert by_hand.open_frame(theirs, DEVICE.public.verify, OPENING) == raws
    assert plainly(theirs.header) == said["header"]
    assert msgspec.msgpack.encode(ours.header) == ours.header_bytes == theirs.header_bytes
    assert theirs.header_bytes == raw(said["header_bytes"])


@pytest.mark.parametrize("name", SAID["frames"])
def test_frame_is_made_of_the_parts_written(name: str):
    """Whoever writes another implementation finds by these in which step it differs."""
    said = SAID["frames"][name]
    theirs = by_hand.parse_frame(raw(said["frame"]))
    recipient = next(each for each in SERVERS.values() if each.public.seal_id == theirs.header[0])
    packed = raw(said["packed"])
    assert by_hand.hpke_open(theirs.sealed, recipient.open, theirs.header_bytes) == packed
    assert by_hand.decompress(packed, 4 << 20) == raw(said["plain"])
    assert by_hand.split_array(raw(said["plain"])) == [raw(each) for each in said["events"]]
    ephemeral = raw(said["ephemeral_private_key"])
    assert by_hand.hpke_seal(packed, recipient.public.seal, theirs.header_bytes, ephemeral) == theirs.sealed


@given(st.binary(max_size=200), st.binary(max_size=60))
def test_hpke_by_hand_and_the_library_open_each_others(plain: bytes, info: bytes):
    suite, server = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305), SERVERS[1]
    sealed = by_hand.hpke_seal(plain, server.public.seal, info, DEVICE.open)
    assert suite.decrypt(sealed, server.open_key, info) == plain
    assert by_hand.hpke_open(suite.encrypt(plain, server.public.seal_key, info), server.open, info) == plain


def test_receipt_is_read_by_both():
    said = SAID["receipt"]
    signed = raw(said["receipt"])
    ours = receipt.verify(signed, SERVERS[1].public, DISTRICT, ORIGIN, EPOCH)
    assert receipt.sign(ours, SERVERS[1]) == signed
    theirs = by_hand.signed_array(b"aangan receipt", signed, SERVERS[1].public.verify, receipt.MAX_RECEIPT)
    assert plainly(theirs) == plainly(msgspec.structs.astuple(ours)) == said["fields"]
    assert ours.chain_head == raw(SAID["chain"][ours.stored_through - 1])


def test_announcement_is_read_by_both():
    said = SAID["announcement"]
    signed = raw(said["announcement"])
    ours = announcement.verify(signed, ROOT_KEY, DISTRICT)
    assert announcement.sign(ours, ROOT.sign_key) == signed
    theirs = by_hand.signed_array(
        b"aangan sealing key", signed, ROOT.public.verify, announcement.MAX_ANNOUNCEMENT
    )
    assert plainly(theirs) == plainly(msgspec.structs.astuple(ours)) == said["fields"]
    assert ours.seal_key == SERVERS[3].public.seal


@pytest.mark.parametrize("name", SAID["letters"])
def test_letter_is_read_by_both(name: str):
    said = SAID["letters"][name]
    kind, sent = said["kind"], raw(said["letter"])
    ours = letters.read(sent, kind, FORMS[kind], ORIGIN, DEVICE.public, SERVERS[1])
    assert msgspec.msgpack.encode(ours) == raw(said["content"])
    theirs = by_hand.open_letter(sent, kind, ORIGIN, DEVICE.public.verify, OPENING)
    assert theirs == raw(said["content"])
    assert by_hand.unpack(theirs)["epoch"] == ours.epoch


def test_document_comes_down_in_its_part_and_opens_for_both():
    said = SAID["document"]
    letter, public = raw(said["letter"]), SERVERS[1].public
    part = letters.read(letter, downlink.PART, downlink.Part, SERVER_ORIGIN, public, DEVICE)
    name = downlink.Name(DISTRICT, ORIGIN, part.kind, part.version)
    content = downlink.unseal(
        downlink.join([part.content], part.digest), downlink.Messages, name, raw(said["data_key"])
    )
    assert msgspec.msgpack.encode(content) == raw(said["content"])
    theirs = by_hand.open_letter(letter, downlink.PART, SERVER_ORIGIN, public.verify, OPENING)
    kind, version, index, count, _, sealed = by_hand.unpack(theirs)
    assert (kind, version, index, count) == ("messages", 2, 0, 1)
    assert sealed == raw(said["sealed"])
    key = HKDF(SHA256(), 64, salt=None, info=b"aangan document messages").derive(raw(said["data_key"]))[:32]
    packed = ChaCha20Poly1305(key).decrypt(sealed[:12], sealed[12:], raw(said["name"]))
    assert by_hand.decompress(packed, 16 << 20) == raw(said["content"])


def test_vectors_are_what_their_script_makes():
    """But for what zstd packed: other versions of it pack otherwise."""
    made = json.loads(json.dumps(make.everything(), default=bytes.hex))
    assert made.keys() == SAID.keys()
    for entry in ("keys", "events", "event_hashes", "genesis", "chain", "receipt", "announcement"):
        assert made[entry] == SAID[entry]
    assert [(each["kind"], each["name"]) for each in made["refused"]] == [
        (each["kind"], each["name"]) for each in SAID["refused"]
    ]


def by_ours(kind: str, data: bytes) -> None:
    match kind:
        case "frame":
            parsed = frame.parse(data)
            parsed.authenticate(DEVICE.public)
            parsed.open(Ring())
        case "receipt":
            receipt.verify(data, SERVERS[1].public, DISTRICT, ORIGIN, EPOCH)
        case "announcement":
            announcement.verify(data, ROOT_KEY, DISTRICT)
        case "letter":
            letters.read(data, GAP, GapRecord, ORIGIN, DEVICE.public, SERVERS[1])


def by_theirs(kind: str, data: bytes) -> None:
    match kind:
        case "frame":
            by_hand.open_frame(by_hand.parse_frame(data), DEVICE.public.verify, OPENING)
        case "receipt":
            array = by_hand.signed_array(
                b"aangan receipt", data, SERVERS[1].public.verify, receipt.MAX_RECEIPT
            )
            if array[:3] != [DISTRICT, ORIGIN, EPOCH] or len(array[8]) > receipt.MAX_HELD:
                raise by_hand.Refused("parse", "for another, or too many ranges")
        case "announcement":
            array = by_hand.signed_array(b"aangan sealing key", data, ROOT.public.verify, 256)
            if len(array) != 4 or array[0] != DISTRICT or array[1] < 2 or len(array[2]) != 32:
                raise by_hand.Refused("parse", "of another district, or no key")
        case "letter":
            said = by_hand.unpack(by_hand.open_letter(data, GAP, ORIGIN, DEVICE.public.verify, OPENING))
            if said["last"] < said["first"]:
                raise by_hand.Refused("open", "ends before it begins")


OURS_REFUSE = {
    ("frame", "parse"): BadFrame,
    ("frame", "authenticate"): BadSignature,
    ("frame", "open"): (BadFrame, CannotOpen),
    ("receipt", "authenticate"): BadReceipt,
    ("receipt", "parse"): BadReceipt,
    ("announcement", "authenticate"): BadAnnouncement,
    ("announcement", "parse"): BadAnnouncement,
    ("letter", "authenticate"): BadLetter,
    ("letter", "parse"): BadLetter,
    ("letter", "open"): BadLetter,
}
REFUSED = {f"{each['kind']}: {each['name']}": each for each in SAID["refused"]}
BY_BOTH: tuple[Callable[[str, bytes], None], ...] = (by_ours, by_theirs)


@pytest.mark.parametrize("name", REFUSED)
def test_what_must_be_refused_is_refused_by_both(name: str):
    case: dict[str, Any] = REFUSED[name]
    data = raw(case["bytes"])
    with pytest.raises(OURS_REFUSE[case["kind"], case["stage"]]):
        by_ours(case["kind"], data)
    with pytest.raises(by_hand.Refused):
        by_theirs(case["kind"], data)


def test_suite_not_known_is_refused_with_what_to_do():
    with pytest.raises(BadFrame, match="update the server"):
        by_ours("frame", raw(REFUSED["frame: a suite not known (2)"]["bytes"]))
