import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.ids import Origin
from anganwadi.wire import letters
from anganwadi.wire.gap import GAP, GapReason, GapRecord
from anganwadi.wire.letters import BadLetter

KIOSK = Origin("kiosk-a")
GOOD = {"epoch": 1, "first": 5, "last": 9, "chain_after": bytes(32), "reason": "damaged", "at_ms": 1}


@given(first=st.integers(1, 2**40), more=st.integers(0, 2**40), reason=st.sampled_from(GapReason))
def test_gap_record_travels_in_a_letter(first, more, reason, device_keys, server_keys):
    record = GapRecord(1, first, first + more, b"h" * 32, reason, 7)
    letter = letters.write(GAP, record, KIOSK, device_keys, server_keys.public.seal)
    assert letters.read(letter, GAP, GapRecord, KIOSK, device_keys.public, server_keys) == record


@pytest.mark.parametrize(
    "wrong",
    [
        {"first": 0},
        {"last": 4},
        {"last": 2**62},
        {"epoch": 0},
        {"chain_after": bytes(31)},
        {"reason": "bored"},
        {"at_ms": -1},
    ],
    ids=str,
)
def test_gap_record_out_of_bounds_is_no_letter(wrong, device_keys, server_keys):
    content = msgspec.defstruct("Content", list(GOOD | wrong))(**(GOOD | wrong))
    letter = letters.write(GAP, content, KIOSK, device_keys, server_keys.public.seal)
    with pytest.raises(BadLetter):
        letters.read(letter, GAP, GapRecord, KIOSK, device_keys.public, server_keys)
