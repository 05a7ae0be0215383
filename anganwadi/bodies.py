"""What can happen at a centre, or be decided for it: one typed struct each; `anganwadi.events` puts an envelope around.

Events carry person ids only. Two kinds carry who a person is, `IDENTIFYING`: the server keeps their content in its
vault, and in the log only that they came.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from anganwadi.anthropometry import CareDecided, Measured, Weighed
from anganwadi.bounds import Code, Cosine, Count, Measure, Milliseconds, Who
from anganwadi.ids import Origin
from anganwadi.people import Line, Person
from anganwadi.verification import AttestationReason, Light, Rung


class Meal(StrEnum):
    MORNING_SNACK = "MORNING_SNACK"
    HOT_COOKED_MEAL = "HCM"


class GrievanceOutcome(StrEnum):
    """What came of a refused ration, as the district office found it."""

    SERVED_LATER = "served_later"
    NOT_ENTITLED = "not_entitled"
    """Who came was not the beneficiary, and nobody who may collect for her."""
    UNREACHABLE = "unreachable"
    OTHER = "other"


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
    """A face was enrolled from `frames` frames with `model`. The template travels apart, as a `PersonRecord`.

    `looked_like` are others of the centre whose enrolled faces resemble it; the worker saw their names and went on.
    """

    person_id: Who
    model: Line
    frames: Count
    looked_like: Annotated[tuple[Who, ...], Meta(max_length=20)] = ()


class FaceLook(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was measured when a face was looked at, and nothing that shows it.

    `model` made the score, `calibration` names the version of its threshold. Of the best picture: the face's width in
    pixels, its brightness and contrast in levels of 255, its sharpness (variance of the Laplacian), how far it was
    turned (-1 to 1), how much of it was covered (0 to 1), and the light. `challenge` are the moves that were asked for,
    `live` whether she did them (None: none were asked), `why_not` what went wrong; `flags` are passive signs of a
    picture of a picture, which never decide. `machine_ms` is what the kiosk needed, `challenge_ms` what her moves took.
    """

    model: Line
    calibration: Line
    width: Measure | None = None
    brightness: Measure | None = None
    contrast: Measure | None = None
    sharpness: Measure | None = None
    turn: Measure | None = None
    covered: Measure | None = None
    light: Light | None = None
    challenge: Annotated[tuple[Code, ...], Meta(max_length=8)] = ()
    live: bool | None = None
    why_not: Code | None = None
    flags: Annotated[tuple[Code, ...], Meta(max_length=16)] = ()
    challenge_ms: Milliseconds = 0
    machine_ms: Milliseconds = 0


class FaceNotMatched(msgspec.Struct, frozen=True, kw_only=True, tag="face_not_matched"):
    """A face was shown for `person_id` and not accepted: below the threshold, not usable (`hint` says why), or no live
    face (`look`)."""

    day: date
    person_id: Who
    rung: Rung
    threshold: Cosine
    score: Cosine | None = None
    hint: Line | None = None
    look: FaceLook | None = None


class RationCollected(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="ration_collected"):
    """A take-home ration was handed out, on the evidence of `rung`.

    `look` is what the accepted face was taken from; `tries` counts the kinds of evidence asked for before, and
    `serve_ms` is the time from tapping her name to this. `acknowledged` says that she was told in her language what
    she receives, and agreed; None where that was not asked.
    """

    day: date
    person_id: Who
    collected_by: Who
    rung: Rung
    services: Annotated[tuple[Line, ...], Meta(max_length=20)]
    days_covered: Annotated[int, Meta(ge=1, le=366)]
    cycle: Annotated[str, Meta(max_length=20)]
    score: Cosine | None = None
    threshold: Cosine | None = None
    reason: AttestationReason | None = None
    witness: Line | None = None
    look: FaceLook | None = None
    tries: Count = 0
    serve_ms: Milliseconds | None = None
    acknowledged: bool | None = None


class DoorstepListed(msgspec.Struct, frozen=True, tag="doorstep_listed"):
    """Somebody who cannot come is to have her ration brought home; `listed` False takes her off the list again."""

    day: date
    person_id: Who
    reason: Line
    listed: bool = True


