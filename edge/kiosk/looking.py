"""Looking through the camera for a moment: until a picture can be used, or the moment is over."""

import time
from dataclasses import dataclass, field
from typing import Self

from anganwadi.events import FaceTemplateRecord
from edge.face.engine import FaceEngine
from edge.face.enrolment import Enrolment
from edge.face.hints import Hint
from edge.face.matching import Match, verify
from edge.kiosk.face_records import from_record
from edge.kiosk.viewfinder import Viewfinder

ENROL_LOOK_S = 0.8
COMPARE_LOOK_S = 2.5
ENROLLING_S = 60.0
"""How long an enrolment waits for the next look before her consent has to be asked again."""
GOOD_PICTURES = 3
"""Usable pictures compared in one try. They are of one moment, so that three are little more than one chance."""


@dataclass
class Enrolling:
    """An enrolment under way: consent was given, `taken` pictures are there."""

    pictures: Enrolment
    taken: int = 0
    touched: float = field(default_factory=time.monotonic)

    @classmethod
    def begin(cls, engine: FaceEngine, threshold: float) -> Self:
        return cls(Enrolment(engine, threshold))

    @property
    def done(self) -> bool:
        return self.pictures.done

    def is_over(self, now: float) -> bool:
        return now - self.touched > ENROLLING_S


def look_for_enrolment(viewfinder: Viewfinder, enrolling: Enrolling) -> Hint | None:
    """Offer pictures to the enrolment until it takes one. The hint says why it took none; None: it took one, or asks
    only for a moment's patience.

    Raises:
        CameraError: there is no picture.
    """
    enrolling.touched = time.monotonic()
    deadline = enrolling.touched + ENROL_LOOK_S
    sequence = viewfinder.frame().sequence  # what it shows may be a second old: begin with the next
    hint: Hint | None = None
    while True:
        frame = viewfinder.frame(sequence)
        sequence = frame.sequence
        step = enrolling.pictures.take(frame.rgb, frame.at)
        enrolling.taken = step.count
        if step.taken:
            return None
        hint = step.hint or hint
        if time.monotonic() >= deadline:
            return hint


def look_and_compare(
    viewfinder: Viewfinder, engine: FaceEngine, record: FaceTemplateRecord, threshold: float
) -> Match:
    """Compare who stands there with an enrolled face: accepted at the first picture that matches, else the best score
    of the usable pictures, else the last hint.

    Raises:
        CameraError: there is no picture.
        OtherModelError: the face was enrolled with another model.
    """
    template = from_record(record)
    deadline = time.monotonic() + COMPARE_LOOK_S
    sequence = viewfinder.frame().sequence  # what it shows may be a second old: begin with the next
    best: Match | None = None
    good = 0
    while True:
        frame = viewfinder.frame(sequence)
        sequence = frame.sequence
        match = verify(template, engine.analyse(frame.rgb), threshold)
        if match.accepted:
            return match
        if match.score is not None:
            good += 1
        best = _better(best, match)
        if good >= GOOD_PICTURES or time.monotonic() >= deadline:
            return best


def _better(one: Match | None, other: Match) -> Match:
    """The match with the higher score; one with a score before one without; of two hints the later."""
    if one is None or one.score is None:
        return other
    return other if other.score is not None and other.score > one.score else one
