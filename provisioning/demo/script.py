"""One centre's day, step by step, as a worker would tap it, with what must come of each step.

Two portraits play all the parts. The first mother enrols as `astronaut`; the second enrols as `grace_hopper` and, with
the same face, is the stranger who comes in the first one's name. The third has no face enrolled, but a card.
"""

from collections.abc import Callable, Iterator

import msgspec

from provisioning import demo_facts as facts
from provisioning.demo.driver import KioskDriver, NotAsScripted, Nothing, Person, Portrait, Surroundings

PRESENT = 25
CHILD_KG = 9.12
CHILD_ARM_MM = 142
TOLERANCE_GRAMS = 10
BAD_FRAMES_AT_MOST = 60
LOOKS_AT_MOST = 200
"""A try of a face takes some seconds, and a look a third of one."""


class Outcome(msgspec.Struct, frozen=True):
    """One step: what came of it, and whether that is what the script has."""

    step: str
    seen: str
    good: bool


class Score(msgspec.Struct, frozen=True):
    """One look at a face at the counter."""

    who: str
    score: float | None
    threshold: float
    accepted: bool
    hint: str | None
    """What the picture lacked, or why no live face was seen."""


class Measured(msgspec.Struct, frozen=True):
    """The weighed child: the load on the simulated cell, what was saved, and WHO's weight-for-age of it."""

    load_grams: int
    grams: int
    waz: float | None
    weight_class: str | None


class _LoggedIn(msgspec.Struct, frozen=True):
    centre_id: str


class _Present(msgspec.Struct, frozen=True):
    present: int
    total: int


class _Meal(msgspec.Struct, frozen=True):
    count: int


class _Reading(msgspec.Struct, frozen=True):
    readings: list[int]
    next: str


class _Saved(msgspec.Struct, frozen=True):
    grams: int
    waz: float | None = None
    weight_class: str | None = None


class _Frame(msgspec.Struct, frozen=True):
    taken: int
    needed: int
    done: bool
    hint: str | None = None


class _Face(msgspec.Struct, frozen=True):
    state: str
    accepted: bool
    rung: str
    threshold: float
    why: str | None = None
    score: float | None = None
    hint: str | None = None
    next_rung: str | None = None


class _Attested(msgspec.Struct, frozen=True):
    accepted: bool
    rung: str


