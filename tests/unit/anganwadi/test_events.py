from datetime import UTC, date, datetime
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anganwadi import events
from anganwadi.ids import CentreId, Grams, PersonId, WorkerId
from tests.unit.anganwadi.within_bounds import values

AT = datetime(2026, 11, 21, 4, 30, 0, 123456, tzinfo=UTC)


def wrap(body: events.Body) -> events.Event:
    return events.new_event(
        body, centre_id=CentreId("09123456701"), worker_id=WorkerId("w-1"), at=AT, simulated=False
    )


@pytest.mark.parametrize("kind", get_args(events.Body), ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=40)
def test_every_event_reads_back_as_it_was_written(kind, data):
    event = msgspec.structs.replace(
        wrap(data.draw(values(kind))),
        proof=data.draw(st.sampled_from(events.Proof)),
        simulated=data.draw(st.booleans()),
    )
    assert events.decode(events.encode(event)) == event


@given(st.binary(max_size=300))
def test_garbage_is_an_unknown_event_and_never_another_error(garbage):
    with pytest.raises(events.UnknownEvent):
        events.decode(garbage)


def test_event_of_a_newer_schema_or_unknown_type_says_so():
    newer = msgspec.structs.replace(wrap(events.CentreOpened(date(2026, 11, 21))), schema=events.SCHEMA + 1)
    with pytest.raises(events.UnknownEvent, match="newer"):
        events.decode(events.encode(newer))
    unknown = msgspec.to_builtins(wrap(events.CentreOpened(date(2026, 11, 21))))
    unknown["body"]["type"] = "danced"
    with pytest.raises(events.UnknownEvent, match="not known"):
        events.decode(msgspec.msgpack.encode(unknown))


def test_two_equal_events_have_different_bytes_so_a_hash_betrays_nothing():
    opened = events.CentreOpened(date(2026, 11, 21))
    assert events.encode(wrap(opened)) != events.encode(wrap(opened))


def test_time_is_kept_in_utc_to_the_millisecond():
    assert wrap(events.CentreOpened(date(2026, 11, 21))).at == AT.replace(microsecond=123000)


def test_template_does_not_show_itself():
    template = events.FaceTemplateRecord("mobilefacenet", b"secret-vector")
    record = wrap(events.PersonRecord(person_id=PersonId("p-1"), template=template))
    assert "secret" not in repr(record) + str(template) + f"{record.body!r}"


@pytest.mark.parametrize(
    "body",
    [
        events.MealServed(date(2026, 11, 21), events.Meal.HOT_COOKED_MEAL, 2**40),
        events.Weighed(
            day=date(2026, 11, 21),
            person_id=PersonId("p-1"),
            grams=Grams(0),
            source=events.WeightSource.SCALE,
        ),
        events.PersonRecord(person_id=PersonId("p-1"), template=events.FaceTemplateRecord("m", bytes(9000))),
        events.ConsentGiven(PersonId("p" * 41), events.ConsentPurpose.FACE, "face-1", "hi"),
    ],
    ids=["count", "weight", "template", "person id"],
)
def test_event_with_a_value_out_of_bounds_is_not_taken(body):
    with pytest.raises(events.UnknownEvent):
        events.decode(events.encode(wrap(body)))


def test_event_at_an_impossible_time_is_not_taken():
    happened = msgspec.structs.replace(
        wrap(events.CentreOpened(date(1, 1, 1))), at=datetime(1970, 1, 1, tzinfo=UTC)
    )
    with pytest.raises(events.UnknownEvent, match="impossible time"):
        events.decode(events.encode(happened))
