"""Events of older schemas are read as the newest; what was signed stays what it was."""

import hashlib
import tracemalloc
from datetime import UTC, date, datetime
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anganwadi import events, upcasting
from anganwadi.bodies import (
    AttendanceMarked,
    CentreOpened,
    MessageSeen,
    PersonErased,
    QuarantineReleased,
    RationWithoutRoster,
)
from anganwadi.events import Event, Proof
from anganwadi.ids import NOBODY, CentreId, Origin, PersonId, WorkerId
from anganwadi.verification import AttestationReason
from anganwadi.wire import chain

AT = datetime(2026, 11, 21, 4, 30, tzinfo=UTC)

OPENED_IN_SCHEMA_1 = b"".join(
    (
        b"\x87",  # a map of 7
        b"\xa6schema\x01",
        b"\xa4salt\xc4\x10" + bytes(range(16)),
        b"\xa9centre_id\xab09123456701",
        b"\xa9worker_id\xa3w-1",
        b"\xa2at\xd6\xff" + int(AT.timestamp()).to_bytes(4, "big"),
        b"\xa9simulated\xc2",
        b"\xa4body\x82\xa4type\xadcentre_opened\xa3day\xaa2026-11-21",
    )
)


def in_schema_1(event: Event) -> bytes:
    tree = msgspec.msgpack.decode(events.encode(event))
    del tree["proof"]
    return msgspec.msgpack.encode({**tree, "schema": 1})


def wrap(body: events.Body, proof: Proof = Proof.SERVER) -> Event:
    return events.new_event(
        body, centre_id=CentreId("09123456701"), worker_id=NOBODY, at=AT, simulated=False, proof=proof
    )


def test_event_of_schema_1_reads_as_one_whose_worker_the_server_knew():
    read = events.decode(OPENED_IN_SCHEMA_1)
    assert read == Event(
        salt=bytes(range(16)),
        centre_id=CentreId("09123456701"),
        worker_id=WorkerId("w-1"),
        proof=Proof.SERVER,
        at=AT,
        simulated=False,
        body=CentreOpened(date(2026, 11, 21)),
    )
    assert read.schema == events.SCHEMA == 2


def test_the_hash_is_that_of_the_bytes_the_device_signed_not_of_what_they_read_as():
    assert chain.event_hash(OPENED_IN_SCHEMA_1) == hashlib.sha256(OPENED_IN_SCHEMA_1).digest()
    assert chain.event_hash(OPENED_IN_SCHEMA_1) != chain.event_hash(
        events.encode(events.decode(OPENED_IN_SCHEMA_1))
    )


@given(st.integers(0, 30), st.booleans())
def test_every_event_of_schema_1_reads_back_with_its_body(person, present):
    event = wrap(AttendanceMarked(date(2026, 11, 21), PersonId(f"p-{person}"), present))
    assert events.decode(in_schema_1(event)) == event


@pytest.mark.parametrize("proof", Proof)
@pytest.mark.parametrize(
    "body",
    [
        PersonErased(PersonId("p-1"), "her own wish"),
        RationWithoutRoster(day=date(2026, 11, 21), days_covered=25, card="3F9K"),
        RationWithoutRoster(
            day=date(2026, 11, 21),
            days_covered=25,
            described="the tall one",
            reason=next(iter(AttestationReason)),
            witness="helper",
        ),
        MessageSeen("m-1"),
        QuarantineReleased(origin=Origin("kiosk-a"), epoch=1, sequence=7, raw=b"\xc0"),
    ],
    ids=["erased", "by card", "described", "seen", "released"],
)
def test_what_schema_2_brought_reads_back_as_it_was_written(body, proof):
    event = wrap(body, proof)
    assert events.decode(events.encode(event)) == event


def test_every_kind_of_body_has_a_name_of_its_own():
    assert len(set(events.EVENT_TYPES)) == len(get_args(events.Body))


@pytest.mark.parametrize("schema", [events.SCHEMA + 1, 2**40])
def test_newer_schema_is_an_unknown_event_that_says_update(schema):
    tree = {**msgspec.msgpack.decode(OPENED_IN_SCHEMA_1), "schema": schema}
    with pytest.raises(events.UnknownEvent, match="newer"):
        events.decode(msgspec.msgpack.encode(tree))


@pytest.mark.parametrize("schema", [0, -1])
def test_schema_that_never_was_is_an_unknown_event(schema):
    tree = {**msgspec.msgpack.decode(OPENED_IN_SCHEMA_1), "schema": schema}
    with pytest.raises(events.UnknownEvent, match="not one that was ever used"):
        events.decode(msgspec.msgpack.encode(tree))


def test_unknown_type_in_an_old_schema_is_an_unknown_event():
    tree = msgspec.msgpack.decode(OPENED_IN_SCHEMA_1)
    tree["body"]["type"] = "danced"
    with pytest.raises(events.UnknownEvent, match="not known"):
        events.decode(msgspec.msgpack.encode(tree))


@pytest.mark.parametrize("missing", ["salt", "centre_id", "worker_id", "at", "simulated"])
def test_old_event_with_something_missing_is_an_unknown_event(missing):
    tree = msgspec.msgpack.decode(OPENED_IN_SCHEMA_1)
    del tree[missing]
    with pytest.raises(events.UnknownEvent, match="malformed"):
        events.decode(msgspec.msgpack.encode(tree))


def test_schema_1_event_out_of_bounds_is_an_unknown_event_too():
    tree = msgspec.msgpack.decode(OPENED_IN_SCHEMA_1)
    tree["centre_id"] = "9" * 12
    with pytest.raises(events.UnknownEvent, match="malformed"):
        events.decode(msgspec.msgpack.encode(tree))


def test_old_event_made_to_fill_the_memory_is_refused_before_it_is_read_as_a_tree():
    bomb = OPENED_IN_SCHEMA_1.replace(b"\x87", b"\x88", 1) + b"\xa1x\xdd\x00\x3f\x00\x00" + b"\x80" * 0x3F0000
    tracemalloc.start()
    with pytest.raises(events.UnknownEvent, match="larger"):
        events.decode(bomb)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_upcasting_changes_no_tree_it_is_given():
    tree = msgspec.msgpack.decode(OPENED_IN_SCHEMA_1)
    before = dict(tree)
    assert upcasting.upcast(tree)["proof"] == "server"
    assert tree == before
