"""Who sits at the kiosk, and what is under way between two requests of that person. All of it is in RAM.

A `Seat` is one log-in in one browser; its token is the cookie `aangan_seat`. Leaving, idling out or the end of the
lease drops the seat and with it every half-finished weighing, enrolment and pick-up.
"""

import secrets
import threading
import time
from dataclasses import dataclass, field

from anganwadi.ids import PersonId
from anganwadi.wire.login import RosterEntry
from edge.devices.scale import Scale
from edge.devices.voice import Voice
from edge.face.engine import FaceEngine
from edge.face.headcount import HeadCounter
from edge.face.matching import DEFAULT_THRESHOLD
from edge.kiosk.enrolling import Enrolling
from edge.kiosk.face_tools import FaceTools
from edge.kiosk.pickup import Pickup
from edge.kiosk.session import CentreSession, Kiosk
from edge.kiosk.speaking import Speaker
from edge.kiosk.viewfinder import Viewfinder
from edge.kiosk.weighing import Weighing

COOKIE = "aangan_seat"
SLIP_S = 120.0
"""How long the page may say "hand it out now" after a ration was recorded without a log-in."""


@dataclass
class Seat:
    """One log-in, and what it has under way, by person. `lock` is held while one step of it is taken."""

    token: str
    session: CentreSession
    weighings: dict[PersonId, Weighing] = field(default_factory=dict)
    enrolments: dict[PersonId, Enrolling] = field(default_factory=dict)
    consented: set[PersonId] = field(default_factory=set)
    """Who said yes to the notice in this log-in, and did not take it back."""
    pickups: dict[PersonId, Pickup] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def entry(self, person_id: PersonId) -> RosterEntry | None:
        return self.session.people.get(person_id)

    def weighing(self, person_id: PersonId) -> Weighing:
        with self.lock:
            return self.weighings.setdefault(person_id, Weighing())

    def enrolment(self, person_id: PersonId) -> Enrolling | None:
        """The enrolment under way for this person, unless nobody has gone on with it for too long."""
        with self.lock:
            self.end_enrolments(but=None, only_stale=True)
            return self.enrolments.get(person_id)

    def end_enrolments(self, but: PersonId | None, *, only_stale: bool = False) -> None:
        """Drop the enrolments under way of everybody but this person, or only those nobody went on with: a consent
        holds for as long as she stands there."""
        if not self.enrolments:
            return
        with self.lock:
            now = time.monotonic()
            for person_id, enrolling in list(self.enrolments.items()):
                if person_id != but and (enrolling.is_over(now) or not only_stale):
                    del self.enrolments[person_id]

    def pickup(self, person_id: PersonId) -> Pickup:
        """The pick-up under way for this person, or a new one."""
        with self.lock:
            pickup = self.pickups.get(person_id)
            if pickup is None or pickup.is_over(time.monotonic()):
                pickup = self.pickups[person_id] = Pickup()
            return pickup

    def forget_looks(self, person_id: PersonId) -> None:
        """Drop the tries under way of this person's face, for whomever she stands there: each holds her template."""
        with self.lock:
            for pickup in self.pickups.values():
                if pickup.look is not None and pickup.look.shown.person.person_id == person_id:
                    pickup.look = None

    def nobody_at_the_counter(self) -> None:
        """The list of names is on the screen: the next time a name is tapped, her time begins anew."""
        with self.lock:
            for pickup in self.pickups.values():
                pickup.tapped = None


class Desk:
    """The kiosk with its devices, and the seat before it. Thread-safe."""

    def __init__(
        self,
        kiosk: Kiosk,
        viewfinder: Viewfinder,
        faces: FaceEngine | None,
        scale: Scale,
        voice: Voice | None = None,
        heads: HeadCounter | None = None,
        tools: FaceTools | None = None,
    ) -> None:
        """Without `faces` no face is compared, without a `voice` nothing is said, without `heads` none are counted."""
        self.kiosk = kiosk
        self.viewfinder = viewfinder
        self.faces = faces
        self.scale = scale
        self.speaker = Speaker(voice)
        self.heads = heads
        self.tools = tools or FaceTools()
        self._seat: Seat | None = None
        self._sitting = threading.Lock()
        self._unseated: CentreSession | None = None
        self._slip = ("", 0.0)

    @property
    def threshold(self) -> float:
        """The score from which a face is taken for the enrolled one: the district's, else the model's own."""
        own = self.kiosk.settings.face.threshold
        if own is not None:
            return own
        return DEFAULT_THRESHOLD if self.faces is None else self.faces.threshold

    @property
    def model(self) -> str | None:
        """The face model in use; None where none is installed."""
        return None if self.faces is None else self.faces.model

    def sit(self, session: CentreSession) -> Seat:
        """Begin a log-in; whoever sat here before sits here no more.

        Of two log-ins at once the one whose session lives gets the place, in whichever order they come here; the
        other's seat is taken already.
        """
        seat = Seat(secrets.token_urlsafe(32), session)
        with self._sitting:
            if self.kiosk.session is session:
                self._seat = seat
        return seat

    def seat(self, token: str | None) -> Seat | None:
        """The seat of that token, if it is still taken."""
        seat = self._seat
        if seat is None or token is None or not secrets.compare_digest(seat.token.encode(), token.encode()):
            return None
        if self.kiosk.session is not seat.session:
            self._drop(seat)
            return None
        return seat

    def leave(self) -> None:
        """Log out: the seat, the session and the camera's picture are gone."""
        self._seat = None
        self.kiosk.log_out()
        self.viewfinder.off()

    def new_slip(self) -> str:
        """A name for what was just recorded without a log-in, by which one page may be asked for until the next."""
        self._slip = (secrets.token_urlsafe(9), time.monotonic())
        return self._slip[0]

    def shows(self, slip: str) -> bool:
        """Whether this is the newest slip, and not an old one."""
        newest, at = self._slip
        return bool(newest) and slip == newest and time.monotonic() - at < SLIP_S

    def tidy(self) -> None:
        """End what has run out. Called every few seconds, so that an idle kiosk forgets without being asked.

        A session that nobody sits at ends as well, at the second look: at the first it may just have begun.
        """
        self.viewfinder.rest()
        seat = self._seat
        if seat is not None:
            seat.end_enrolments(but=None, only_stale=True)
        session = self.kiosk.session  # asking for it ends one that is idle or expired
        if seat is not None and seat.session is not session:
            self._drop(seat)
        unseated = None if seat is not None and seat.session is session else session
        if unseated is not None and unseated is self._unseated:
            self.leave()
            unseated = None
        self._unseated = unseated

    def _drop(self, seat: Seat) -> None:
        """Let go of this seat, but not of one that was taken since."""
        with self._sitting:
            if self._seat is seat:
                self._seat = None
