"""What an event means in the registers: the rows it puts into the tables that pages read."""

import json
from collections.abc import Iterator

import sqlalchemy as sa

from anganwadi import events
from anganwadi.events import Event, FaceLook
from anganwadi.verification import Rung
from anganwadi.wire.chain import event_hash
from server.storage import tables
from server.storage.log import LogEntry

Row = dict[str, object]

OWN_FACE = frozenset({Rung.FACE, Rung.FACE_RETRY})
BY_FACE = OWN_FACE | {Rung.NOMINEE_FACE}

DRAWS = 10_000
"""A draw is a number below this."""


def rows(event: Event, raw: bytes, entry: LogEntry) -> Iterator[tuple[sa.Table, Row]]:
    """The rows that `event`, whose bytes are `raw`, brings; `entry` says where it stands in the log."""
    place = _place(event, entry)
    match event.body:
        case events.AttendanceMarked(day=day, person_id=person, present=present):
            yield tables.attendance, {"day": day.isoformat(), "person_id": person, "present": present}
        case events.Weighed() as weighed:
            yield tables.weighings, {**place, **_weighing(weighed)}
        case events.Measured() as measured:
            yield tables.measurings, {**place, **_measuring(measured)}
        case events.CareDecided() as decided:
            yield tables.care, {**place, **_care(decided)}
        case events.RationCollected() as ration:
            yield tables.rations, {**place, **_ration(ration), "draw": draw(raw)}
            if ration.rung in BY_FACE:
                yield tables.face_tries, {**place, **_accepted(ration)}
        case events.FaceNotMatched() as missed:
            yield tables.face_tries, {**place, **_missed(missed)}
        case events.RationRefused(day=day, person_id=person, reason=reason):
            refused: Row = {"day": day.isoformat(), "person_id": person, "reason": reason}
            yield tables.rations, {**place, **refused}
            yield tables.grievances, {**place, **refused}
        case events.GrievanceHandled() as handled:
            yield tables.grievances_handled, _handled(event, handled)
        case events.DoorstepListed(day=day, person_id=person, reason=reason, listed=listed):
            wanted: Row = {"person_id": person, "day": day.isoformat(), "reason": reason, "listed": listed}
            yield tables.doorstep, {**place, **wanted}
        case events.HeadCounted(day=day, counted=counted, marked=marked):
            heads: Row = {"counted": counted, "marked": marked}
            yield tables.head_counts, {"day": day.isoformat(), "at_ms": _ms(event), **heads}
        case _:
            yield from _of_the_day(event)


def draw(raw: bytes) -> int:
    """A number from 0 to 9,999 that follows from an event's bytes, sixteen random ones among them: nobody in the office
    or at the centre can choose it, and anybody who has the event can check it."""
    return int.from_bytes(event_hash(b"follow-up" + raw)[:8], "big") % DRAWS


def _of_the_day(event: Event) -> Iterator[tuple[sa.Table, Row]]:
    match event.body:
        case events.MealServed(day=day, meal=meal, count=count):
            yield tables.meals, {"day": day.isoformat(), "meal": meal.value, "served": count}
        case events.CentreOpened(day=day):
            opened: Row = {"day": day.isoformat(), "opened_ms": _ms(event), "closed_ms": None}
            yield tables.centre_days, opened
        case events.CentreClosed(day=day):
            yield tables.centre_days, {"day": day.isoformat(), "closed_ms": _ms(event)}
        case events.MessageSeen(message_id=message):
            yield tables.messages_seen, {"message_id": message, "seen_ms": _ms(event)}
        case _:
            pass


def _ms(event: Event) -> int:
    return round(event.at.timestamp() * 1000)


def _place(event: Event, entry: LogEntry) -> Row:
    return {
        "origin": entry.origin,
        "epoch": entry.epoch,
        "sequence": entry.sequence,
        "at_ms": _ms(event),
    }