class Day:
    """The script. `play` does the steps one by one; `scores` and `measured` fill as it goes."""

    def __init__(self, kiosk: KioskDriver, surroundings: Surroundings) -> None:
        self._kiosk = kiosk
        self._around = surroundings
        self._people: list[Person] = []
        self.scores: list[Score] = []
        self.measured: Measured | None = None

    def play(self) -> Iterator[Outcome]:
        """Do the day. A step that the kiosk refuses is an outcome too; what depends on it is refused after it."""
        for name, step in self._steps():
            try:
                yield Outcome(name, *step())
            except NotAsScripted as error:
                yield Outcome(name, str(error), good=False)

    def _steps(self) -> list[tuple[str, Callable[[], tuple[str, bool]]]]:
        return [
            ("the worker logs in", self._log_in),
            ("the centre opens", self._open),
            (f"{PRESENT} children are present", self._mark_attendance),
            ("a hot meal is served", self._serve_meal),
            ("a child is weighed", self._weigh),
            ("a mother's face is enrolled", lambda: self._enrol(self._mother(0), "astronaut")),
            ("a second mother's face is enrolled", lambda: self._enrol(self._mother(1), "grace_hopper")),
            ("a stranger comes in the first one's name", self._turn_stranger_away),
            ("the first mother collects by face", self._collect_by_face),
            ("the second, too dark to match, is still served", self._collect_in_the_dark),
            ("the third collects on her card and PIN", self._collect_by_card),
            ("the centre closes", self._close),
        ]

    def _log_in(self) -> tuple[str, bool]:
        answer = self._kiosk.post("/login", _LoggedIn, post=facts.WORKER_POST, pin=facts.WORKER_PIN)
        self._people = self._kiosk.people()
        return f"{len(self._people)} people on the roster", answer.centre_id == facts.CENTRE_ID

    def _open(self) -> tuple[str, bool]:
        self._kiosk.post("/centre/open", Nothing)
        return "open", True

    def _mark_attendance(self) -> tuple[str, bool]:
        children = [each for each in self._people if each.attends_preschool][:PRESENT]
        present = 0
        for child in children:
            present = self._kiosk.post(f"/attendance/{child.person_id}", _Present, present=1).present
        return f"{present} present", present == PRESENT

    def _serve_meal(self) -> tuple[str, bool]:
        meal = self._kiosk.post("/meals", _Meal, meal="HCM", count=PRESENT)
        return f"{meal.count} meals", meal.count == PRESENT

    def _weigh(self) -> tuple[str, bool]:
        child = self._first(lambda each: each.category == "CHILD_6_36M", "no child of 6-36 months to weigh")
        path = f"/weigh/{child.person_id}"
        following = "lift"
        while following != "save":
            self._around.put_on_scale(0)
            self._around.put_on_scale(CHILD_KG)
            following = self._kiosk.post(f"{path}/reading", _Reading).next
        self._kiosk.post(f"{path}/measures", Nothing, muac=CHILD_ARM_MM, oedema="no")
        saved = self._kiosk.post(f"{path}/save", _Saved)
        self._around.put_on_scale(0)
        load = round(CHILD_KG * 1000)
        self.measured = Measured(load, saved.grams, saved.waz, saved.weight_class)
        good = abs(saved.grams - load) <= TOLERANCE_GRAMS and saved.waz is not None
        return f"{saved.grams} g", good

    def _enrol(self, mother: Person, portrait: Portrait) -> tuple[str, bool]:
        self._around.show_face(portrait)
        path = f"/faces/{mother.person_id}"
        self._kiosk.post(f"{path}/consent", Nothing, language="hi")
        hints: list[str] = []
        while len(hints) < BAD_FRAMES_AT_MOST:
            frame = self._kiosk.post(f"{path}/frame", _Frame)
            if frame.done:
                return f"from {frame.taken} pictures, {len(hints)} not taken", True
            if frame.hint is not None:
                hints.append(frame.hint)
        raise NotAsScripted(f"{len(hints)} pictures were not taken; the last hint was {hints[-1]}")

    def _turn_stranger_away(self) -> tuple[str, bool]:
        her = self._mother(0)
        self._around.show_face("grace_hopper")
        looks = [self._look(her, "stranger"), self._look(her, "stranger")]
        self._kiosk.post(f"/ration/{her.person_id}/refuse", Nothing, reason="stranger")
        good = not any(look.accepted for look in looks) and all(look.score is not None for look in looks)
        return "not accepted, twice; left without" if good else "taken for her, or not seen", good

    def _collect_by_face(self) -> tuple[str, bool]:
        self._around.show_face("astronaut")
        look = self._look(self._mother(0), "first mother")
        return (
            f"on rung {look.rung}" if look.accepted else "not accepted",
            look.accepted and look.rung == "face",
        )

    def _collect_in_the_dark(self) -> tuple[str, bool]:
        her = self._mother(1)
        self._around.show_face("grace_hopper", dark=True)
        looks = [self._look(her, "second mother, dark"), self._look(her, "second mother, dark")]
        if any(look.accepted for look in looks):
            return "matched in the dark", False
        answer = self._kiosk.post(
            f"/ration/{her.person_id}/attest",
            _Attested,
            reason="too_dark",
            witness=facts.HELPER_POST,
            heard=1,
        )
        good = answer.accepted and answer.rung == "attestation" and looks[-1].next_rung is not None
        return f"served on rung {answer.rung}", good

    def _collect_by_card(self) -> tuple[str, bool]:
        known = {self._mother(0).person_id, self._mother(1).person_id}
        her = self._first(
            lambda each: each.card is not None and each.owed_ration and each.person_id not in known,
            "nobody else who is owed a ration has a card",
        )
        answer = self._kiosk.post(
            f"/ration/{her.person_id}/card", _Attested, card=her.card, pin=facts.CARD_PIN
        )
        return f"served on rung {answer.rung}", answer.accepted and answer.rung == "card"

    def _close(self) -> tuple[str, bool]:
        self._around.show_face(None)
        self._kiosk.post("/centre/close", Nothing)
        self._kiosk.post("/logout", Nothing)
        return "closed, logged out", True

    def _look(self, whose: Person, who: str) -> _Face:
        """One try of a face: asked for again and again until the answer is there.

        Raises:
            NotAsScripted: it never is.
        """
        for _ in range(LOOKS_AT_MOST):
            look = self._kiosk.post(f"/ration/{whose.person_id}/face", _Face)
            if look.state in {"accepted", "not_accepted"}:
                break
        else:
            raise NotAsScripted(f"{LOOKS_AT_MOST} looks at {who}'s face, and no answer")
        self.scores.append(Score(who, look.score, look.threshold, look.accepted, look.why or look.hint))
        return look

    def _mother(self, number: int) -> Person:
        mothers = [each for each in self._people if each.may_enrol_face and each.owed_ration]
        free = [each for each in mothers if not each.enrolled and not each.collected]
        if len(free) <= number:
            raise NotAsScripted("the roster has not two mothers who are owed a ration and not enrolled")
        return free[number]

    def _first(self, fits: Callable[[Person], bool], otherwise: str) -> Person:
        found = next(filter(fits, self._people), None)
        if found is None:
            raise NotAsScripted(otherwise)
        return found
