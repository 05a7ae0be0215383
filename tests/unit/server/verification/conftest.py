"""The web application of a small district, and a hand that lets people be verified in it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from anganwadi.ids import CentreId, PersonId
from anganwadi.people import Person, Sex
from server.storage import tables
from tests.unit.server.web_district import CENTRE, TODAY, WebDistrict, web

__all__ = ["web"]


class Days:
    """What happened before the kiosks: each call is one event, as its row stands in the registers."""

    def __init__(self, web: WebDistrict) -> None:
        self.web = web
        self._sequence = 0

    def person(self, person_id: str, *, born: int = 1998, centre: str = CENTRE, **more: object) -> str:
        self.web.add_person(
            Person(
                person_id=PersonId(person_id),
                centre_id=CentreId(centre),
                household="h-1",
                name="सुनीता",
                name_latin=f"Sunita {person_id}",
                sex=Sex.FEMALE,
                born=date(born, 3, 1),
                registered=TODAY - timedelta(days=200),
                **more,  # type: ignore[arg-type]
            )
        )
        return person_id

    def served(
        self, person: str, rung: str, *, day: date = TODAY, centre: str = CENTRE, **more: object
    ) -> None:
        """A ration was handed out; a face that it stands on was looked at."""
        look = {key: more.pop(key) for key in ("light", "live", "challenge_ms", "machine_ms") if key in more}
        place = self._place(day, centre)
        values: dict[str, object] = {"serve_ms": 10_000, "draw": 9_999, "cycle": f"{day:%Y-%m}", **more}
        self.web.add(tables.rations, **place, person_id=person, collected_by=person, rung=rung, **values)
        if "face" in rung:
            face = {"accepted": True, "score": 0.7, **look}
            self.web.add(tables.face_tries, **place, person_id=person, rung=rung, **face)

    def missed(
        self, person: str, rung: str = "face", *, day: date = TODAY, centre: str = CENTRE, **look: object
    ) -> None:
        """A face was shown and not accepted."""
        place = self._place(day, centre)
        self.web.add(tables.face_tries, **place, person_id=person, rung=rung, accepted=False, **look)

    def _place(self, day: date, centre: str) -> dict[str, object]:
        self._sequence += 1
        return {
            "origin": f"kiosk-{centre}",
            "epoch": 1,
            "sequence": 1000 + self._sequence,
            "centre_id": centre,
            "day": day.isoformat(),
            "at_ms": self.web.now_ms + self._sequence,
        }


@pytest.fixture
def days(web: WebDistrict) -> Days:
    return Days(web)


@pytest.fixture
def people(days: Days) -> Callable[..., list[str]]:
    """Register so many women."""

    def register(count: int, prefix: str = "p", **more: object) -> list[str]:
        return [days.person(f"{prefix}-{n}", **more) for n in range(count)]  # type: ignore[arg-type]

    return register
