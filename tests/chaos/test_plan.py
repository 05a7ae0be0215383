"""The plan of a run: enough kills of every kind, the same for the same seed, server and broker alone at the restore."""

import random
from collections import Counter

import pytest

from tests.chaos import plan
from tests.chaos.district import KIOSKS

TEN_MINUTES = 600.0


@pytest.mark.parametrize("seed", range(20))
def test_ten_minutes_hold_a_hundred_kills_and_thirty_of_each_part(seed):
    kills = plan.kills(random.Random(seed), TEN_MINUTES, KIOSKS)
    parts = Counter("kiosk" if kill.part in KIOSKS else kill.part for kill in kills)
    assert len(kills) >= 110
    assert min(parts.values()) >= 36
    assert sum(kill.before_receipt for kill in kills) >= 28
    assert {kill.part for kill in kills} == {*KIOSKS, plan.BROKER, plan.SERVER}


@pytest.mark.parametrize("seconds", [60.0, TEN_MINUTES])
def test_server_and_broker_are_left_alone_around_the_restore(seconds):
    kills = plan.kills(random.Random(3), seconds, KIOSKS)
    near = [kill for kill in kills if abs(kill.at - seconds * plan.RESTORE_AT) < plan.CALM_S / 2]
    assert {kill.part for kill in near} <= set(KIOSKS)


def test_one_minute_holds_every_kind_of_kill():
    kills = plan.kills(random.Random(1), 60.0, KIOSKS)
    assert {"kiosk" if kill.part in KIOSKS else kill.part for kill in kills} == {"kiosk", "broker", "server"}
    assert sum(kill.before_receipt for kill in kills) >= 1


def test_same_seed_is_the_same_plan():
    assert plan.kills(random.Random(5), 60.0, KIOSKS) == plan.kills(random.Random(5), 60.0, KIOSKS)
    assert plan.kills(random.Random(5), 60.0, KIOSKS) != plan.kills(random.Random(6), 60.0, KIOSKS)