def _weighing(weighed: events.Weighed) -> Row:
    return {
        "day": weighed.day.isoformat(),
        "person_id": weighed.person_id,
        "grams": weighed.grams,
        "source": weighed.source.value,
        "waz": weighed.waz,
        "weight_class": weighed.weight_class,
        "flagged": weighed.flagged,
        "confirmed": weighed.confirmed,
        "way": weighed.way.value,
        "spread": max(weighed.readings) - min(weighed.readings) if weighed.readings else None,
        "uncertainty": weighed.uncertainty,
        "device": weighed.device,
        "reason": weighed.reason,
    }


def _measuring(measured: events.Measured) -> Row:
    return {
        "day": measured.day.isoformat(),
        "person_id": measured.person_id,
        "length": measured.length,
        "position": None if measured.position is None else measured.position.value,
        "muac": measured.muac,
        "oedema": measured.oedema,
        "haz": measured.haz,
        "whz": measured.whz,
        "baz": measured.baz,
        "stunting": measured.stunting,
        "wasting": measured.wasting,
        "flagged": json.dumps(measured.flagged),
        "confirmed": measured.confirmed,
    }


def _care(decided: events.CareDecided) -> Row:
    return {
        "day": decided.day.isoformat(),
        "person_id": decided.person_id,
        "step": decided.step,
        "acute": decided.acute,
        "underweight": decided.underweight,
        "stunting": decided.stunting,
        "faltering": decided.faltering,
        "oedema": decided.oedema,
        "signs": json.dumps(decided.signs),
        "appetite": decided.appetite,
        "seen_by": None if decided.seen_by is None else decided.seen_by.isoformat(),
        "visits": json.dumps([day.isoformat() for day in decided.visits]),
    }


def _ration(ration: events.RationCollected) -> Row:
    return {
        "day": ration.day.isoformat(),
        "person_id": ration.person_id,
        "collected_by": ration.collected_by,
        "rung": ration.rung.value,
        "reason": None if ration.reason is None else ration.reason.value,
        "score": ration.score,
        "cycle": ration.cycle,
        "tries": ration.tries,
        "serve_ms": ration.serve_ms,
    }


def _accepted(ration: events.RationCollected) -> Row:
    return {
        "day": ration.day.isoformat(),
        "person_id": ration.person_id,
        "rung": ration.rung.value,
        "accepted": True,
        "score": ration.score,
        "threshold": ration.threshold,
        "hint": None,
        **_look(ration.look),
    }


def _missed(missed: events.FaceNotMatched) -> Row:
    return {
        "day": missed.day.isoformat(),
        "person_id": missed.person_id,
        "rung": missed.rung.value,
        "accepted": False,
        "score": missed.score,
        "threshold": missed.threshold,
        "hint": missed.hint,
        **_look(missed.look),
    }


_UNMEASURED: Row = {
    "model": None,
    "calibration": None,
    "light": None,
    "live": None,
    "why_not": None,
    "flags": None,
    "challenge_ms": None,
    "machine_ms": None,
}


def _look(look: FaceLook | None) -> Row:
    """What was measured; nothing is put in the stead of what was not. No look takes 0 ms: that is one not timed."""
    if look is None:
        return _UNMEASURED
    return {
        "model": look.model,
        "calibration": look.calibration,
        "light": None if look.light is None else look.light.value,
        "live": look.live,
        "why_not": look.why_not,
        "flags": json.dumps(look.flags),
        "challenge_ms": look.challenge_ms or None,
        "machine_ms": look.machine_ms or None,
    }


def _handled(event: Event, handled: events.GrievanceHandled) -> Row:
    """Keyed by the grievance's own place: of two officers who close it at once the later one's word stands."""
    return {
        "origin": handled.origin,
        "epoch": handled.epoch,
        "sequence": handled.sequence,
        "at_ms": _ms(event),
        "officer_id": event.worker_id,
        "outcome": handled.outcome.value,
        "note": handled.note,
    }
