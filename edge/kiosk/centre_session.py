"""One log-in: the centre's people, the day so far, and how to record an event. In RAM only, gone at log-out."""

import threading
import time
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from anganwadi import events
from anganwadi.events import (
    Body,
    CareDecided,
    DoorstepListed,
    FaceTemplateRecord,
    Measured,
    MessageSeen,
    PersonRecord,
    Proof,
    RationCollected,
    Weighed,
)
from anganwadi.ids import CentreId, PersonId
from anganwadi.wire.downlink import Message
from anganwadi.wire.login import Care, LeaseGranted, PastMeasure, PastWeight, RosterEntry
from edge.store.centre import CentreStore
from edge.store.clock import CentreClock
from edge.store.day import DayState
from edge.store.recorder import Accepted, Recorder
from edge.sync import roster
from edge.sync.downlink import Downlink
from models.face.rotation import Rotation

IST = ZoneInfo("Asia/Kolkata")


class CentreSession:
    """One worker's log-in at one centre. Thread-safe."""

    def __init__(
        self,
        lease: LeaseGranted,
        proof: Proof,
        store: CentreStore,
        recorder: Recorder,
        downlink: Downlink,
        clock: CentreClock,
        wake: Callable[[], None],
        simulated: bool,
    ) -> None:
        """`proof` says who checked her PIN; `wake` is called when there is something to send.

        Raises:
            StoreError: the store cannot be read.
        """
        self.worker = lease.worker
        self.centre_id: CentreId = lease.centre_id
        self.centre_names = lease.centre_names
        self.expires = lease.expires
        self.proof = proof
        self.ends_at = time.monotonic() + (lease.expires - lease.server_time).total_seconds()
        self._people: dict[PersonId, RosterEntry] = {}
        self._rotations: dict[int, Rotation] = {}
        self._days: dict[date, DayState] = {}
        self._care_before: dict[PersonId, Care] = {}
        self._seen: set[str] = set()
        self._store = store
        self._recorder = recorder
        self._downlink = downlink
        self._clock = clock
        self._wake = wake
        self._data_key = lease.data_key
        self._simulated = simulated
        self._lock = threading.RLock()
        self._read()

    def now(self) -> datetime:
        """The time at the centre, as its events are stamped."""
        return self._clock.now()

    def today(self) -> date:
        """The date at the centre, Indian Standard Time."""
        return self.now().astimezone(IST).date()

    def day(self) -> DayState:
        """Today so far."""
        with self._lock:
            today = self.today()
            return self._days.setdefault(today, DayState(today))

    @property
    def people(self) -> dict[PersonId, RosterEntry]:
        """The people, as they are with everything recorded so far: never a new roster without it, on which a ration
        would be owed again."""
        with self._lock:
            return self._people

    def care_before(self, person: PersonId) -> Care | None:
        """The care that stood for this child before it was decided here today, as far as that is known."""
        with self._lock:
            if person in self.day().care:
                return self._care_before.get(person)
            entry = self._people.get(person)
            return None if entry is None else entry.care

    @property
    def messages(self) -> tuple[Message, ...]:
        """What the office wrote to this centre and nobody here has read, oldest first."""
        with self._lock:
            found = self._downlink.messages(self._data_key) if self._data_key else ()
            return tuple(message for message in found if message.message_id not in self._seen)

    @property
    def rotation(self) -> Rotation | None:
        """What faces enrolled now are turned by; None where the centre has no secret yet."""
        return next(iter(self._rotations.values()), None)

    def can_compare(self, template: FaceTemplateRecord) -> bool:
        """Whether the secret that turned this template is here."""
        return template.rotation == 0 or template.rotation in self._rotations

    def rotation_of(self, template: FaceTemplateRecord) -> Rotation | None:
        """What this template is turned by; None where it is not.

        Raises:
            KeyError: a secret that is not here; `can_compare` says so before.
        """
        return None if template.rotation == 0 else self._rotations[template.rotation]

    def reload(self) -> None:
        """Take in a newer roster that came down, if one did.

        Raises:
            StoreError: it could not be kept; the people stay as they were.
        """
        with self._lock:
            if self._data_key and roster.renew(self._downlink, self._store, self._data_key):
                self._read()

    def record(self, *bodies: Body, simulated: bool = False) -> list[Accepted]:
        """Accept events, all or none. When this returns they are sealed and on the disk. `simulated`: what they say
        comes from a simulated device.

        Raises:
            StoreError: nothing was saved; the text says what to do.
        """
        now = self._clock.now()
        happened = [
            events.new_event(
                body,
                centre_id=self.centre_id,
                worker_id=self.worker.worker_id,
                proof=self.proof,
                at=now,
                simulated=self._simulated or simulated,
            )
            for body in bodies
        ]
        with self._lock:
            today = self.today()
            accepted = self._recorder.record(happened, today, self._store)
            for event, each in zip(happened, accepted, strict=True):
                self._fold(today, event)
                self._erase_if_asked(event, each.sequence)
        self._wake()
        return accepted

    def close(self) -> None:
        """Send off what is open and forget everything that can be read."""
        with self._lock:
            try:
                self._recorder.let_go()
            finally:
                self._store.close()
                self._data_key = b""
                self._people = {}
                self._rotations = {}
                self._days = {}
                self._care_before = {}
        self._wake()

    def _read(self) -> None:
        """The people and the days, as the store has them."""
        self._people, self._days, self._seen = self._store.roster(), {}, set()
        self._care_before = {}
        self._rotations = {
            turned.number: Rotation(turned.number, turned.secret) for turned in self._store.rotations()
        }
        for day, event in self._store.journal():
            self._fold(day, event)

    def _erase_if_asked(self, event: events.Event, sequence: int) -> None:
        if isinstance(event.body, PersonRecord) and event.body.erase_template:
            entry = self.people.get(event.body.person_id)
            if entry is not None:
                self._store.forget_face(entry, sequence)

    def _fold(self, day: date, event: events.Event) -> None:
        self._days.setdefault(day, DayState(day)).add(event)
        match event.body:
            case PersonRecord(person_id=person, template=template, erase_template=erase):
                if template is not None or erase:
                    self._change(person, template=None if erase else template)
            case Weighed(person_id=person, grams=grams):
                entry = self.people.get(person)
                if entry is not None:
                    others = tuple(past for past in entry.weights if past.day != event.body.day)
                    self._change(person, weights=(*others, PastWeight(event.body.day, grams)))
            case Measured(person_id=person) as measured:
                entry = self.people.get(person)
                if entry is not None:
                    others = tuple(past for past in entry.measures if past.day != measured.day)
                    self._change(person, measures=(*others, _past(measured)))
            case CareDecided() as decided:
                self._decide(decided)
            case RationCollected(person_id=person, cycle=cycle):
                entry = self.people.get(person)
                if entry is not None and cycle not in entry.cycles:
                    self._change(person, cycles=(*entry.cycles, cycle))
            case DoorstepListed(person_id=person, listed=listed):
                self._change(person, doorstep=listed)
            case MessageSeen(message_id=message):
                self._seen.add(message)
            case _:
                pass

    def _decide(self, decided: CareDecided) -> None:
        """Take in a decision, unless the roster brought a newer one of another kiosk's."""
        entry = self.people.get(decided.person_id)
        if entry is None:
            return
        care = Care(day=decided.day, step=decided.step, seen_by=decided.seen_by, visits=decided.visits)
        known = entry.care
        if known is not None and known.day != care.day:
            self._care_before[decided.person_id] = min(known, care, key=lambda each: each.day)
        if known is None or known.day <= care.day:
            self._change(decided.person_id, care=care)

    def _change(self, person: PersonId, **changes: object) -> None:
        entry = self.people.get(person)
        if entry is not None:
            self.people[person] = msgspec.structs.replace(entry, **changes)


def _past(measured: Measured) -> PastMeasure:
    return PastMeasure(
        day=measured.day, length=measured.length, position=measured.position,
        muac=measured.muac, oedema=measured.oedema,
    )  # fmt: skip
