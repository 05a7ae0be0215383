"""The scripted day can fail: whatever the kiosk does otherwise than scripted is an outcome that is not good.

The kiosk here is a few answers in its HTTP interface's form; tests/e2e plays the day on the real one.
"""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec
import pytest

from provisioning.demo import driver
from provisioning.demo.driver import KioskDriver, Surroundings
from provisioning.demo.ledger import Ledger
from provisioning.demo.script import CHILD_KG, PRESENT, Day, Outcome

LOAD = round(CHILD_KG * 1000)
DARK = {
    "state": "not_accepted", "accepted": False, "rung": "face", "score": None, "threshold": 0.5, "hint": "too_dark"
}  # fmt: skip
TAKEN = {"state": "accepted", "accepted": True, "rung": "face", "score": 0.9, "threshold": 0.5}


class FakeKiosk:
    """Answers as the script has it; `change` replaces single answers by their path's last parts."""

    def __init__(self, folder: Path) -> None:
        self.control = folder / "scale.json"
        self.scene = folder / "scene.json"
        self.change: dict[str, tuple[int, object]] = {}
        self.readings = self.marked = self.looks_in_the_dark = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        last = request.url.path.rpartition("/")[2]
        status, answer = self.change.get(last, (200, None))
        return httpx.Response(status, json=self._usual(request.url.path) if answer is None else answer)

    def _usual(self, path: str) -> object:
        match path.strip("/").split("/"):
            case ["login"]:
                return {"centre_id": "09123456701"}
            case ["api", "people"]:
                return [
                    *(person(f"child-{n}", attends_preschool=True) for n in range(PRESENT + 5)),
                    person("baby", category="CHILD_6_36M", is_weighed=True),
                    *(
                        person(f"mother-{n}", owed_ration=True, may_enrol_face=True, card="7")
                        for n in range(3)
                    ),
                ]
            case ["attendance", _]:
                self.marked += 1
                return {"present": self.marked, "total": PRESENT + 5}
            case ["meals"]:
                return {"meal": "HCM", "count": PRESENT}
            case ["weigh", "live"]:
                kilograms = json.loads(self.control.read_text())["load_kg"]
                return {"state": "stable", "grams": LOAD} if kilograms else {"state": "empty", "grams": None}
            case ["weigh", _, "reading"]:
                self.readings += 1
                return {"readings": [LOAD], "next": "save" if self.readings == 2 else "lift"}
            case ["weigh", _, "measures"]:
                return {"length": None, "position": None, "muac": 142, "oedema": False}
            case ["weigh", _, "save"]:
                return {"grams": LOAD + 5, "waz": -1.2, "weight_class": "NORMAL"}
            case ["faces", _, "frame"]:
                return {"taken": 3, "needed": 3, "hint": None, "done": True}
            case ["ration", mother, "face"]:
                return self._look(mother)
            case ["ration", _, "attest"]:
                return {"accepted": True, "rung": "attestation"}
            case ["ration", _, "card"]:
                return {"accepted": True, "rung": "card"}
            case _:
                return {}

    def _look(self, mother: str) -> object:
        scene = json.loads(self.scene.read_text())
        if scene["light"] == "dark":
            self.looks_in_the_dark += 1
            return {**DARK, "next_rung": "face_retry" if self.looks_in_the_dark == 1 else "attestation"}
        right = (mother == "mother-0") == (scene["face"] == "astronaut")
        return TAKEN if right else {**DARK, "score": 0.2, "hint": None, "next_rung": "face_retry"}


def person(name: str, **changes: object) -> dict[str, object]:
    usual = {
        "person_id": name,
        "category": "CHILD_3_6Y",
        **dict.fromkeys(driver.Person.__struct_fields__[2:], False),
        "card": None,
    }
    return {**usual, **changes}


@pytest.fixture
def kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeKiosk:
    monkeypatch.setattr(driver, "PATIENCE", 0.3)
    return FakeKiosk(tmp_path)


@pytest.fixture
def play(kiosk: FakeKiosk, tmp_path: Path) -> Callable[[], list[Outcome]]:
    def play_day() -> list[Outcome]:
        hands = KioskDriver("http://kiosk", Ledger(tmp_path / "none.db"), httpx.MockTransport(kiosk))
        day = Day(hands, Surroundings(hands, kiosk.control, kiosk.scene))
        return list(day.play())

    return play_day


