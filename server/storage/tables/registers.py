"""Projections of the log: they can be thrown away and made again from it."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, String, Table, Text

from server.storage.tables.base import district_column, metadata


def _of_an_event() -> tuple[Column, ...]:
    """What every register with a row for each event has: the event's place, where and when it was, about whom."""
    return (
        Column("origin", String(63), primary_key=True),
        Column("epoch", Integer, primary_key=True),
        Column("sequence", BigInteger, primary_key=True),
        Column("centre_id", String(11), nullable=False),
        Column("day", String(10), nullable=False),
        Column("at_ms", BigInteger, nullable=False),
        Column("person_id", String(40), nullable=False),
    )


cursors = Table(
    "cursors",
    metadata,
    district_column(),
    Column("projector", String(40), primary_key=True),
    Column("position", BigInteger, nullable=False),
)

centre_days = Table(
    "centre_days",
    metadata,
    district_column(),
    Column("centre_id", String(11), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("opened_ms", BigInteger),
    Column("closed_ms", BigInteger),
)

attendance = Table(
    "attendance",
    metadata,
    district_column(),
    Column("centre_id", String(11), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("person_id", String(40), primary_key=True),
    Column("present", Boolean, nullable=False),
)

meals = Table(
    "meals",
    metadata,
    district_column(),
    Column("centre_id", String(11), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("meal", String(40), primary_key=True),
    Column("served", Integer, nullable=False),
)

weighings = Table(
    "weighings",
    metadata,
    district_column(),
    *_of_an_event(),
    Column("grams", Integer, nullable=False),
    Column("source", String(20), nullable=False),
    Column("waz", Float),
    Column("weight_class", String(40)),
    Column("flagged", Boolean),  # implausible for the age
    Column("confirmed", Boolean),  # implausible beside the last weight, and this child's all the same
    Column("way", String(20)),
    Column("spread", Integer),  # grams between the lightest and the heaviest reading
    Column("uncertainty", Integer),  # grams
    Column("device", Text),  # the scale's own number
    Column("reason", Text),  # why it was typed in
    Index("weighings_by_centre_day", "district_id", "centre_id", "day"),
    Index("weighings_by_person", "district_id", "person_id"),
)

measurings = Table(
    "measurings",
    metadata,
    district_column(),
    *_of_an_event(),
    Column("length", Integer),  # mm
    Column("position", String(1)),
    Column("muac", Integer),  # mm
    Column("oedema", Boolean),  # null: nobody looked
    Column("haz", Float),
    Column("whz", Float),
    Column("baz", Float),
    Column("stunting", String(40)),
    Column("wasting", String(40)),
    Column("flagged", Text, nullable=False),  # JSON list of the implausible z-scores
    Column("confirmed", Boolean, nullable=False),
    Index("measurings_by_centre_day", "district_id", "centre_id", "day"),
    Index("measurings_by_person", "district_id", "person_id"),
)

care = Table(
    "care",
    metadata,
    district_column(),
    *_of_an_event(),
    Column("step", String(40), nullable=False),  # "none": care ended
    Column("acute", String(40)),
    Column("underweight", String(40)),
    Column("stunting", String(40)),
    Column("faltering", String(40)),
    Column("oedema", Boolean, nullable=False),
    Column("signs", Text, nullable=False),  # JSON list of codes
    Column("appetite", String(40)),
    Column("seen_by", String(10)),
    Column("visits", Text, nullable=False),  # JSON list of days
    Index("care_by_centre_day", "district_id", "centre_id", "day"),
    Index("care_by_person", "district_id", "person_id"),
)

rations = Table(
    "rations",
    metadata,
    district_column(),
    *_of_an_event(),
    Column("collected_by", String(40)),
    Column("rung", String(20)),  # null where the ration was refused
    Column("reason", Text),
    Column("score", Float),
    Column("cycle", String(20)),
    Column("tries", Integer),  # kinds of evidence asked for before
    Column("serve_ms", Integer),  # from tapping her name to this
    Column("draw", Integer),  # 0 to 9,999, drawn by the event's hash: what a sample is taken by
    Index("rations_by_centre_day", "district_id", "centre_id", "day"),
    Index("rations_by_person", "district_id", "person_id"),
)

face_tries = Table(
    "face_tries",
    metadata,
    district_column(),
    *_of_an_event(),  # of the person whose ration it is, whoever showed her face
    Column("rung", String(20), nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("score", Float),
    Column("threshold", Float),
    Column("hint", Text),  # why the picture could not be used
    Column("model", Text),
    Column("calibration", Text),
    Column("light", String(20)),
    Column("live", Boolean),  # null: no moves were asked for
    Column("why_not", String(40)),
    Column("flags", Text),  # JSON list of codes
    Column("challenge_ms", Integer),
    Column("machine_ms", Integer),
    Index("face_tries_by_centre_day", "district_id", "centre_id", "day"),
)

grievances = Table(
    "grievances",
    metadata,
    district_column(),
    *_of_an_event(),  # the refusal: when it was recorded this opened
    Column("reason", Text, nullable=False),
    Index("grievances_by_centre", "district_id", "centre_id"),
)

grievances_handled = Table(
    "grievances_handled",
    metadata,
    district_column(),
    Column("origin", String(63), primary_key=True),  # the grievance's place
    Column("epoch", Integer, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("centre_id", String(11), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("officer_id", String(40), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("note", Text),
)

doorstep = Table(
    "doorstep",
    metadata,
    district_column(),
    *_of_an_event(),
    Column("reason", Text, nullable=False),
    Column("listed", Boolean, nullable=False),  # false: taken off the list again; her last row holds
    Index("doorstep_by_centre", "district_id", "centre_id"),
)

head_counts = Table(
    "head_counts",
    metadata,
    district_column(),
    Column("centre_id", String(11), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("counted", Integer, nullable=False),  # faces in a picture of the group
    Column("marked", Integer, nullable=False),  # children tapped as present then
)

messages_seen = Table(
    "messages_seen",
    metadata,
    district_column(),
    Column("centre_id", String(11), primary_key=True),
    Column("message_id", String(40), primary_key=True),
    Column("seen_ms", BigInteger, nullable=False),
)
