import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire import receipt
from anganwadi.wire.keys import PrivateKeys

HERE = (DistrictId("namuna"), Origin("kiosk-a"), 1)


def of(**changes) -> receipt.Receipt:
    fields = {
        "district": HERE[0],
        "origin": HERE[1],
        "epoch": HERE[2],
        "generation": 1,
        "stored_through": 7,
        "safe_through": 3,
        "chain_head": bytes(32),
        "server_ms": 1,
    }
    return receipt.Receipt(**{**fields, **changes})


def test_receipt_of_our_server_is_verified(server_keys):
    assert receipt.verify(receipt.sign(of(), server_keys), server_keys.public, *HERE) == of()


def test_receipt_signed_by_another_server_is_refused(server_keys):
    with pytest.raises(receipt.BadReceipt):
        receipt.verify(receipt.sign(of(), PrivateKeys.generate()), server_keys.public, *HERE)


@pytest.mark.parametrize("changes", [{"origin": "kiosk-b"}, {"epoch": 2}, {"district": "other"}])
def test_receipt_for_another_device_is_refused(changes, server_keys):
    with pytest.raises(receipt.BadReceipt, match="another"):
        receipt.verify(receipt.sign(of(**changes), server_keys), server_keys.public, *HERE)


@given(st.binary(max_size=200))
def test_garbage_is_a_bad_receipt(garbage):
    with pytest.raises(receipt.BadReceipt):
        receipt.verify(garbage, PrivateKeys.generate().public, *HERE)


def test_receipt_longer_than_one_can_be_is_refused_before_it_is_read(server_keys):
    with pytest.raises(receipt.BadReceipt, match="longer"):
        receipt.verify(bytes(receipt.MAX_RECEIPT + 1), server_keys.public, *HERE)


def test_longest_receipt_there_can_be_is_read(server_keys):
    most = receipt.Receipt(
        DistrictId("d" * 63), Origin("k" * 63), 2**31 - 1, 2**62 - 1, 2**62 - 1, 2**62 - 1, bytes(32), 2**62 - 1,
        ((2**62 - 1, 2**62 - 1),) * receipt.MAX_HELD,
    )  # fmt: skip
    signed = receipt.sign(most, server_keys)
    assert receipt.verify(signed, server_keys.public, most.district, most.origin, most.epoch) == most