class HeadCounted(msgspec.Struct, frozen=True, tag="head_counted"):
    """A group picture, not kept, showed `counted` faces while `marked` children were tapped as present."""

    day: date
    counted: Count
    marked: Count


class RationRefused(msgspec.Struct, frozen=True, tag="ration_refused"):
    """Someone came for a ration and left without it: a first-class event, owed an explanation and a grievance."""

    day: date
    person_id: Who
    reason: Line


class FaceTemplateRecord(msgspec.Struct, frozen=True, tag="template"):
    """An enrolled face: float16 little-endian vectors, one after the other, of `model`, turned by the centre's secret
    rotation number `rotation` (0: not turned)."""

    model: Line
    vectors: Annotated[bytes, Meta(max_length=8192)]
    rotation: Annotated[int, Meta(ge=0, lt=2**31)] = 0

    def __repr__(self) -> str:
        return f"FaceTemplateRecord(model={self.model!r}, vectors=<hidden>)"


class PersonRecord(msgspec.Struct, frozen=True, kw_only=True, tag="person_record"):
    """What identifies a person, on its way into the vault: her registration, or her face template, or its erasure."""

    person_id: Who
    person: Person | None = None
    template: FaceTemplateRecord | None = None
    erase_template: bool = False


class PersonErased(msgspec.Struct, frozen=True, tag="person_erased"):
    """The server erased a person from its vault; `reason` says on whose word. No kiosk keeps her any longer."""

    person_id: Who
    reason: Line


class RationWithoutRoster(msgspec.Struct, frozen=True, kw_only=True, tag="ration_without_roster"):
    """A ration handed out while nobody was logged in and the roster was sealed: to the holder of `card`, or to the
    woman `described`, vouched for with `reason` before `witness`. The server finds out who she is."""

    day: date
    days_covered: Annotated[int, Meta(ge=1, le=366)]
    card: Line | None = None
    described: Line | None = None
    reason: AttestationReason | None = None
    witness: Line | None = None

    def __repr__(self) -> str:
        return "RationWithoutRoster(<hidden>)"


class MessageSeen(msgspec.Struct, frozen=True, tag="message_seen"):
    """The worker read the message `message_id` on the kiosk's screen."""

    message_id: Annotated[str, Meta(min_length=1, max_length=40)]


class QuarantineReleased(msgspec.Struct, frozen=True, kw_only=True, tag="quarantine_released"):
    """The server took an event out of quarantine: `raw` are the bytes `origin` sent at this place of its chain."""

    origin: Annotated[Origin, Meta(max_length=63)]
    epoch: Annotated[int, Meta(ge=1, lt=2**31)]
    sequence: Annotated[int, Meta(ge=1, lt=2**62)]
    raw: Annotated[bytes, Meta(max_length=1 << 20)]

    def __repr__(self) -> str:
        return f"QuarantineReleased(origin={self.origin!r}, epoch={self.epoch}, sequence={self.sequence}, raw=<hidden>)"


class GrievanceHandled(msgspec.Struct, frozen=True, kw_only=True, tag="grievance_handled"):
    """The office closed the grievance that a refused ration of `person_id` had opened: the refusal at this place of
    the log. `note` is for what no outcome says, without names: it stays in the log."""

    origin: Annotated[Origin, Meta(max_length=63)]
    epoch: Annotated[int, Meta(ge=1, lt=2**31)]
    sequence: Annotated[int, Meta(ge=1, lt=2**62)]
    person_id: Who
    outcome: GrievanceOutcome
    note: Line | None = None


SERVER_ONLY = (PersonErased, QuarantineReleased, GrievanceHandled)
"""What only the district's server may say."""

IDENTIFYING = (PersonRecord, RationWithoutRoster)
"""What says who a person is; its content never enters the log."""

Body = (
    CentreOpened
    | CentreClosed
    | AttendanceMarked
    | MealServed
    | Weighed
    | Measured
    | CareDecided
    | ConsentGiven
    | ConsentWithdrawn
    | FaceEnrolled
    | FaceNotMatched
    | RationCollected
    | RationRefused
    | DoorstepListed
    | HeadCounted
    | PersonRecord
    | PersonErased
    | RationWithoutRoster
    | MessageSeen
    | QuarantineReleased
    | GrievanceHandled
)
