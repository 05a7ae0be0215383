"""A child's visit as it stands: what the worker measured, what that says of the child, and the events that save it."""

from collections.abc import Sequence
from datetime import date

import msgspec

from anganwadi.anthropometry import CareDecided, Load, Measured, ScaleReading, Weighed, WeightSource
from anganwadi.child_visit import Earlier, Findings, Taken, judge, measured_event, told
from anganwadi.cmam import Appetite, Step, decides_anew, visit_due
from anganwadi.faltering import Length, Weight
from anganwadi.ids import Grams, PersonId
from anganwadi.people import Person
from anganwadi.wire.login import Care, RosterEntry
from edge.devices.scale import StableWeight
from edge.kiosk.session import CentreSession
from edge.kiosk.weighing import Weighing

KEPT_SAMPLES = 20
"""Raw counts of each load that go into the event: the two seconds in which it stood still, at ten a second."""


class NothingMeasured(Exception):
    """There is neither a weight nor anything else to save."""


def earlier_of(entry: RosterEntry, today: date) -> Earlier:
    """The child's weights and lengths of the days before today."""
    return Earlier(
        tuple(Weight(past.day, past.grams) for past in entry.weights if past.day < today),
        tuple(
            Length(past.day, past.length)
            for past in entry.measures
            if past.length is not None and past.day < today
        ),
    )


def due_since(entry: RosterEntry, today: date) -> date | None:
    """Since when a visit to this child is due; None where none is."""
    if entry.care is None:
        return None
    seen = [past.day for past in (*entry.weights, *entry.measures)]
    return visit_due(entry.care.visits, seen, today)


def saved_today(session: CentreSession, entry: RosterEntry) -> Taken:
    """What was saved of this child today."""
    day, person = session.day(), entry.person.person_id
    weighed, measured = day.weights.get(person), day.measures.get(person)
    taken = Taken(weight=None if weighed is None else weighed.grams)
    if measured is None:
        return taken
    return msgspec.structs.replace(
        taken, length=measured.length, position=measured.position, muac=measured.muac, oedema=measured.oedema
    )


def taken_now(session: CentreSession, entry: RosterEntry, weighing: Weighing) -> Taken:
    """What was measured in this visit, with what was saved earlier today."""
    before, weight = saved_today(session, entry), weighing.grams
    taken = before if weighing.measures is None else weighing.measures
    return msgspec.structs.replace(taken, weight=before.weight if weight is None else weight)


def findings_of(session: CentreSession, entry: RosterEntry, taken: Taken) -> Findings:
    """What that says of the child, with the danger signs that were looked for today.

    Raises:
        BadMeasurement: a value no child can have.
    """
    person, today = entry.person, session.today()
    care = session.day().care.get(person.person_id)
    return judge(
        person.sex, person.born, today, taken, earlier_of(entry, today),
        signs=() if care is None else care.signs,
        appetite=Appetite.NOT_TESTED if care is None or care.appetite is None else Appetite(care.appetite),
    )  # fmt: skip


def standing_care(session: CentreSession, entry: RosterEntry, findings: Findings) -> Care:
    """The care that holds for this child: what this visit calls for, or what was decided before it and stands."""
    before, found = session.care_before(entry.person.person_id), findings.pathway
    if before is not None and not decides_anew(Step(before.step), found, assessed=findings.assessed):
        return before
    return Care(day=findings.day, step=found.step, seen_by=found.seen_by, visits=found.visits)


def still_ahead(care: Care, today: date) -> Care:
    """The care without the days that are over."""
    return msgspec.structs.replace(
        care,
        seen_by=None if care.seen_by is None or care.seen_by < today else care.seen_by,
        visits=tuple(day for day in care.visits if day > today),
    )


def mother_of(session: CentreSession, entry: RosterEntry) -> Person:
    """Whom one talks to about this child: the guardian on the roster, else whoever brought the child."""
    guardian = session.people.get(entry.person.guardian or PersonId(""))
    return entry.person if guardian is None else guardian.person


