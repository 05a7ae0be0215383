from collections.abc import Iterator

import pytest

from tests.contract.running_tpm import RunningTpm


@pytest.fixture
def tpm(tmp_path) -> Iterator[RunningTpm]:
    started = RunningTpm(tmp_path / "tpm")
    yield started
    started.cut_power()
