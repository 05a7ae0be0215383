"""The web application of a small district whose server can record, and refusals of rations in it."""

from collections.abc import Callable

import pytest

from anganwadi.ids import DistrictId
from anganwadi.wire.keys import PrivateKeys
from server.storage import own_origin, tables
from tests.unit.server.web_district import CENTRE, DISTRICT, TODAY, WebDistrict
from tests.unit.server.web_district import web as plain_web

__all__ = ["plain_web"]


@pytest.fixture
def web(plain_web: WebDistrict) -> WebDistrict:
    with plain_web.engine.begin() as connection:
        own_origin.enrol_self(connection, DistrictId(DISTRICT), PrivateKeys.generate().public)
    return plain_web


@pytest.fixture
def refuse(web: WebDistrict) -> Callable[..., str]:
    """Let somebody have left without her ration so many hours ago; the grievance's place."""

    def left(person: str = "p-1", *, hours: float = 1, sequence: int = 7, **more: object) -> str:
        values = {"centre_id": CENTRE, "reason": "stranger", "day": TODAY.isoformat(), **more}
        at_ms = web.now_ms - int(hours * 3_600_000)
        place = {"origin": "kiosk-a", "epoch": 1, "sequence": sequence}
        web.add(tables.grievances, **place, **values, person_id=person, at_ms=at_ms)
        return f"kiosk-a.1.{sequence}"

    return left
