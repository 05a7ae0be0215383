from datetime import UTC, datetime

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire import downlink
from anganwadi.wire.downlink import BadDocument, DistrictSettings, Kind, Message, Messages, Name

DATA_KEY = b"k" * 32
MESSAGES = Messages((Message("m-1", "कल बैठक है", datetime(2026, 11, 21, tzinfo=UTC)),))


def name(**changes) -> Name:
    return msgspec.structs.replace(Name(DistrictId("namuna"), Origin("kiosk-a"), Kind.MESSAGES, 7), **changes)


def test_personal_document_opens_under_its_data_key_and_name_only():
    packed = downlink.seal(MESSAGES, name(), DATA_KEY)
    assert downlink.unseal(packed, Messages, name(), DATA_KEY) == MESSAGES
    others = [
        (name(), b"x" * 32),
        (name(), None),
        (name(version=8), DATA_KEY),
        (name(origin=Origin("kiosk-b")), DATA_KEY),
        (name(district=DistrictId("other")), DATA_KEY),
        (name(kind=Kind.ROSTER), DATA_KEY),
    ]
    for other, key in others:
        with pytest.raises(BadDocument):
            downlink.unseal(packed, Messages, other, key)


def test_settings_are_read_before_anybody_logs_in():
    settings = DistrictSettings(language="ur", days_covered=25)
    packed = downlink.seal(settings, name(kind=Kind.SETTINGS), DATA_KEY)
    assert downlink.unseal(packed, DistrictSettings, name(kind=Kind.SETTINGS), None) == settings


def test_sealing_the_same_again_gives_the_same_bytes_and_another_content_another_nonce():
    first, again = (downlink.seal(MESSAGES, name(), DATA_KEY) for _ in range(2))
    assert first == again
    assert downlink.seal(Messages(), name(), DATA_KEY)[:12] != first[:12]


@given(st.integers(0, 200), st.integers(1, 255))
def test_one_changed_byte_opens_nothing(at, flipped):
    packed = bytearray(downlink.seal(MESSAGES, name(), DATA_KEY))
    packed[at % len(packed)] ^= flipped
    with pytest.raises(BadDocument):
        downlink.unseal(bytes(packed), Messages, name(), DATA_KEY)


@given(st.binary(max_size=200), st.sampled_from(list(Kind)))
def test_garbage_is_a_bad_document(garbage, kind):
    with pytest.raises(BadDocument):
        downlink.unseal(garbage, Messages, name(kind=kind), DATA_KEY)


def test_document_that_would_unpack_to_more_than_a_document_is_refused():
    bomb = zstandard.ZstdCompressor().compress(bytes(17 << 20))
    with pytest.raises(BadDocument, match="more than a document"):
        downlink.unseal(bomb, DistrictSettings, name(kind=Kind.SETTINGS), None)


@pytest.mark.parametrize(
    "wrong", [{"language": "fr"}, {"days_covered": 0}, {"idle_minutes": 0.0}, {"face_threshold": 2.0}]
)
def test_settings_out_of_their_bounds_are_no_settings(wrong):
    packed = zstandard.ZstdCompressor().compress(msgspec.msgpack.encode(wrong))
    with pytest.raises(BadDocument):
        downlink.unseal(packed, DistrictSettings, name(kind=Kind.SETTINGS), None)


@given(st.binary(min_size=1, max_size=20_000))
def test_parts_in_order_make_the_whole_and_none_is_longer_than_a_part(packed):
    parts = downlink.cut(packed, name())
    assert [part.index for part in parts] == list(range(parts[0].count))
    assert all(len(part.content) <= downlink.PART_BYTES for part in parts)
    assert downlink.join([part.content for part in parts], parts[0].digest) == packed
    with pytest.raises(BadDocument):
        downlink.join([part.content for part in parts] + [b"x"], parts[0].digest)


def test_digest_does_not_depend_on_the_order_of_names():
    assert downlink.digest({"hi": "अ", "ur": "ا"}) == downlink.digest({"ur": "ا", "hi": "अ"})


def test_message_does_not_show_its_text_in_a_log():
    assert "बैठक" not in repr(MESSAGES)
