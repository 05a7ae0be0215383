"""What every way of handing out a ration shares: whose it is, which evidence is open, that she received it."""

from anganwadi.bodies import FaceLook
from anganwadi.events import RationCollected
from anganwadi.ids import PersonId
from anganwadi.people import may_enrol_face
from anganwadi.verification import AttestationReason, Rung
from anganwadi.wire.login import RosterEntry
from edge.kiosk import words
from edge.kiosk.access import entry_of
from edge.kiosk.answers import Refused
from edge.kiosk.claim import Claim, claim_of
from edge.kiosk.desk import Desk, Seat
from edge.kiosk.i18n import N_, say
from edge.kiosk.pickup import Pickup
from edge.kiosk.session import Accepted
from edge.kiosk.speaking import tongue

OTHER_POST = {"AWW": "AWH", "AWH": "AWW"}
RECEIVES = N_("You receive: %(what)s, for %(days)s days. You pay nothing for it.")


def claim_at(desk: Desk, seat: Seat, person_id: str) -> Claim:
    """Her claim.

    Raises:
        Refused: there is no such person, or nothing is owed to her.
    """
    entry = entry_of(seat, person_id)
    claim = claim_of(seat.session, entry.person.person_id, desk.model)
    if claim is None:
        raise Refused(
            "not_owed",
            N_("No take-home ration is owed to this person today."),
            N_("Go back to the list and choose again."),
            to="/ration",
        )
    return claim


def uncollected(desk: Desk, seat: Seat, person_id: str) -> Claim:
    """Her claim, which she has not drawn yet.

    Raises:
        Refused: as `claim_at`, or she has.
    """
    claim = claim_at(desk, seat, person_id)
    if claim.collected:
        raise Refused(
            "already_collected",
            N_("The ration of this month was handed out already."),
            N_("The next one is owed from the first day of next month."),
            to=f"/ration/{person_id}/done",
        )
    return claim


def camera_works(desk: Desk, claim: Claim) -> bool:
    """Whether faces can be compared now. The camera is left off where there is nothing to compare with."""
    if desk.faces is None or not (claim.enrolled or claim.nominees):
        return False
    return desk.viewfinder.works()


def open_rungs(desk: Desk, claim: Claim, pickup: Pickup) -> tuple[Rung, ...]:
    """What she may show now, strongest first."""
    return pickup.open_rungs(
        claim, camera_works=camera_works(desk, claim), server_answers=desk.kiosk.link().connected
    )


def opened(desk: Desk, seat: Seat, person_id: str, rung: Rung, closed: str) -> tuple[Claim, Pickup]:
    """Her claim and pick-up, where `rung` is open; her time begins, unless it has begun.

    Raises:
        Refused: as `uncollected`, or it is not open; `closed` says so.
    """
    with seat.lock:
        claim = uncollected(desk, seat, person_id)
        pickup = seat.pickup(claim.person.person_id)
        pickup.tap()
    if rung not in open_rungs(desk, claim, pickup):
        raise Refused(
            "rung_not_offered",
            closed,
            N_("Go on with the evidence the page offers."),
            to=f"/ration/{person_id}",
        )
    return claim, pickup


def collect(
    desk: Desk, seat: Seat, claim: Claim, *, collected_by: PersonId, rung: Rung, look: FaceLook | None = None,
    score: float | None = None, threshold: float | None = None, reason: AttestationReason | None = None,
    witness: str | None = None, acknowledged: bool | None = None,
) -> list[Accepted]:  # fmt: skip
    """Record that it is handed out, and tell her.

    Raises:
        StoreError: nothing was saved.
    """
    pickup = seat.pickup(claim.person.person_id)
    accepted = seat.session.record(
        RationCollected(
            day=seat.session.today(),
            person_id=claim.person.person_id,
            collected_by=collected_by,
            rung=rung,
            services=claim.services,
            days_covered=desk.kiosk.settings.days_covered,
            cycle=claim.cycle,
            score=score,
            threshold=threshold,
            reason=reason,
            witness=witness,
            look=look,
            tries=len(pickup.missed_rungs),
            serve_ms=pickup.serve_ms(),
            acknowledged=acknowledged,
        )
    )
    seat.pickups.pop(claim.person.person_id, None)
    if not acknowledged:  # else she was told a moment ago
        tell(desk, claim)
    return accepted


def tell(desk: Desk, claim: Claim) -> None:
    """Say aloud, in her language, what she receives."""
    desk.speaker.prompt(claim.holder, RECEIVES, **_receives(desk, claim))


def told(desk: Desk, claim: Claim) -> str:
    """The same as words on the screen, for the worker to read to her."""
    return say(tongue(claim.holder), RECEIVES, **_receives(desk, claim))


def _receives(desk: Desk, claim: Claim) -> dict[str, object]:
    language = tongue(claim.holder)
    what = ", ".join(say(language, words.SERVICE[service]) for service in claim.services)
    return {"what": what, "days": desk.kiosk.settings.days_covered}


def witnesses(seat: Seat, claim: Claim) -> list[RosterEntry]:
    """Grown-ups of the centre who are not party to the claim."""
    party = {claim.person.person_id, claim.holder.person_id}
    today = seat.session.today()
    found = [
        entry
        for entry in list(seat.session.people.values())
        if entry.person.person_id not in party
        and may_enrol_face(entry.person, today)
        and entry.person.left is None
    ]
    return sorted(found, key=lambda entry: entry.person.name_latin)


def check_witness(seat: Seat, claim: Claim, witness: str, *, to: str) -> None:
    """Somebody who is there and not party to it.

    Raises:
        Refused: it is nobody, or somebody else.
    """
    known = {entry.person.person_id for entry in witnesses(seat, claim)}
    if witness != OTHER_POST.get(seat.session.worker.post) and witness not in known:
        raise Refused(
            "no_witness",
            N_("Somebody has to witness that she received it."),
            N_("Choose the helper or another woman who is here."),
            status=422,
            to=to,
        )


def household(desk: Desk, seat: Seat, claim: Claim) -> list[Claim]:
    """Rations still owed to others of the same household, so that nobody has to queue twice."""
    found = [
        claim_of(seat.session, entry.person.person_id, desk.model)
        for entry in list(seat.session.people.values())
        if entry.person.household == claim.person.household
        and entry.person.person_id != claim.person.person_id
    ]
    return [other for other in found if other is not None and not other.collected]
