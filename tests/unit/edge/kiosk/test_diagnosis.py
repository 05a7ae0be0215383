"""What `python -m edge check` says."""

import pytest

from edge.kiosk import diagnosis
from edge.store.errors import StoreError
from provisioning.identity import KeysUnsafe


@pytest.mark.parametrize(
    "error", [StoreError("the card"), FileNotFoundError("no keys"), KeysUnsafe("others may read device.keys")]
)
def test_a_kiosk_that_does_not_start_is_a_finding(monkeypatch, error):
    def fail(_):
        raise error

    monkeypatch.setattr(diagnosis, "Kiosk", fail)
    found = diagnosis._link(None, 0)  # type: ignore[arg-type]
    assert (found.works, found.says) == (False, str(error))
