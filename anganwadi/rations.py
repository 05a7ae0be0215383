"""A ration handed out without the roster, once it is known who received it: the event that it stands for.

Who she is comes out by her card, as soon as the event has come, or by an officer's word later; what it means is the
same.
"""

from datetime import datetime

from anganwadi import events
from anganwadi.entitlements import entitlement_on
from anganwadi.events import Event, Proof, RationCollected, RationWithoutRoster
from anganwadi.ids import CentreId, PersonId, WorkerId
from anganwadi.people import Person
from anganwadi.verification import Rung


def collected(
    ration: RationWithoutRoster,
    person: Person,
    *,
    came: PersonId,
    centre: CentreId,
    worker: WorkerId,
    at: datetime,
    simulated: bool,
    proof: Proof,
) -> Event:
    """That `came` collected `ration` for `person`: on her card if the kiosk was shown one, else on the word it was
    given. The others are the kiosk's, who handed it out and when."""
    entitlement = entitlement_on(person, ration.day)
    body = RationCollected(
        day=ration.day,
        person_id=person.person_id,
        collected_by=came,
        rung=Rung.ATTESTATION if ration.card is None else Rung.CARD,
        services=() if entitlement is None else entitlement.services,
        days_covered=ration.days_covered,
        cycle=f"{ration.day:%Y-%m}",
        reason=ration.reason,
        witness=ration.witness,
    )
    return events.new_event(body, centre_id=centre, worker_id=worker, at=at, simulated=simulated, proof=proof)
