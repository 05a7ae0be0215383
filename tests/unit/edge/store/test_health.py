from anganwadi.wire.login import Notice
from edge.store.health import Health


def test_notices_stand_until_they_are_cleared_and_are_told_in_one_order():
    health = Health()
    assert health.notices() == ()
    health.note(Notice.FORKED)
    health.note(Notice.DISK_FULL)
    health.note(Notice.DISK_FULL)
    assert health.notices() == (Notice.DISK_FULL, Notice.FORKED)
    health.clear(Notice.DISK_FULL)
    health.clear(Notice.CLOCK_WRONG)
    assert health.notices() == (Notice.FORKED,)
