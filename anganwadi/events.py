"""An event: the envelope around one of `anganwadi.bodies`, and its bytes.

To add a kind of event: write its struct in `bodies`, add it to `Body`. To change one: raise `SCHEMA` and teach
`anganwadi.upcasting` to read the old form.
"""

import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, get_args

import msgspec
from msgspec import Meta

from anganwadi import upcasting
from anganwadi.anthropometry import CareDecided, Measured, Weighed, WeightSource
from anganwadi.bodies import (
    IDENTIFYING,
    SERVER_ONLY,
    AttendanceMarked,
    Body,
    CentreClosed,
    CentreOpened,
    ConsentGiven,
    ConsentPurpose,
    ConsentWithdrawn,
    DoorstepListed,
    FaceEnrolled,
    FaceLook,
    FaceNotMatched,
    FaceTemplateRecord,
    GrievanceHandled,
    GrievanceOutcome,
    HeadCounted,
    Meal,
    MealServed,
    MessageSeen,
    PersonErased,
    PersonRecord,
    QuarantineReleased,
    RationCollected,
    RationRefused,
    RationWithoutRoster,
)
from anganwadi.ids import CentreId, WorkerId
from anganwadi.malformed import MALFORMED

__all__ = [
    "EVENT_TYPES",
    "IDENTIFYING",
    "SALT_BYTES",
    "SCHEMA",
    "SERVER_ONLY",
    "YEARS",
    "AttendanceMarked",
    "Body",
    "CareDecided",
    "CentreClosed",
    "CentreOpened",
    "ConsentGiven",
    "ConsentPurpose",
    "ConsentWithdrawn",
    "DoorstepListed",
    "Event",
    "FaceEnrolled",
    "FaceLook",
    "FaceNotMatched",
    "FaceTemplateRecord",
    "GrievanceHandled",
    "GrievanceOutcome",
    "HeadCounted",
    "Meal",
    "MealServed",
    "Measured",
    "MessageSeen",
    "PersonErased",
    "PersonRecord",
    "Proof",
    "QuarantineReleased",
    "RationCollected",
    "RationRefused",
    "RationWithoutRoster",
    "UnknownEvent",
    "Weighed",
    "WeightSource",
    "decode",
    "encode",
    "event_type",
    "new_event",
]

SCHEMA = upcasting.NEWEST
"""Version of the events, envelope and bodies together."""

SALT_BYTES = 16
"""Random bytes in every event, so that the chain's hash of it betrays nothing of its content."""

MAX_UPCAST = 1 << 16
"""Bytes of the largest event of an older schema that is read: as a plain tree it may take a hundred times its bytes in
memory, and no device ever wrote a larger one."""

YEARS = range(2000, 2100)
"""Years in which an event can have happened; a clock elsewhere is broken."""


class Proof(StrEnum):
    """How the worker named in an event proved who she is: her PIN, checked by the server or by the kiosk's TPM; or not
    at all, where nobody was logged in. The frame's signature proves the device, never the worker."""

    SERVER = "server"
    TPM = "tpm"
    NONE = "none"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened: the envelope around its `body`. `at` is UTC, to the millisecond.

    `simulated` says that a part of the device it came from was simulated; outside a demo district the server does
    not take such an event for true.
    """

    schema: int = SCHEMA
    salt: Annotated[bytes, Meta(min_length=SALT_BYTES, max_length=SALT_BYTES)]
    centre_id: Annotated[CentreId, Meta(max_length=11)]
    worker_id: Annotated[WorkerId, Meta(max_length=40)]
    proof: Proof
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
    body: Body,
    *,
    centre_id: CentreId,
    worker_id: WorkerId,
    at: datetime,
    simulated: bool,
    proof: Proof = Proof.SERVER,
) -> Event:
    """Put `body` in a fresh envelope, stamped `at` (any zone; kept as UTC to the millisecond)."""
    at = at.astimezone(UTC)
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    return Event(
        salt=secrets.token_bytes(SALT_BYTES),
        centre_id=centre_id,
        worker_id=worker_id,
        proof=proof,
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
    """Read one event, of this schema or an older one.

    Raises:
        UnknownEvent: its type is not known here, its schema is newer, or its content is malformed.
    """
    try:
        event = _decoder.decode(raw)
        if event.schema != SCHEMA:
            event = _decode_slowly(raw)
    except MALFORMED:
        event = _decode_slowly(raw)
    at = event.at if event.at.tzinfo is UTC else event.at.astimezone(UTC)
    if at.year not in YEARS:
        raise UnknownEvent("an event at an impossible time")
    return event


def _decode_slowly(raw: bytes | msgspec.Raw) -> Event:
    """Read an event of an older schema, or say why it cannot be read."""
    try:
        outline = msgspec.msgpack.decode(raw, type=_Outline)
        if outline.schema > SCHEMA:
            raise UnknownEvent(f"event schema {outline.schema} is newer than {SCHEMA}: update the server")
        if outline.body.type not in EVENT_TYPES:
            raise UnknownEvent("event type is not known here: update the server")
        if outline.schema == SCHEMA:
            return _decoder.decode(raw)
        if memoryview(raw).nbytes > MAX_UPCAST:
            raise UnknownEvent("larger than an event of an older schema can be")
        return msgspec.convert(upcasting.upcast(msgspec.msgpack.decode(raw)), Event)
    except (*MALFORMED, upcasting.TooOld) as error:
        raise UnknownEvent(f"malformed event: {error}") from error
