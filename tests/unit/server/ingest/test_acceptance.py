"""A frame on its way into the log: whose it is, where it stands in its chain, what it says."""

import msgspec
import sqlalchemy as sa

from anganwadi import events
from anganwadi.ids import Origin
from anganwadi.wire import chain, topics
from anganwadi.wire.keys import PrivateKeys
from server.storage import origins, tables
from server.storage.engine import writing
from server.storage.log import QUARANTINED
from tests.unit.server.ingest_district import CENTRE, DAY, DISTRICT, KIOSK, Pen


def test_events_are_stored_in_order_and_the_receipt_moves_on(ingest, pen):
    receipted = ingest.take(pen.frame(pen.attendance(3)))
    assert (receipted.stored_through, receipted.chain_head) == (3, pen.head)
    assert ingest.sequences() == [(1, "attendance"), (2, "attendance"), (3, "attendance")]


def test_frame_sent_twice_is_stored_once_and_receipted_again(ingest, pen):
    sent = pen.frame(pen.attendance(2))
    assert ingest.through(sent) == 2
    assert ingest.through(sent) == 2
    assert ingest.through(sent, sent) == 2
    assert ingest.counts() == {"attendance": 2}


def test_frames_of_one_group_stand_behind_each_other_and_are_receipted_once(ingest, pen):
    sent = pen.frames(2, 3, 4)
    assert ingest.through(sent[0], sent[0], *sent) == 9
    assert [sequence for sequence, _ in ingest.sequences()] == list(range(1, 10))
    assert (len(ingest.published), ingest.acknowledged) == (1, 5)


def test_batch_over_singles_already_stored_adds_only_what_is_new(ingest, pen):
    before, raws = pen.head, pen.attendance(3)
    ingest.take(pen.at(1, before, raws[:1]))
    assert ingest.through(pen.frame(raws)) == 3
    assert ingest.counts() == {"attendance": 3}


def test_batch_over_singles_of_the_same_group_adds_only_what_is_new(ingest, pen):
    before, raws = pen.head, pen.attendance(3)
    single = pen.at(1, before, raws[:1])
    assert ingest.through(single, pen.frame(raws)) == 3
    assert ingest.counts() == {"attendance": 3}


def test_device_nobody_enrolled_is_refused(ingest, pen):
    assert ingest.take(pen.frame(pen.attendance(1), epoch=2)) is None
    assert "enrolled" in ingest.reasons()[0]


def test_frame_of_another_device_key_is_refused(ingest, server_keys):
    forger = Pen(server_keys, PrivateKeys.generate())
    assert ingest.take(forger.frame(forger.attendance(1))) is None
    assert "signature" in ingest.reasons()[0]
    assert ingest.rows(tables.quarantine)[0].frame is None


def test_frame_on_another_devices_topic_is_refused(ingest, pen):
    assert (
        ingest.take(pen.frame(pen.attendance(1)), topic=topics.up(DISTRICT, Origin("kiosk-b"), "frame"))
        is None
    )
    assert "topic" in ingest.reasons()[0]


def test_nothing_of_the_servers_own_chain_comes_from_outside(ingest, server_keys):
    forger = Pen(server_keys, server_keys)
    payload = forger.frame(forger.attendance(1), origin=Origin("server"))
    assert ingest.take(payload, topic=topics.up(DISTRICT, Origin("server"), "frame")) is None
    assert "server's own" in ingest.reasons()[0]


def test_device_enrolled_anew_under_its_name_is_known_without_a_restart(ingest, pen, server_keys, database):
    ingest.take(*pen.frames(1))
    anew = PrivateKeys.generate()
    with writing(database) as connection:
        connection.execute(
            sa.update(tables.origins)
            .where(tables.origins.c.origin == KIOSK)
            .values(
                verify_key=anew.public.verify, stored_through=0, chain_head=chain.genesis(DISTRICT, KIOSK, 1)
            )
        )
        connection.execute(sa.delete(tables.events))
    second = Pen(server_keys, anew)
    assert ingest.through(*second.frames(2)) == 2


def test_retired_device_is_refused_with_that_reason_and_not_receipted(ingest, pen, database):
    first, second = pen.frames(1, 1)
    ingest.take(first)
    with writing(database) as connection:
        connection.execute(
            sa.update(tables.origins).where(tables.origins.c.origin == KIOSK).values(retired_ms=5)
        )
    assert ingest.take(second) is None
    assert ingest.counts() == {"attendance": 1}
    assert "retired" in ingest.reasons()[0]
    assert ingest.rows(tables.quarantine)[0].frame == second


def test_new_epoch_is_a_chain_of_its_own(ingest, pen, device_keys, database):
    ingest.take(*pen.frames(2))
    with writing(database) as connection:
        origins.register(connection, DISTRICT, KIOSK, 2, CENTRE, device_keys.public)
    payload = pen.at(1, chain.genesis(DISTRICT, KIOSK, 2), pen.attendance(1), epoch=2)
    ingest.take(payload, epoch=2)
    assert ingest.reasons() == []
    assert ingest.counts() == {"attendance": 3}


