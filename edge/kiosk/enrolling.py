"""An enrolment under way: consent was given, pictures are taken one by one, and whom she resembles is looked up."""

import time
from dataclasses import dataclass, field
from typing import Self

from anganwadi.ids import PersonId
from edge.face.engine import FaceEngine
from edge.face.enrolment import Enrolment
from edge.face.hints import Hint
from edge.face.matching import duplicates
from edge.face.template import FaceTemplate
from edge.kiosk.centre_session import CentreSession
from edge.kiosk.claim import comparable
from edge.kiosk.viewfinder import Viewfinder

ENROL_LOOK_S = 0.8
ENROLLING_S = 60.0
"""How long an enrolment waits for the next look before her consent has to be asked again."""

MOST_ALIKE = 4
"""Names the worker is shown."""


@dataclass
class Enrolling:
    """One enrolment. `looks_like` are others of the centre whom her pictures resemble, once they are complete."""

    pictures: Enrolment
    taken: int = 0
    touched: float = field(default_factory=time.monotonic)
    looks_like: tuple[PersonId, ...] = ()
    _asked: str | None = None

    @classmethod
    def begin(cls, engine: FaceEngine, threshold: float) -> Self:
        return cls(Enrolment(engine, threshold))

    @property
    def done(self) -> bool:
        return self.pictures.done

    @property
    def asking(self) -> str | None:
        """The pose that the next picture needs."""
        return self.pictures.asking

    def newly_asked(self) -> bool:
        """Whether that pose was not asked for yet; True once for each."""
        before, self._asked = self._asked, self.asking
        return before != self._asked

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


def lookalikes(
    session: CentreSession, model: str | None, threshold: float, person_id: PersonId, enrolling: Enrolling
) -> tuple[PersonId, ...]:
    """Others of the centre whose enrolled faces resemble these pictures, the most alike first."""
    others = [
        (entry.person.person_id, FaceTemplate.of_record(entry.template), session.rotation_of(entry.template))
        for entry in list(session.people.values())
        if entry.person.person_id != person_id
        and entry.template is not None
        and comparable(session, entry, model)
    ]
    found = duplicates(enrolling.pictures.template(), others, threshold)
    return tuple(each.person_id for each in found[:MOST_ALIKE])
