"""Everything that can happen at a centre: one typed struct each, one tagged union, a schema version.

An `Event` is the envelope: who, where, when, on which kind of device. Its `body` is one of the structs below. Events
carry person ids only; who a person is travels as a `PersonRecord`, which the server keeps in its vault and of which
the log keeps only that it came.

To add a kind of event: write its struct, add it to `Body`. To change one: raise `SCHEMA` and teach the reader the old
form.
"""

import secrets
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, get_args

import msgspec
from msgspec import Meta

from anganwadi.ids import CentreId, Grams, PersonId, WorkerId
from anganwadi.malformed import MALFORMED
from anganwadi.people import Line, Person
from anganwadi.verification import AttestationReason, Rung

SCHEMA = 1
"""Version of the events below."""

SALT_BYTES = 16
"""Random bytes in every event, so that the chain's hash of it betrays nothing of its content."""


YEARS = range(2000, 2100)
"""Years in which an event can have happened; a clock elsewhere is broken."""

# What a device may say is bounded, so that a broken or hostile one can neither fill the vault nor stop a reader.
Who = Annotated[PersonId, Meta(min_length=1, max_length=40)]
Weight = Annotated[Grams, Meta(ge=1, le=500_000)]
ZScore = Annotated[float, Meta(ge=-100, le=100)]
Cosine = Annotated[float, Meta(ge=-1.001, le=1.001)]
Count = Annotated[int, Meta(ge=0, le=10_000)]


class WeightSource(StrEnum):
    SCALE = "scale"
    MANUAL = "manual"


class Meal(StrEnum):
    MORNING_SNACK = "MORNING_SNACK"
    HOT_COOKED_MEAL = "HCM"


class ConsentPurpose(StrEnum):
    FACE = "face"


class CentreOpened(msgspec.Struct, frozen=True, tag="centre_opened"):
    """The centre opened for the day."""

    day: date


class CentreClosed(msgspec.Struct, frozen=True, tag="centre_closed"):
    """The centre closed for the day."""

    day: date


class AttendanceMarked(msgspec.Struct, frozen=True, tag="attendance"):
    """A child was marked present or, if a tap was wrong, absent again. The last mark of a day holds."""

    day: date
    person_id: Who
    present: bool


class MealServed(msgspec.Struct, frozen=True, tag="meal_served"):
    """A meal was served to `count` children."""

    day: date
    meal: Meal
    count: Count


class Weighed(msgspec.Struct, frozen=True, kw_only=True, tag="weighed"):
    """A child's weight. `readings` are the stable readings it was taken from; z-scores to two decimals, if computable.

    `reason` is set where the weight was typed in by hand.
    """

    day: date
    person_id: Who
    grams: Weight
    source: WeightSource
    readings: Annotated[tuple[Weight, ...], Meta(max_length=20)] = ()
    device: Line | None = None
    firmware: Line | None = None
    calibrated: date | None = None
    reason: Line | None = None
    waz: ZScore | None = None
    weight_class: Line | None = None


class ConsentGiven(msgspec.Struct, frozen=True, tag="consent_given"):
    """A person consented to `purpose` after the notice `notice` was read to her in `language`."""

    person_id: Who
    purpose: ConsentPurpose
    notice: Line
    language: Line


class ConsentWithdrawn(msgspec.Struct, frozen=True, tag="consent_withdrawn"):
    """A person withdrew her consent to `purpose`; what was kept under it is erased."""

    person_id: Who
    purpose: ConsentPurpose


class FaceEnrolled(msgspec.Struct, frozen=True, tag="face_enrolled"):
    """A face was enrolled from `frames` frames with `model`. The template travels apart, as a `PersonRecord`."""

    person_id: Who
    model: Line
    frames: Count


class FaceNotMatched(msgspec.Struct, frozen=True, kw_only=True, tag="face_not_matched"):
    """A face was shown for `person_id` and not accepted: below the threshold, or not usable (`hint` says why)."""

    day: date
    person_id: Who
    rung: Rung
    threshold: Cosine
    score: Cosine | None = None
    hint: Line | None = None