def events_of(
    session: CentreSession, entry: RosterEntry, weighing: Weighing, *, confirmed: bool
) -> Sequence[Weighed | Measured | CareDecided]:
    """What to record of the visit: the weight, what else was measured or changes its meaning with the weight, and the
    care it calls for.

    Raises:
        NothingMeasured: there is nothing new.
        BadMeasurement: a value no child can have.
    """
    before, taken = saved_today(session, entry), taken_now(session, entry, weighing)
    if taken == before and weighing.grams is None:
        raise NothingMeasured
    findings = findings_of(session, entry, taken)
    bodies: list[Weighed | Measured | CareDecided] = []
    if weighing.grams is not None:
        doubted = confirmed and not findings.weight_plausible
        bodies.append(_weighed(session.today(), entry, weighing, weighing.grams, findings, doubted))
    if _is_measured(taken) or _is_measured(before):
        doubted = confirmed and not findings.length_plausible
        bodies.append(
            measured_event(session.today(), entry.person.person_id, taken, findings.scores, confirmed=doubted)
        )
    today = session.day().care.get(entry.person.person_id)
    care = care_of(
        session, entry, taken, findings,
        signs=() if today is None else today.signs, appetite=None if today is None else today.appetite,
    )  # fmt: skip
    return bodies if care is None else [*bodies, care]


def care_of(
    session: CentreSession,
    entry: RosterEntry,
    taken: Taken,
    findings: Findings,
    signs: Sequence[str] = (),
    appetite: str | None = None,
) -> CareDecided | None:
    """The care this visit calls for; None where there is nothing to decide, or what was decided before it stands. What
    was decided earlier today is decided again, since it may rest on a value that was mended since."""
    before, care = session.care_before(entry.person.person_id), standing_care(session, entry, findings)
    if entry.person.person_id not in session.day().care:
        well = care.step == Step.NONE and findings.faltering is None
        if care is before or (well and (before is None or before.step == Step.NONE)):
            return None
    scores = findings.scores
    return CareDecided(
        day=session.today(),
        person_id=entry.person.person_id,
        step=care.step,
        acute=scores.acute,
        underweight=scores.underweight,
        stunting=scores.stunting,
        faltering=findings.faltering,
        oedema=bool(taken.oedema),
        signs=tuple(signs),
        appetite=appetite,
        seen_by=care.seen_by,
        visits=care.visits,
    )


def _is_measured(taken: Taken) -> bool:
    """Whether anything but the weight was measured."""
    return taken.length is not None or taken.muac is not None or taken.oedema is not None


def _weighed(
    day: date, entry: RosterEntry, weighing: Weighing, grams: Grams, findings: Findings, confirmed: bool
) -> Weighed:
    scores = findings.scores
    what = Weighed(
        day=day,
        person_id=entry.person.person_id,
        grams=grams,
        source=WeightSource.SCALE if weighing.by_hand is None else WeightSource.MANUAL,
        waz=told(scores.waz),
        weight_class=scores.underweight,
        flagged="waz" in scores.flagged,
        confirmed=confirmed,
    )
    if weighing.by_hand is not None:
        return msgspec.structs.replace(what, reason=weighing.by_hand.reason)
    last = weighing.loads[-1]
    return msgspec.structs.replace(
        what,
        way=weighing.way,
        readings=tuple(weighing.readings),
        uncertainty=weighing.uncertainty,
        taken=tuple(_reading(load, kind) for load, kind in zip(weighing.loads, weighing.kinds, strict=True)),
        device=last.device_id,
        firmware=last.firmware,
        calibrated=last.calibration_date,
        temperature_c=last.temperature_c,
        warm=last.warm,
    )


def _reading(load: StableWeight, kind: Load) -> ScaleReading:
    return ScaleReading(
        grams=load.grams,
        load=kind,
        tare=load.tare or Grams(0),
        zero=load.zero_counts,
        steps=ScaleReading.steps_of(load.samples[-KEPT_SAMPLES:]),
    )
