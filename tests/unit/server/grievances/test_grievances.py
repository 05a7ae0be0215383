"""A grievance opens by itself, is due after a day, and a CDPO closes it."""

from typing import Any

import pytest
import sqlalchemy as sa
from httpx import Response

from anganwadi import events
from anganwadi.events import GrievanceHandled, GrievanceOutcome, Proof
from anganwadi.ids import Origin, PersonId
from server.storage import tables
from tests.unit.server.centres.test_centre_page import text_of
from tests.unit.server.web_district import CDPO, CENTRE, DPO, OTHER_SECTOR_CENTRE, SUPERVISOR, WebDistrict


def shown(web: WebDistrict, mobile: str = CDPO, path: str = "/grievances") -> str:
    return text_of(web.logged_in(mobile).get(path).text)


def close(web: WebDistrict, place: str, mobile: str = CDPO, **form: Any) -> Response:
    browser = web.logged_in(mobile)
    return browser.post(f"/grievances/{place}", data={"csrf": web.csrf(), **form})


def recorded(web: WebDistrict) -> list[events.Event]:
    with web.engine.connect() as connection:
        raws = connection.execute(sa.select(tables.events.c.raw).order_by(tables.events.c.position)).scalars()
        return [events.decode(raw) for raw in raws]


def test_grievance_is_due_a_day_after_the_refusal_and_overdue_from_then_on(web, refuse):
    web.add_child("p-1", latin="Aarav")
    refuse(hours=23.9)
    page = shown(web)
    assert "Aarav" in page
    assert "Left without her ration: somebody came who may not collect for her" in page
    assert "Due by 21-11-2026" in page
    web.pass_time(hours=0.2)
    assert "Overdue since 21-11-2026" in shown(web)


def test_oldest_open_grievance_stands_first(web, refuse):
    for n, hours in enumerate((2, 50, 5), 1):
        web.add_child(f"p-{n}", latin=f"Child{n}")
        refuse(f"p-{n}", hours=hours, sequence=n)
    page = shown(web)
    assert page.index("Child2") < page.index("Child3") < page.index("Child1")


def test_supervisor_and_cdpo_of_the_place_see_it_and_others_do_not(web, refuse):
    web.add_child("p-1", latin="Aarav")
    refuse()
    refuse("p-far", sequence=8, centre_id=OTHER_SECTOR_CENTRE)
    for mobile in (SUPERVISOR, CDPO):
        page = shown(web, mobile)
        assert "Aarav" in page
        assert "…p-far" not in page
    assert "…p-far" in shown(web, DPO)


def test_district_page_says_how_many_are_open_and_overdue(web, refuse):
    assert "No grievance is open." in shown(web, path="/")
    refuse(hours=2)
    refuse(hours=30, sequence=8)
    assert "Open grievances: 2 · overdue: 1" in shown(web, path="/")


def test_centre_page_shows_its_open_ones(web, refuse):
    web.add_child("p-1", latin="Aarav")
    refuse()
    page = shown(web, SUPERVISOR, f"/centres/{CENTRE}")
    assert "Open grievances Aarav" in page
    assert "Open grievances" not in shown(web, SUPERVISOR, "/centres/09123456702")


def test_ration_she_received_since_is_told(web, refuse):
    refuse("p-1", hours=30)
    assert "Received a ration" not in shown(web)
    web.hand_out("p-1", "card")
    assert "Received a ration 21-11-2026" in shown(web)


def test_cdpo_closes_it_with_an_outcome_as_an_event_of_the_servers_own(web, refuse):
    place = refuse()
    assert close(web, place, outcome="served_later").status_code == 303
    (happened,) = recorded(web)
    assert happened.body == GrievanceHandled(
        origin=Origin("kiosk-a"),
        epoch=1,
        sequence=7,
        person_id=PersonId("p-1"),
        outcome=GrievanceOutcome.SERVED_LATER,
    )
    assert (happened.worker_id, happened.proof, happened.centre_id) == ("o-cdpo-p-1", Proof.SERVER, CENTRE)
    page = shown(web)
    assert "No grievance is open." in page
    assert "She received her ration later cdpo p-1" in page


@pytest.mark.parametrize("mobile", [SUPERVISOR, DPO])
def test_nobody_but_a_cdpo_closes_it(web, refuse, mobile):
    place = refuse()
    assert close(web, place, mobile, outcome="served_later").status_code == 403
    assert "A CDPO closes it." in shown(web, mobile)
    assert recorded(web) == []


def test_grievance_of_another_project_or_of_nowhere_is_not_there(web, refuse):
    far = refuse(centre_id=OTHER_SECTOR_CENTRE)
    for place in (far, "kiosk-a.1.99", "kiosk-a", "kiosk-a.x.7", f"kiosk-a.1.{'9' * 30}"):
        assert close(web, place, outcome="served_later").status_code == 404


def test_unknown_outcome_closes_nothing(web, refuse):
    assert close(web, refuse(), outcome="forgotten").status_code == 422
    assert recorded(web) == []


def test_something_else_needs_words_and_they_are_kept(web, refuse):
    place = refuse()
    answer = close(web, place, outcome="other", note="   ")
    assert "unclosed" in answer.headers["location"]
    assert "say in words what came of it" in shown(web, path=answer.headers["location"])
    close(web, place, outcome="other", note="The van came\n late.")
    assert "Something else, in words The van came late." in shown(web)


def test_words_longer_than_a_line_are_not_taken(web, refuse):
    assert "unclosed" in close(web, refuse(), outcome="served_later", note="x" * 201).headers["location"]
    assert recorded(web) == []


def test_closed_grievance_is_not_closed_again(web, refuse):
    place = refuse()
    close(web, place, outcome="served_later")
    assert close(web, place, outcome="unreachable").status_code == 303
    assert len(recorded(web)) == 1


def test_grievance_closed_late_says_so(web, refuse):
    close(web, refuse(hours=30), outcome="unreachable")
    assert "after more than a day" in shown(web)


def test_reading_names_is_noted_for_each_centre(web, refuse):
    refuse()
    shown(web)
    assert [row["subject"] for row in web.rows(tables.access_log)] == [CENTRE]


def test_name_and_words_are_shown_as_text_never_as_markup(web, refuse):
    web.add_child("p-1", "<script>x</script>", "<b>x</b>")
    place = refuse()
    assert "<b>x" not in web.logged_in().get("/grievances").text
    close(web, place, outcome="other", note="<script>y</script>")
    assert "<script>y" not in web.logged_in().get("/grievances").text