class RationCollected(msgspec.Struct, frozen=True, kw_only=True, tag="ration_collected"):
    """A take-home ration was handed out, on the evidence of `rung`."""

    day: date
    person_id: Who
    collected_by: Who
    rung: Rung
    services: Annotated[tuple[Line, ...], Meta(max_length=20)]
    days_covered: Annotated[int, Meta(ge=1, le=366)]
    cycle: Line
    score: Cosine | None = None
    threshold: Cosine | None = None
    reason: AttestationReason | None = None
    witness: Line | None = None


class RationRefused(msgspec.Struct, frozen=True, tag="ration_refused"):
    """Someone came for a ration and left without it: a first-class event, owed an explanation and a grievance."""

    day: date
    person_id: Who
    reason: Line


class FaceTemplateRecord(msgspec.Struct, frozen=True, tag="template"):
    """An enrolled face: float16 little-endian vectors, one after the other, of `model`."""

    model: Line
    vectors: Annotated[bytes, Meta(max_length=8192)]

    def __repr__(self) -> str:
        return f"FaceTemplateRecord(model={self.model!r}, vectors=<hidden>)"


class PersonRecord(msgspec.Struct, frozen=True, kw_only=True, tag="person_record"):
    """What identifies a person, on its way into the vault: her registration, or her face template, or its erasure."""

    person_id: Who
    person: Person | None = None
    template: FaceTemplateRecord | None = None
    erase_template: bool = False


Body = (
    CentreOpened
    | CentreClosed
    | AttendanceMarked
    | MealServed
    | Weighed
    | ConsentGiven
    | ConsentWithdrawn
    | FaceEnrolled
    | FaceNotMatched
    | RationCollected
    | RationRefused
    | PersonRecord
)


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened: the envelope around its `body`. `at` is UTC, to the millisecond.

    `simulated` says that a part of the device it came from was simulated; outside a demo district the server does
    not take such an event for true.
    """

    schema: int = SCHEMA
    salt: Annotated[bytes, Meta(min_length=SALT_BYTES, max_length=SALT_BYTES)]
    centre_id: Annotated[CentreId, Meta(max_length=11)]
    worker_id: Annotated[WorkerId, Meta(max_length=40)]
    at: Annotated[datetime, Meta(tz=True)]
    simulated: bool
    body: Body


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Event)


class _Tag(msgspec.Struct):
    type: str


class _Outline(msgspec.Struct):
    schema: int
    body: _Tag


class UnknownEvent(ValueError):
    """An event this version does not know, or whose content is not of its kind's form."""


def new_event(
    body: Body, *, centre_id: CentreId, worker_id: WorkerId, at: datetime, simulated: bool
) -> Event:
    """Put `body` in a fresh envelope, stamped `at` (any zone; kept as UTC to the millisecond)."""
    at = at.astimezone(UTC)
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    return Event(
        salt=secrets.token_bytes(SALT_BYTES),
        centre_id=centre_id,
        worker_id=worker_id,
        at=at,
        simulated=simulated,
        body=body,
    )


def event_type(body: Body) -> str:
    """The kind's name, the same on the wire, in tables and in reports: `weighed`, `ration_collected`, ..."""
    return str(body.__struct_config__.tag)


EVENT_TYPES: tuple[str, ...] = tuple(str(kind.__struct_config__.tag) for kind in get_args(Body))


def encode(event: Event) -> bytes:
    """The event's bytes, as they are hashed, sealed and stored."""
    return _encoder.encode(event)


def decode(raw: bytes | msgspec.Raw) -> Event:
    """Read one event.

    Raises:
        UnknownEvent: its type is not known here, its schema is newer, or its content is malformed.
    """
    try:
        outline = msgspec.msgpack.decode(raw, type=_Outline)
        if outline.schema > SCHEMA:
            raise UnknownEvent(f"event schema {outline.schema} is newer than {SCHEMA}: update the server")
        if outline.body.type not in EVENT_TYPES:
            raise UnknownEvent("event type is not known here: update the server")
        event = _decoder.decode(raw)
    except MALFORMED as error:
        raise UnknownEvent(f"malformed event: {error}") from error
    if event.at.astimezone(UTC).year not in YEARS:
        raise UnknownEvent("an event at an impossible time")
    return event
