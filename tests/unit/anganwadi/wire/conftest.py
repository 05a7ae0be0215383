from collections.abc import Callable

import pytest

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire import chain, frame
from anganwadi.wire.keys import PrivateKeys


@pytest.fixture(scope="session")
def server_keys() -> PrivateKeys:
    return PrivateKeys.generate()


@pytest.fixture(scope="session")
def device_keys() -> PrivateKeys:
    return PrivateKeys.generate()


@pytest.fixture(scope="session")
def header(server_keys) -> Callable[..., frame.Header]:
    def make(**changes) -> frame.Header:
        fields = {
            "key_id": server_keys.public.seal_id,
            "district": DistrictId("namuna"),
            "origin": Origin("kiosk-a"),
            "epoch": 1,
            "first_sequence": 1,
            "count": 2,
            "chain_before": chain.genesis(DistrictId("namuna"), Origin("kiosk-a"), 1),
            "clock": frame.Clock(1_700_000_000_000, 5000, bytes(16), "ntp"),
        }
        return frame.Header(**{**fields, **changes})

    return make
