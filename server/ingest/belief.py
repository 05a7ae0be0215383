"""What a kiosk may say, as far as an event itself shows it; who people and workers are is for `acquaintance` to say.

The frame's signature proves the device. What it says is believed within these bounds:

- it speaks of its own centre, of a time within a day ahead and 400 days back, and not as the server;
- outside a demo district nothing that comes from simulated devices;
- a worker is named who proved who she is; where nobody was logged in it is `NOBODY`, without proof, and only for what
  is recorded without logging in: the centre opened or closed, a meal served, a ration without the roster.

An event that is not believed goes into quarantine by itself and keeps its place in the chain.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec

from anganwadi import events
from anganwadi.events import Body, Event
from anganwadi.ids import NOBODY, CentreId, PersonId, WorkerId
from anganwadi.wire import chain
from server.ingest.reasons import Reason

AHEAD = timedelta(days=1)
BACK = timedelta(days=400)
"""How far an event's time may be from the server's: a kiosk's clock is wrong, or it lay in a drawer."""

SEALED_ONLY = (events.CentreOpened, events.CentreClosed, events.MealServed, events.RationWithoutRoster)
"""What a kiosk records with nobody logged in."""

_ID = re.compile(r"[!-~]{1,40}")
_TYPES: dict[type, str] = {}
_NAMED: dict[type, Callable[[Any], Iterable[PersonId]]] = {}


class Contents(msgspec.Struct, array_like=True):
    """What a frame's events say, in lists of one length; what was found wrong with them stands in `doubts` by index.

    `people` and `workers` are those named by the events without a doubt; `identifying` are the indices of those whose
    content must not enter the log.
    """

    raws: list[bytes]
    hashes: list[bytes]
    types: list[str]
    people: set[PersonId] = msgspec.field(default_factory=set)
    workers: set[WorkerId] = msgspec.field(default_factory=set)
    identifying: list[int] = msgspec.field(default_factory=list)
    doubts: dict[int, str] = msgspec.field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of all events."""
        return sum(map(len, self.raws))


class Belief:
    """The bounds of one moment for the kiosks of one district."""

    def __init__(self, *, demo: bool, now: datetime | None = None) -> None:
        self._demo = demo
        now = now or datetime.now(UTC)
        self._latest, self._earliest = now + AHEAD, now - BACK

    def read(self, raws: Sequence[bytes], centre: CentreId) -> Contents:
        """Decode a frame's events and judge each; `centre` is the device's."""
        contents = Contents(list(raws), [chain.event_hash(raw) for raw in raws], [])
        types, workers, people = contents.types, contents.workers, contents.people
        earliest, latest = self._earliest, self._latest
        for n, raw in enumerate(raws):
            try:
                event = events.decode(raw)
            except events.UnknownEvent as error:
                types.append("")
                contents.doubts[n] = str(error)
                continue
            body: Any = event.body
            kind = type(body)
            types.append(_TYPES[kind])
            # Nearly all are so: the rules in full cost as much as decoding does.
            usual = kind in _USUAL and event.centre_id == centre and earliest <= event.at <= latest
            if not usual or event.simulated or event.worker_id == NOBODY or event.proof is events.Proof.NONE:
                doubt = self.doubt(event, centre)
                if doubt is not None:
                    contents.doubts[n] = doubt
                    continue
            workers.add(event.worker_id)
            if kind in _ABOUT_ONE:
                people.add(body.person_id)
            else:
                people.update(_NAMED[kind](body))
            if kind in events.IDENTIFYING:
                contents.identifying.append(n)
        workers.discard(NOBODY)
        return contents

    def doubt(self, event: Event, centre: CentreId) -> Reason | None:
        """What speaks against an event by itself; `centre` is that of the device it came from."""
        if type(event.body) in events.SERVER_ONLY:
            return Reason.SERVER_ONLY
        if event.centre_id != centre:
            return Reason.OTHER_CENTRE
        if event.simulated and not self._demo:
            return Reason.SIMULATED
        if not self._earliest <= event.at <= self._latest:
            return Reason.PAST if event.at < self._earliest else Reason.FUTURE
        if event.worker_id == NOBODY or event.proof is events.Proof.NONE:
            return _unproven(event)
        return None


def _unproven(event: Event) -> Reason | None:
    whole = event.worker_id == NOBODY and event.proof is events.Proof.NONE
    return None if whole and isinstance(event.body, SEALED_ONLY) else Reason.UNPROVEN_WORKER


def is_id(text: str) -> bool:
    """Whether a person can have this id: printable ASCII without spaces, 40 at most."""
    return _ID.fullmatch(text) is not None


def named(body: Body) -> Iterable[PersonId]:
    """The people an event is about. A person record's family is not among them: it may be registered later."""
    return _NAMED[type(body)](body)


class _About(msgspec.Struct):
    person_id: str | None = None


class _Outline(msgspec.Struct):
    body: _About


def about(raw: bytes) -> PersonId | None:
    """Whom an event is about, even where the rest of it cannot be read; None where it does not say."""
    try:
        person = msgspec.msgpack.decode(raw, type=_Outline).body.person_id
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return PersonId(person) if person is not None and is_id(person) else None


def _nobody(_: object) -> Iterable[PersonId]:
    return ()


def _one(body: Any) -> Iterable[PersonId]:
    return (body.person_id,)


def _two(body: Any) -> Iterable[PersonId]:
    return (body.person_id, body.collected_by)


def _learn(kinds: Iterable[type]) -> None:
    for kind in kinds:
        fields = kind.__struct_fields__
        _TYPES[kind] = str(kind.__struct_config__.tag)
        _NAMED[kind] = _two if "collected_by" in fields else _one if "person_id" in fields else _nobody


_learn(get_args(Body))
_ABOUT_ONE = frozenset(kind for kind, names in _NAMED.items() if names is _one)
_USUAL = frozenset(_TYPES) - frozenset(events.SERVER_ONLY)
