"""Whose take-home ration it is, what is owed, and who may draw it: herself, a guardian, a trusted person."""

from dataclasses import dataclass

from anganwadi.entitlements import Entitlement, entitlement_on
from anganwadi.ids import PersonId
from anganwadi.people import Person, may_enrol_face
from anganwadi.verification import NOMINEES
from anganwadi.wire.login import RosterEntry
from edge.face.template import FaceTemplate, TemplateError
from edge.kiosk.session import CentreSession


@dataclass(frozen=True)
class Claim:
    """Whose ration it is, what is owed, and who may show her face for it."""

    entry: RosterEntry
    entitlement: Entitlement
    holder: Person
    """Herself; of a child, and of a girl under 18, the guardian."""
    holder_entry: RosterEntry | None
    nominees: tuple[RosterEntry, ...]
    """Trusted persons whose face can be compared, two at most."""
    cycle: str
    collected: bool
    enrolled: bool
    """Whether the holder's face can be compared."""

    @property
    def person(self) -> Person:
        return self.entry.person

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(service for service in self.entitlement.services if service.startswith("THR"))

    @property
    def cards(self) -> tuple[RosterEntry, ...]:
        """Whose card counts: the holder's own, and one made out to the child."""
        entries = {
            entry.person.person_id: entry for entry in (self.holder_entry, self.entry) if entry is not None
        }
        return tuple(entry for entry in entries.values() if entry.card_issued)

    @property
    def card_issued(self) -> bool:
        return bool(self.cards)

    @property
    def phone(self) -> PersonId | None:
        """Whose phone a code is sent to; None where no number is known."""
        for person in (self.holder, self.person):
            if person.phone:
                return person.person_id
        return None

    @property
    def doorstep(self) -> bool:
        """Whether her ration is to be brought home."""
        return self.entry.doorstep


def cycle_of(session: CentreSession) -> str:
    """The ration cycle of today: the calendar month, `YYYY-MM`."""
    return f"{session.today():%Y-%m}"


def comparable(session: CentreSession, entry: RosterEntry, model: str | None) -> bool:
    """Whether a face can be compared with what is enrolled of this person: by the model in use, turned by a secret that
    is here, and readable."""
    template = entry.template
    if template is None or template.model != model or not session.can_compare(template):
        return False
    try:
        FaceTemplate.of_record(template)
    except TemplateError:  # she is served by other evidence, and may be enrolled again
        return False
    return True


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
        entry=entry,
        entitlement=entitlement,
        holder=(holder_entry or entry).person,
        holder_entry=holder_entry,
        nominees=tuple(_nominees(session, entry, holder_entry, model))[:NOMINEES],
        cycle=cycle,
        collected=cycle in entry.cycles,
        enrolled=holder_entry is not None and comparable(session, holder_entry, model),
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
        if nominee is not None and nominee is not holder and comparable(session, nominee, model)
    ]
