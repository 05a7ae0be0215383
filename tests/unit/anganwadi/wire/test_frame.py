import struct

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire import chain, frame, sealing
from anganwadi.wire.keys import PrivateKeys

EVENTS = [msgspec.msgpack.encode({"n": 1}), msgspec.msgpack.encode({"n": 2})]


@pytest.fixture(scope="session")
def made(header, server_keys, device_keys) -> bytes:
    return frame.make(header(), EVENTS, server_keys.public, device_keys)


def test_frame_opens_to_the_same_events_in_order(made, header, server_keys, device_keys):
    parsed = frame.parse(made)
    parsed.authenticate(device_keys.public)
    assert parsed.header == header()
    assert [bytes(event) for event in parsed.open(server_keys)] == EVENTS


def test_events_cannot_be_seen_in_the_frame(header, server_keys, device_keys):
    event = msgspec.msgpack.encode({"name": "Sunita Devi", "grams": 9120})
    assert b"Sunita" not in frame.make(header(count=1), [event], server_keys.public, device_keys)


@given(data=st.data())
@settings(max_examples=200)
def test_any_changed_bit_is_noticed(data, made, server_keys, device_keys):
    at = data.draw(st.integers(0, len(made) * 8 - 1))
    changed = bytearray(made)
    changed[at // 8] ^= 1 << at % 8
    with pytest.raises((frame.BadFrame, sealing.BadSignature)):
        frame.parse(bytes(changed)).authenticate(device_keys.public)


@given(data=st.data())
def test_any_cut_is_noticed(data, made):
    with pytest.raises(frame.BadFrame):
        frame.parse(made[: data.draw(st.integers(0, len(made) - 1))])


@given(st.binary(max_size=600))
def test_garbage_is_a_bad_frame_and_never_another_error(garbage):
    for head in (b"", b"AGN", b"AGN\x01"):
        with pytest.raises(frame.BadFrame):
            frame.parse(head + garbage)


def test_another_device_cannot_sign_for_this_one(made):
    with pytest.raises(sealing.BadSignature):
        frame.parse(made).authenticate(PrivateKeys.generate().public)


def test_another_server_cannot_open(made):
    with pytest.raises(sealing.CannotOpen):
        frame.parse(made).open(PrivateKeys.generate())


def test_ciphertext_does_not_open_under_another_header(made, header, server_keys, device_keys):
    """A device that signs its own new header over somebody's ciphertext gains nothing: the header is bound as info."""
    stolen = frame.parse(made)
    moved = msgspec.msgpack.encode(header(first_sequence=9))
    replaced = msgspec.structs.replace(stolen, header=header(first_sequence=9), header_bytes=moved)
    with pytest.raises(sealing.CannotOpen):
        replaced.open(server_keys)


def test_unknown_suite_says_update(made):
    with pytest.raises(frame.BadFrame, match="update"):
        frame.parse(made[:3] + b"\x07" + made[4:])


@pytest.mark.parametrize(
    "changes",
    [
        {"count": 0},
        {"count": frame.MAX_EVENTS + 1},
        {"first_sequence": 0},
        {"epoch": 0},
        {"epoch": 2**63},
        {"first_sequence": 2**63},
        {"district": "d" * 64},
        {"chain_before": b"short"},
        {"clock": frame.Clock(0, 0, b"short", "ntp")},
    ],
)
def test_header_out_of_bounds_is_refused(changes, header, server_keys, device_keys):
    with pytest.raises(frame.BadFrame):
        frame.parse(frame.make(header(**changes), EVENTS, server_keys.public, device_keys))


def test_count_other_than_the_events_sealed_is_refused(header, server_keys, device_keys):
    made = frame.make(header(count=3), EVENTS, server_keys.public, device_keys)
    with pytest.raises(frame.BadFrame, match="counts"):
        frame.parse(made).open(server_keys)


def test_content_that_would_unpack_to_too_much_is_refused_before_it_is_unpacked(
    header, server_keys, device_keys
):
    head = msgspec.msgpack.encode(header())
    bomb = zstandard.ZstdCompressor().compress(bytes(frame.MAX_PLAIN + 1))
    sealed = sealing.seal(bomb, server_keys.public.seal_key, head)
    signed = b"".join(
        (b"AGN\x01", struct.pack(">H", len(head)), head, struct.pack(">I", len(sealed)), sealed)
    )
    whole = signed + sealing.sign(b"aangan frame", signed, device_keys.sign_key)
    parsed = frame.parse(whole)
    parsed.authenticate(device_keys.public)
    with pytest.raises(frame.BadFrame, match="unpack"):
        parsed.open(server_keys)


def test_frame_longer_than_the_bound_is_refused(made):
    with pytest.raises(frame.BadFrame, match="longer"):
        frame.parse(made + bytes(frame.MAX_FRAME))


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=6), st.integers(0, 6))
def test_chain_does_not_depend_on_how_events_are_cut_into_frames(hashes, cut):
    start = chain.genesis(DistrictId("namuna"), Origin("kiosk-a"), 1)
    assert chain.extend(chain.extend(start, hashes[:cut]), hashes[cut:]) == chain.extend(start, hashes)


def test_more_events_than_a_frame_may_hold_are_refused_before_they_are_made(header, server_keys, device_keys):
    made = frame.make(header(count=1), [b"\xc0"] * (frame.MAX_EVENTS + 1), server_keys.public, device_keys)
    with pytest.raises(frame.BadFrame, match="malformed content"):
        frame.parse(made).open(server_keys)
