"""The web application of a small district, and a hand that lets children be weighed, measured and cared for in it."""

import json
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from anganwadi.ids import CentreId, PersonId
from anganwadi.people import Person, Sex
from server.storage import tables
from tests.unit.server.web_district import CENTRE, TODAY, WebDistrict, web

__all__ = ["web"]


class Nursery:
    """What happened to children: each call is one event, as its row stands in the registers."""

    def __init__(self, web: WebDistrict) -> None:
        self.web = web
        self._sequence = 0

    def child(
        self, person_id: str, *, days: int = 700, sex: Sex = Sex.FEMALE, centre: str = CENTRE, **more: object
    ) -> str:
        """A child of so many days of age today."""
        born = TODAY - timedelta(days=days)
        self.web.add_person(
            Person(
                person_id=PersonId(person_id),
                centre_id=CentreId(centre),
                household="h-1",
                name="गुड़िया",
                name_latin=f"Gudiya {person_id}",
                sex=sex,
                born=born,
                registered=born,
                **more,  # type: ignore[arg-type]
            )
        )
        return person_id

    def children(self, count: int, prefix: str = "c", **more: object) -> list[str]:
        return [self.child(f"{prefix}-{n}", **more) for n in range(count)]  # type: ignore[arg-type]

    def weigh(
        self, person: str, weight_class: str | None = "NORMAL", *, grams: int = 9_400, day: date = TODAY,
        centre: str = CENTRE, **more: object,
    ) -> None:  # fmt: skip
        waz = {"NORMAL": -1.0, "MODERATE": -2.5, "SEVERE": -3.4, None: None}[weight_class]
        values: dict[str, object] = {
            "source": "scale", "way": "alone", "flagged": False, "confirmed": False, "spread": 20, "waz": waz, **more,
        }  # fmt: skip
        self.web.add(
            tables.weighings, **{**self._place(day, centre), **values}, person_id=person, grams=grams,
            weight_class=weight_class,
        )  # fmt: skip

    def measure(
        self,
        person: str,
        *,
        day: date = TODAY,
        centre: str = CENTRE,
        flagged: Sequence[str] = (),
        **more: object,
    ) -> None:
        values: dict[str, object] = {"confirmed": False, **more}
        self.web.add(
            tables.measurings,
            **{**self._place(day, centre), **values},
            person_id=person,
            flagged=json.dumps(flagged),
        )

    def decide(
        self, person: str, step: str, *, day: date = TODAY, centre: str = CENTRE, visits: Sequence[date] = (),
        seen_by: date | None = None, **more: object,
    ) -> None:  # fmt: skip
        values: dict[str, object] = {"oedema": False, "signs": "[]", **more}
        self.web.add(
            tables.care, **self._place(day, centre), person_id=person, step=step,
            visits=json.dumps([each.isoformat() for each in visits]),
            seen_by=None if seen_by is None else seen_by.isoformat(), **values,
        )  # fmt: skip

    def _place(self, day: date, centre: str) -> dict[str, object]:
        self._sequence += 1
        return {
            "origin": f"kiosk-{centre}",
            "epoch": 1,
            "sequence": self._sequence,
            "centre_id": centre,
            "day": day.isoformat(),
            "at_ms": self.web.now_ms + self._sequence,
        }


@pytest.fixture
def nursery(web: WebDistrict) -> Nursery:
    return Nursery(web)
