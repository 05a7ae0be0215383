import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.ids import DistrictId
from anganwadi.wire import announcement, sealing
from anganwadi.wire.announcement import Announcement, BadAnnouncement
from anganwadi.wire.keys import PrivateKeys

DISTRICT = DistrictId("namuna")
ROOT = Ed25519PrivateKey.generate()
NEWS = Announcement(DISTRICT, 2, PrivateKeys.generate().public.seal, 1_800_000_000_000)


def verify(signed: bytes, root: Ed25519PrivateKey = ROOT) -> Announcement:
    return announcement.verify(signed, root.public_key(), DISTRICT)


def signed_raw(raw: bytes, context: bytes = b"aangan sealing key") -> bytes:
    return raw + sealing.sign(context, raw, ROOT)


def test_announcement_of_the_districts_root_names_the_key():
    assert verify(announcement.sign(NEWS, ROOT)) == NEWS


def test_announcement_by_anybody_else_is_refused():
    with pytest.raises(BadAnnouncement, match="root"):
        verify(announcement.sign(NEWS, Ed25519PrivateKey.generate()))


def test_announcement_of_another_district_is_refused():
    elsewhere = msgspec.structs.replace(NEWS, district=DistrictId("anderswo"))
    with pytest.raises(BadAnnouncement, match="another district"):
        verify(announcement.sign(elsewhere, ROOT))


@given(st.integers(0, len(announcement.sign(NEWS, ROOT)) * 8 - 1))
def test_any_changed_bit_is_noticed(at):
    changed = bytearray(announcement.sign(NEWS, ROOT))
    changed[at // 8] ^= 1 << at % 8
    with pytest.raises(BadAnnouncement):
        verify(bytes(changed))


@given(st.binary(max_size=2 * announcement.MAX_ANNOUNCEMENT))
def test_garbage_is_a_bad_announcement_even_if_the_root_signed_it(garbage):
    for given_bytes in (garbage, signed_raw(garbage)):
        with pytest.raises(BadAnnouncement):
            verify(given_bytes)


@pytest.mark.parametrize(
    "changes",
    [{"number": 1}, {"number": 0}, {"number": 2**31}, {"seal_key": b"short"}, {"seal_key": bytes(32)}],
    ids=["the first", "none", "too high", "no key", "of low order"],
)
def test_what_cannot_be_announced_is_refused(changes):
    with pytest.raises(BadAnnouncement):
        verify(announcement.sign(msgspec.structs.replace(NEWS, **changes), ROOT))


def test_a_signature_for_something_else_announces_nothing():
    with pytest.raises(BadAnnouncement):
        verify(signed_raw(announcement.encode(NEWS), b"aangan receipt"))


def test_more_fields_than_known_are_refused():
    with pytest.raises(BadAnnouncement):
        verify(signed_raw(msgspec.msgpack.encode([*msgspec.structs.astuple(NEWS), 5])))
