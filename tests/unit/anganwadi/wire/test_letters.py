from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.ids import SERVER_ORIGIN, DistrictId, Origin
from anganwadi.wire import letters, topics
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.login import LEASE, LOGIN, LoginRequest

KIOSK = Origin("kiosk-a")
REQUEST = LoginRequest("AWW", "2580", bytes(32), bytes(16), datetime(2026, 11, 21, tzinfo=UTC))


def test_letter_opens_for_its_recipient_only(server_keys, device_keys):
    letter = letters.write(LOGIN, REQUEST, KIOSK, device_keys, server_keys.public.seal)
    assert letters.read(letter, LOGIN, LoginRequest, KIOSK, device_keys.public, server_keys) == REQUEST
    with pytest.raises(letters.SealedToAnother):
        letters.read(letter, LOGIN, LoginRequest, KIOSK, device_keys.public, PrivateKeys.generate())


def test_pin_is_neither_in_the_letter_nor_in_the_repr(server_keys, device_keys):
    letter = letters.write(LOGIN, REQUEST, KIOSK, device_keys, server_keys.public.seal)
    assert b"2580" not in letter
    assert "2580" not in repr(REQUEST)


def test_letter_of_another_kind_or_sender_is_refused(server_keys, device_keys):
    letter = letters.write(LOGIN, REQUEST, KIOSK, device_keys, server_keys.public.seal)
    for kind, sender in ((LEASE, KIOSK), (LOGIN, SERVER_ORIGIN)):
        with pytest.raises(letters.BadLetter):
            letters.read(letter, kind, LoginRequest, sender, device_keys.public, server_keys)


@given(st.binary(max_size=300))
def test_garbage_is_a_bad_letter(garbage):
    keys = PrivateKeys.generate()
    with pytest.raises(letters.BadLetter):
        letters.read(garbage, LOGIN, LoginRequest, KIOSK, keys.public, keys)


@given(st.text(max_size=80))
def test_topic_that_is_not_ours_is_refused(text):
    with pytest.raises(topics.BadTopic):
        topics.parse_up(text)


def test_topic_comes_apart_as_it_was_put_together():
    parsed = topics.parse_up(topics.up(DistrictId("namuna"), KIOSK, "frame"))
    assert (parsed.district, parsed.origin, parsed.channel) == ("namuna", "kiosk-a", "frame")


@pytest.mark.parametrize("key", [b"short", bytes(32)], ids=["not a key", "of low order"])
def test_letter_to_what_is_no_key_is_refused(key, device_keys):
    with pytest.raises(letters.BadLetter):
        letters.write(LOGIN, REQUEST, KIOSK, device_keys, key)
