"""One minute of `make chaos`: every kind of kill, faults on every line, the server restored from a backup half way."""

import pytest

from tests.chaos.storm import ChaosRun

MINUTES, SEED = 1.0, 20261122


@pytest.mark.timeout(420)
def test_a_minute_of_kills_and_a_restore_loses_doubles_and_misplaces_nothing(tmp_path):
    result = ChaosRun(tmp_path, MINUTES, SEED).play()
    assert (result.lost, result.doubled, result.out_of_order, result.quarantined) == (0, 0, 0, 0), result
    assert result.drained, result
    assert result.captured > 100, result
    assert result.restored is not None
    assert result.restored.after < result.restored.before <= result.stored + result.restored.after, result
    kills = result.kills
    assert min(kills.kiosk, kills.broker, kills.server, kills.between_commit_and_receipt) >= 1, result