def bad(outcomes: list[Outcome]) -> list[str]:
    return [outcome.step for outcome in outcomes if not outcome.good]


def test_a_kiosk_that_does_all_as_scripted_passes(play: Callable[[], list[Outcome]]) -> None:
    outcomes = play()
    assert bad(outcomes) == []
    assert len(outcomes) == 12


@pytest.mark.parametrize(
    ("answer", "to", "step"),
    [
        ("meals", {"meal": "HCM", "count": PRESENT - 1}, "a hot meal is served"),
        ("save", {"grams": LOAD + 11, "waz": -1.0}, "a child is weighed"),
        ("save", {"grams": LOAD, "waz": None}, "a child is weighed"),
        ("card", {"accepted": False, "rung": "card"}, "the third collects on her card and PIN"),
        ("attest", {"accepted": True, "rung": "card"}, "the second, too dark to match, is still served"),
        (
            "attest",
            {"accepted": False, "rung": "attestation"},
            "the second, too dark to match, is still served",
        ),
    ],
)
def test_another_answer_is_not_as_scripted(
    kiosk: FakeKiosk, play: Callable[[], list[Outcome]], answer: str, to: object, step: str
) -> None:
    kiosk.change[answer] = (200, to)
    assert bad(play()) == [step]


def test_a_stranger_taken_for_her_is_not_as_scripted(
    kiosk: FakeKiosk, play: Callable[[], list[Outcome]]
) -> None:
    kiosk.change["face"] = (200, TAKEN)
    assert bad(play()) == [
        "a stranger comes in the first one's name",
        "the second, too dark to match, is still served",
    ]


def test_a_face_that_is_looked_at_without_end_is_not_as_scripted(
    kiosk: FakeKiosk, play: Callable[[], list[Outcome]]
) -> None:
    kiosk.change["face"] = (200, {**DARK, "state": "looking"})
    assert "the first mother collects by face" in bad(play())


def test_her_own_face_not_accepted_is_not_as_scripted(
    kiosk: FakeKiosk, play: Callable[[], list[Outcome]]
) -> None:
    kiosk.change["face"] = (200, {**DARK, "score": 0.3, "next_rung": "attestation"})
    assert bad(play()) == ["the first mother collects by face"]


def test_a_step_the_kiosk_refuses_is_named_with_its_words_and_the_day_goes_on(
    kiosk: FakeKiosk, play: Callable[[], list[Outcome]]
) -> None:
    kiosk.change["open"] = (503, {"error": "store_full", "text": "free space on the card"})
    outcomes = play()
    assert bad(outcomes) == ["the centre opens"]
    assert outcomes[1].seen == "POST /centre/open answered 503 store_full: free space on the card"


def test_a_scale_that_never_rests_is_not_waited_for_without_end(
    kiosk: FakeKiosk, play: Callable[[], list[Outcome]]
) -> None:
    kiosk.change["live"] = (200, {"state": "settling", "grams": LOAD})
    outcomes = play()
    assert bad(outcomes) == ["a child is weighed"]
    assert "the scale does not come to" in outcomes[4].seen


def test_an_enrolment_that_never_takes_a_picture_ends(
    kiosk: FakeKiosk, play: Callable[[], list[Outcome]]
) -> None:
    kiosk.change["frame"] = (200, {"taken": 0, "needed": 3, "hint": "no_face", "done": False})
    assert "the last hint was no_face" in play()[5].seen


def test_answers_in_an_unknown_form_are_named(kiosk: FakeKiosk, play: Callable[[], list[Outcome]]) -> None:
    kiosk.change["meals"] = (200, {"number": 25})
    assert "in an unknown form" in play()[3].seen


def test_the_scene_and_the_load_are_left_empty(kiosk: FakeKiosk, play: Callable[[], list[Outcome]]) -> None:
    play()
    assert msgspec.json.decode(kiosk.scene.read_bytes())["face"] is None
    assert msgspec.json.decode(kiosk.control.read_bytes())["load_kg"] == 0
