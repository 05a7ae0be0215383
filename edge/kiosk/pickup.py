"""One pick-up of a take-home ration at the counter: who draws for whom, what was tried, which evidence is next.

The ladder itself is `anganwadi.verification`. Tries are counted for one pick-up: they are forgotten when the ration is
handed out, when the family leaves, or after `PICKUP_S`, so that a stranger's tries in the morning do not cost the woman
herself her own in the afternoon.
"""

import time
from dataclasses import dataclass, field

from anganwadi.entitlements import Entitlement, entitlement_on
from anganwadi.ids import PersonId
from anganwadi.people import Person, may_enrol_face
from anganwadi.verification import AttestationReason, Rung, Standing, next_rung
from anganwadi.wire.login import RosterEntry
from edge.kiosk.session import CentreSession

PICKUP_S = 600.0


@dataclass
class Pickup:
    """What was tried so far in this pick-up. `hint` is what the last try lacked, None once a face was another's."""

    face_tries: int = 0
    nominee_tries: int = 0
    hint: str | None = None
    looked: bool = False
    mismatched: bool = False
    touched: float = field(default_factory=time.monotonic)

    def is_over(self, now: float) -> bool:
        return now - self.touched > PICKUP_S

    def missed(self, rung: Rung, hint: str | None) -> None:
        """Count a try that was not accepted."""
        if rung is Rung.NOMINEE_FACE:
            self.nominee_tries += 1
        else:
            self.face_tries += 1
        self.mismatched = self.mismatched or hint is None
        self.hint = None if self.mismatched else hint
        self.looked, self.touched = True, time.monotonic()


@dataclass(frozen=True)
class Claim:
    """Whose ration it is, what is owed, and who may show her face for it."""

    person: Person
    entitlement: Entitlement
    holder: Person
    """Herself; of a child, and of a girl under 18, the guardian."""
    holder_entry: RosterEntry | None
    nominees: tuple[RosterEntry, ...]
    """Trusted persons whose face can be compared."""
    cycle: str
    collected: bool
    model: str | None
    """The face model in use: a template of another one does not compare."""

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(service for service in self.entitlement.services if service.startswith("THR"))

    @property
    def enrolled(self) -> bool:
        return self.holder_entry is not None and comparable(self.holder_entry, self.model)

    def rung(self, pickup: Pickup, *, camera_works: bool) -> Rung:
        """The evidence to ask for now. Cards are not read by this kiosk yet, so none counts as issued."""
        return next_rung(
            Standing(
                enrolled=self.enrolled,
                camera_works=camera_works,
                face_tries=pickup.face_tries,
                nominees=len(self.nominees),
                nominee_tries=pickup.nominee_tries,
            )
        )

    def likely_reason(self, pickup: Pickup, *, camera_works: bool) -> AttestationReason:
        """Why the worker probably has to vouch; she may choose another reason."""
        if not (self.enrolled or self.nominees):
            return AttestationReason.NOT_ENROLLED
        if pickup.mismatched:
            return AttestationReason.FACE_NOT_MATCHED
        if not camera_works:
            return AttestationReason.CAMERA_BROKEN
        if pickup.hint == "too_dark":
            return AttestationReason.TOO_DARK
        return AttestationReason.FACE_COVERED


def cycle_of(session: CentreSession) -> str:
    """The ration cycle of today: the calendar month, `YYYY-MM`."""
    return f"{session.today():%Y-%m}"


def comparable(entry: RosterEntry, model: str | None) -> bool:
    """Whether a face can be compared with what is enrolled of this person."""
    return entry.template is not None and entry.template.model == model


def claim_of(session: CentreSession, person_id: PersonId, model: str | None = None) -> Claim | None:
    """The claim to a take-home ration of somebody on the roster; None where none is owed to her today."""
    entry = session.people.get(person_id)
    if entry is None:
        return None
    today = session.today()
    entitlement = entitlement_on(entry.person, today)
    if entitlement is None or not entitlement.takes_home:
        return None
    holder_entry = _holder(session, entry)
    cycle = cycle_of(session)
    return Claim(
        person=entry.person,
        entitlement=entitlement,
        holder=(holder_entry or entry).person,
        holder_entry=holder_entry,
        nominees=tuple(_nominees(session, entry, holder_entry, model)),
        cycle=cycle,
        collected=cycle in entry.cycles,
        model=model,
    )


def _holder(session: CentreSession, entry: RosterEntry) -> RosterEntry | None:
    if may_enrol_face(entry.person, session.today()):
        return entry
    return session.people.get(entry.person.guardian) if entry.person.guardian is not None else None


def _nominees(
    session: CentreSession, entry: RosterEntry, holder: RosterEntry | None, model: str | None
) -> list[RosterEntry]:
    """The person's own trusted persons and her guardian's, as far as their faces can be compared."""
    named = [*entry.person.nominees, *(holder.person.nominees if holder is not None else ())]
    found = [session.people.get(nominee) for nominee in dict.fromkeys(named)]
    return [
        nominee
        for nominee in found
        if nominee is not None and nominee is not holder and comparable(nominee, model)
    ]
