"""One try of a face at the counter: look, compare, and where it matches ask for the moves of a live person.

    attempt = FaceTry(rung, shown, burst, compare, challenge)
    while not attempt.over:
        attempt.go_on(viewfinder, speaker)     # looks for a moment; one request of the page

The best of a short burst of pictures is compared, never the first. A face that matches is asked to turn or to blink
(`edge.face.liveness`), and the face that was asked must be the one that matched. How long her moves took is known apart
from what the machine needed. Leaving in the middle of the moves is a try that failed: else a recording could be shown
again and again until its moves fit.
"""

import time
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

import msgspec
import numpy as np

from anganwadi.bodies import FaceLook
from anganwadi.verification import Rung
from anganwadi.wire.login import RosterEntry
from edge.face.engine import FaceFinding
from edge.face.liveness import ChallengeStep, Liveness
from edge.face.matching import Match
from edge.face.measured import look_of
from edge.kiosk import words
from edge.kiosk.speaking import Speaker
from edge.kiosk.viewfinder import Viewfinder

LOOK_S = 0.35
"""How long one call looks: the page shows what came of it several times a second."""
FACE_S = 4.0
"""How long a face that is there may take to give a picture that can be used."""
NOBODY_S = 8.0
"""How long an empty picture is waited at: she may still be on her way to the camera."""
STALE_S = 5.0
"""A try that nobody went on with for so long is over."""
STRAIGHT = "straight"
ABANDONED = "abandoned"
"""Why a try failed that was left, or whose camera failed, after she was asked to move."""

Compare = Callable[[FaceFinding], Match]


class Burst(Protocol):
    """What a try needs of `edge.face.burst.Burst`."""

    @property
    def done(self) -> bool: ...

    def take(self, rgb: np.ndarray, at: float) -> str | None: ...

    def best(self) -> FaceFinding | None: ...


class Challenge(Protocol):
    """What a try needs of `edge.face.liveness.Challenge`."""

    def take(self, rgb: np.ndarray, at: float) -> ChallengeStep: ...

    def result(self) -> Liveness: ...

    def holds(self, face: np.ndarray) -> bool: ...


class State(StrEnum):
    """Where a try stands."""

    LOOKING = "looking"
    CHALLENGE = "challenge"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"


class Seen(msgspec.Struct, frozen=True):
    """What the page shows of a try under way."""

    hint: str | None = None
    move: str | None = None
    remaining_s: float = 0.0
    whole_s: float = 0.0
    steps_done: int = 0
    steps: int = 0


class FaceTry:
    """One try, from the first look to the answer. Used by one thread at a time."""

    def __init__(
        self,
        rung: Rung,
        shown: RosterEntry,
        burst: Burst,
        compare: Compare,
        challenge: Callable[[], Challenge],
    ) -> None:
        """`shown` is whose face it should be."""
        self.rung, self.shown = rung, shown
        self.state = State.LOOKING
        self.seen = Seen()
        self.match: Match | None = None
        self.hint: str | None = None
        self.why: str | None = None
        self._burst, self._compare, self._new = burst, compare, challenge
        self._challenge: Challenge | None = None
        self._finding: FaceFinding | None = None
        self._sequence: int | None = None
        self._asked: str | None = None
        self._began = self._touched = time.monotonic()
        self._face_at: float | None = None
        self._whole_s = 0.0

    @property
    def over(self) -> bool:
        return self.state in {State.ACCEPTED, State.NOT_ACCEPTED}

    def is_stale(self, now: float) -> bool:
        """Whether nobody goes on with it."""
        return not self.over and now - self._touched > STALE_S

    def go_on(self, viewfinder: Viewfinder, speaker: Speaker) -> None:
        """Look for a moment.

        Raises:
            CameraError: there is no picture.
            ArtefactError: a model is missing.
        """
        until = time.monotonic() + LOOK_S
        if self._sequence is None:
            viewfinder.ask(STRAIGHT)
            self._sequence = (
                viewfinder.frame().sequence
            )  # what it shows may be a second old: begin with the next
        while not self.over:
            frame = viewfinder.frame(self._sequence)
            self._sequence = frame.sequence
            if self._challenge is None:
                self._look(frame.rgb, frame.at)
            else:
                self._watch(self._challenge, frame.rgb, frame.at)
            self._ask(viewfinder, speaker)
            self._touched = time.monotonic()
            if self._touched >= until:
                return

    def give_up(self) -> bool:
        """End it because nobody goes on with it. True if that counts as a try: she was asked to move by then."""
        asked = self.seen.move is not None or self.seen.steps_done > 0  # between two moves none is asked
        counts = self.state is State.CHALLENGE and asked
        self._end(why=ABANDONED if counts else None)
        return counts

    def look(self) -> FaceLook | None:
        """What was measured, for the record; None if no picture could be used."""
        if self._finding is None:
            return None
        result = None if self._challenge is None else self._challenge.result()
        machine_s = self._whole_s - (0.0 if result is None else result.seconds)
        return msgspec.structs.replace(
            look_of(self._finding, result, machine_s),
            live=None if result is None else self.state is State.ACCEPTED,
            why_not=self.why,
        )

    def _look(self, rgb: np.ndarray, at: float) -> None:
        """One more picture of the burst; the best of it is compared once there are enough."""
        hint = self._burst.take(rgb, at)
        now = time.monotonic()
        if hint is None or hint not in words.NOBODY:
            self._face_at = now if self._face_at is None else self._face_at
        self.seen = Seen(hint=hint)
        late = now - self._began > NOBODY_S if self._face_at is None else now - self._face_at > FACE_S
        if not self._burst.done and not late:
            return
        best = self._burst.best()
        if best is None:
            self._end(hint=hint or "no_face")
            return
        self._finding, self.match = best, self._compare(best)
        if not self.match.accepted:
            self._end(hint=self.match.hint)
            return
        self._challenge, self.state = self._new(), State.CHALLENGE
        self.seen = Seen()

    def _watch(self, challenge: Challenge, rgb: np.ndarray, at: float) -> None:
        """One picture of the challenge."""
        step = challenge.take(rgb, at)
        whole = max(step.remaining_s, self.seen.whole_s)
        self.seen = Seen(step.hint, step.move, step.remaining_s, whole, step.steps_done, step.steps)
        if not step.done:
            return
        face = None if self._finding is None else self._finding.template
        if not step.passed:
            self._end(why=step.why or "timeout")
        elif face is None or not challenge.holds(face):
            self._end(why="another_face")
        else:
            self.state = State.ACCEPTED
            self._stop()

    def _ask(self, viewfinder: Viewfinder, speaker: Speaker) -> None:
        """Ask for the move that is next, aloud and of a simulated person; else say the hint."""
        prompt = self.seen.move or STRAIGHT
        if prompt != self._asked:
            viewfinder.ask(prompt)
            self._asked = prompt
            if self.seen.move is not None:
                speaker.prompt(self.shown.person, words.MOVE[self.seen.move].spoken)
        elif self.seen.move is None and self.seen.hint is not None and not self.over:
            speaker.hint(self.shown.person, words.HINT[self.seen.hint][1])

    def _end(self, hint: str | None = None, why: str | None = None) -> None:
        self.hint, self.why, self.state = hint, why, State.NOT_ACCEPTED
        self._stop()

    def _stop(self) -> None:
        self._whole_s = time.monotonic() - self._began
        self.seen = Seen()
