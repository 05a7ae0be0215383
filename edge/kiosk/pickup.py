"""One pick-up of a take-home ration at the counter: what was tried, which evidence is next, how long it took.

The ladder itself is `anganwadi.verification`. Tries are counted for one pick-up: they are forgotten when the ration is
handed out, when the family leaves, or after `PICKUP_S`, so that a stranger's tries in the morning do not cost the woman
herself her own in the afternoon.
"""

import time
from dataclasses import dataclass, field

from anganwadi.ids import PersonId
from anganwadi.verification import AttestationReason, Rung, Standing, open_rungs
from edge.kiosk.claim import Claim
from edge.kiosk.face_try import ABANDONED, FaceTry

PICKUP_S = 600.0


@dataclass
class Pickup:
    """What was tried so far in this pick-up. `hint` is what the last try of a face lacked, `why` why no live face was
    seen; `mismatched` holds once a face was another's. `look` is a try under way."""

    face_tries: int = 0
    nominees_tried: set[PersonId] = field(default_factory=set)
    card_tries: int = 0
    code_tries: int = 0
    missed_rungs: set[Rung] = field(default_factory=set)
    look: FaceTry | None = None
    hint: str | None = None
    why: str | None = None
    looked: bool = False
    mismatched: bool = False
    card_shown: PersonId | None = None
    """Whose card was read, or its number typed; its PIN is asked for."""
    code_to: str | None = None
    """The phone that a code was sent to, but for its last digits hidden."""
    code_away: bool = False
    """No code can be sent to her now."""
    tapped: float | None = None
    touched: float = field(default_factory=time.monotonic)

    def is_over(self, now: float) -> bool:
        """Whether nothing more was tried for so long; never in the middle of a try."""
        trying = self.look is not None and not self.look.is_stale(now)
        return not trying and now - self.touched > PICKUP_S

    def tap(self) -> None:
        """Her name was tapped: her time begins, unless it has begun."""
        if self.tapped is None:
            self.tapped = time.monotonic()

    def serve_ms(self) -> int | None:
        """Milliseconds since her name was tapped; None where it was not."""
        return None if self.tapped is None else min(round((time.monotonic() - self.tapped) * 1000), 3_600_000)

    def missed(self, rung: Rung, who: PersonId, hint: str | None, why: str | None = None) -> None:
        """Count a try of the face of `who` that was not accepted: not usable (`hint`), not live (`why`), or another's.
        """  # fmt: skip
        if rung is Rung.NOMINEE_FACE:
            self.nominees_tried.add(who)
        else:
            self.face_tries += 1
        self.mismatched = self.mismatched or (hint is None and why is None)
        self.hint, self.why = (None, None) if self.mismatched else (hint, why)
        self.looked = True
        self.spent(rung)

    def spent(self, rung: Rung) -> None:
        """Note that this evidence was asked for and not given."""
        self.missed_rungs.add(rung)
        self.touched = time.monotonic()

    def standing(self, claim: Claim, *, camera_works: bool, server_answers: bool) -> Standing:
        """What is known now."""
        return Standing(
            enrolled=claim.enrolled,
            camera_works=camera_works,
            face_tries=self.face_tries,
            nominees=len(claim.nominees),
            nominee_tries=len(self.nominees_tried),
            card_issued=claim.card_issued,
            card_tries=self.card_tries,
            phone_reachable=claim.phone is not None and server_answers and not self.code_away,
            code_tries=self.code_tries,
        )

    def open_rungs(self, claim: Claim, *, camera_works: bool, server_answers: bool) -> tuple[Rung, ...]:
        """What she may still show, strongest first."""
        return open_rungs(self.standing(claim, camera_works=camera_works, server_answers=server_answers))

    def likely_reason(self, claim: Claim, *, camera_works: bool) -> AttestationReason:
        """Why the worker probably has to vouch; she may choose another reason."""
        if not (claim.enrolled or claim.nominees):
            return AttestationReason.NOT_ENROLLED
        if self.mismatched or self.why not in {None, ABANDONED}:
            return AttestationReason.FACE_NOT_MATCHED
        if not camera_works:
            return AttestationReason.CAMERA_BROKEN
        if self.why is not None:
            return AttestationReason.FACE_NOT_MATCHED
        return AttestationReason.TOO_DARK if self.hint == "too_dark" else AttestationReason.FACE_COVERED