# --- forks --------------------------------------------------------------------------------------------------------


def test_other_event_at_a_stored_place_is_a_fork_and_the_stored_chain_stays(ingest, pen):
    start = pen.head
    ingest.take(pen.frame(pen.attendance(2)))
    forked = pen.at(1, start, pen.attendance(2))
    receipted = ingest.take(forked, forked)
    assert (receipted.stored_through, receipted.chain_head) == (2, pen.head)
    (kept,) = ingest.rows(tables.quarantine)
    assert (kept.alarm, kept.frame) == (True, forked)
    assert "fork" in kept.reason
    assert ingest.through(*pen.frames(1)) == 3


def test_fork_within_one_group_is_seen(ingest, pen):
    start, raws = pen.head, pen.attendance(2)
    forked = pen.at(1, start, pen.attendance(3))
    assert ingest.through(pen.frame(raws), forked) == 2
    assert ["fork" in reason for reason in ingest.reasons()] == [True]


def test_chain_that_does_not_continue_what_is_stored_is_a_fork(ingest, pen):
    ingest.take(pen.frame(pen.attendance(1)))
    assert ingest.through(pen.at(2, chain.event_hash(b"another past"), pen.attendance(1))) == 1
    assert "fork" in ingest.reasons()[0]


def test_batch_whose_past_is_another_than_the_stored_one_is_a_fork(ingest, pen):
    raws = pen.attendance(2)
    ingest.take(pen.frame(raws[:1]))
    assert ingest.through(pen.at(1, chain.event_hash(b"another past"), raws)) == 1
    assert "fork" in ingest.reasons()[0]


# --- frames that nobody can open ----------------------------------------------------------------------------------


def test_frame_sealed_to_another_key_waits_in_quarantine_and_gives_up_its_place_to_the_next(ingest, pen):
    lost = pen.frame(pen.attendance(2), to=PrivateKeys.generate())
    assert ingest.through(lost, lost) == 0
    assert [row.frame for row in ingest.rows(tables.quarantine)] == [lost]
    assert "key" in ingest.reasons()[0]
    receipted = ingest.take(*pen.frames(1))
    assert (receipted.stored_through, receipted.chain_head) == (3, pen.head)
    assert ingest.sequences() == [(1, QUARANTINED), (2, QUARANTINED), (3, "attendance")]
    assert ingest.through(lost) == 3


def test_places_are_given_up_only_to_frames_that_nobody_can_open(ingest, pen):
    lost = pen.frame(pen.attendance(2), to=PrivateKeys.generate())
    pen.frames(1)
    receipted = ingest.take(lost, *pen.frames(1))
    assert (receipted.stored_through, receipted.held) == (0, ((4, 4),))


def test_frame_of_malformed_content_gives_up_its_place_as_well(ingest, pen):
    broken = pen.frame([b"\xc1"])
    assert ingest.through(broken, *pen.frames(1)) == 2
    assert ingest.sequences() == [(1, QUARANTINED), (2, "attendance")]


def test_several_such_frames_in_any_order_give_up_their_places(ingest, pen):
    elsewhere = PrivateKeys.generate()
    first = pen.frame(pen.attendance(2), to=elsewhere)
    second = pen.frame(pen.attendance(1), to=elsewhere)
    third = pen.frame(pen.attendance(1))
    assert ingest.through(third) == 0
    assert ingest.through(second) == 0
    assert ingest.through(first) == 4
    assert [kind for _, kind in ingest.sequences()] == [QUARANTINED] * 3 + ["attendance"]


# --- what is said -------------------------------------------------------------------------------------------------


def test_unknown_event_is_quarantined_alone_and_keeps_its_place(ingest, pen):
    good = pen.attendance(2)
    strange = msgspec.msgpack.encode({"schema": 2, "body": {"type": "danced", "person_id": "p-7"}})
    receipted = ingest.take(pen.frame([good[0], strange, good[1]]))
    assert (receipted.stored_through, receipted.chain_head) == (3, pen.head)
    assert ingest.counts() == {"attendance": 2, QUARANTINED: 1}
    (kept,) = ingest.rows(tables.quarantine)
    assert (kept.sequence, kept.frame, kept.person_id) == (2, strange, "p-7")


def test_kept_place_of_a_quarantined_event_still_tells_a_duplicate_from_a_fork(ingest, pen):
    start = pen.head
    sent = pen.frame([pen.raw(events.CentreOpened(DAY), simulated=True)])
    ingest.take(sent)
    assert ingest.through(sent) == 1
    assert len(ingest.reasons()) == 1
    ingest.take(pen.at(1, start, pen.attendance(1)))
    assert "fork" in ingest.reasons()[-1]
