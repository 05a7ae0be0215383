"""The fairness report: how claims are made of what the kiosks recorded, and how they are grouped."""

from datetime import date, timedelta

from server.accounts.scope import Officer, Role, in_scope
from server.storage import tables
from server.verification.figures import COLUMNS, Cell
from server.verification.report import Report, report
from tests.unit.server.web_district import CENTRE, DISTRICT, OTHER_SECTOR_CENTRE, TODAY, WebDistrict

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
SECOND = "09123456702"


def made(web: WebDistrict, role: Role = Role.DPO, scope: str = DISTRICT) -> Report:
    officer = Officer(DISTRICT, "o", "o", role, scope, "en")
    with web.engine.connect() as connection:
        return report(connection, in_scope(officer), FIRST, LAST)


def test_morning_stranger_and_the_woman_at_noon_are_one_claim_served_by_face(web, days, people):
    for person in people(5):
        days.missed(person, score=0.1)
        days.served(person, "face")
    found = made(web)
    assert found.whole.false_reject == Cell(0.0)
    assert (found.whole.rations, found.whole.looks) == (Cell(5), Cell(10))


def test_face_refused_one_day_and_card_another_day_of_the_month_is_a_false_reject(web, days, people):
    for person in people(5):
        days.missed(person, day=TODAY - timedelta(days=3), score=0.1)
        days.served(person, "card")
    assert made(web).whole.false_reject == Cell(1.0)


def test_other_months_are_not_in_the_report(web, days, people):
    for person in people(5):
        days.served(person, "face")
        days.served(person, "card", day=date(2026, 10, 31))
    assert made(web).whole.rations == Cell(5)


def test_centres_stand_by_name_whatever_their_figures(web, days, people):
    for centre, prefix, rung in (
        (SECOND, "a", "face"),
        (CENTRE, "b", "card"),
        (OTHER_SECTOR_CENTRE, "c", "face"),
    ):
        for person in people(6, prefix, centre=centre):
            days.served(person, rung, centre=centre)
    found = made(web).centres
    assert [group.names["en"] for group in found] == ["Milak", "Rampur 1", "Rampur 2"]
    assert [group.figures.face_share.value for group in found] == [1.0, 0.0, 1.0]


def test_officer_sees_the_centres_of_her_area_alone(web, days, people):
    for centre, prefix in ((CENTRE, "a"), (OTHER_SECTOR_CENTRE, "b")):
        for person in people(6, prefix, centre=centre):
            days.served(person, "face", centre=centre)
    found = made(web, Role.SUPERVISOR, "s-1")
    assert [group.key for group in found.centres] == [CENTRE]
    assert found.whole.people == Cell(6)


def test_age_is_that_of_whose_face_is_looked_at_a_guardians_for_a_child(web, days, people):
    mother = days.person("mother", born=1970)
    for child in people(5, "child", born=2025, guardian=mother):
        days.served(child, "face")
    for old in people(5, "old", born=1960):
        days.served(old, "face")
    for orphan in people(5, "orphan", born=2025):
        days.served(orphan, "attestation")
    ages = {group.key: group.figures.people.value for group in made(web).ages}
    assert ages == {"45_59": 5, "60_and_over": 5, "unknown": 5}


def test_somebody_erased_from_the_vault_is_counted_with_age_unknown(web, days, people):
    for person in people(6):
        days.served(person, "face")
    with web.engine.begin() as connection:
        connection.execute(tables.persons.delete())
    assert [group.key for group in made(web).ages] == ["unknown"]


def test_light_is_that_of_the_first_look_and_its_lack_is_told(web, days, people):
    for person in people(5, "dim"):
        days.missed(person, light="dim")
        days.served(person, "face_retry", light="normal")
    for person in people(5, "old"):
        days.served(person, "face")
    for person in people(5, "card"):
        days.served(person, "card")
    lights = {group.key: group.figures.rations.value for group in made(web).lights}
    assert lights == {"dim": 5, "not_measured": 5}


def test_failed_liveness_is_counted_by_reason_beside_what_the_moves_took(web, days, people):
    for person in people(6, "flat"):
        days.missed(person, live=False, why_not="flat", score=0.9, challenge_ms=4_000)
    for person in people(5, "late"):
        days.missed(person, live=False, why_not="timeout", challenge_ms=12_000)
    for person in people(5, "good"):
        days.served(person, "face", live=True, challenge_ms=6_000, machine_ms=400)
    found = made(web)
    assert found.liveness.reasons == {"flat": Cell(6), "timeout": Cell(5)}
    assert (found.liveness.asked, found.liveness.failed) == (Cell(16), Cell(11))
    assert (found.liveness.challenge_p50_s, found.liveness.challenge_p95_s) == (Cell(6.0), Cell(12.0))
    assert found.machine_p95_s == Cell(0.4)
    assert found.not_accepted == {"not_live": Cell(11)}


def test_failures_hidden_in_one_table_are_hidden_in_the_other(web, days, people):
    for person in people(9, "live"):
        days.missed(person, live=False, why_not="flat")
    for person in people(2, "few"):
        days.missed(person, score=0.2)
    found = made(web)
    assert found.not_accepted == {"not_live": Cell(hidden=True), "not_matched": Cell(hidden=True)}
    assert found.liveness.failed == Cell(hidden=True)
    assert found.liveness.reasons == {"flat": Cell(hidden=True)}  # they add up to it


def test_small_centre_cannot_be_worked_out_from_the_whole(web, days, people):
    for centre, count in ((CENTRE, 3), (SECOND, 8), ("09123456703", 9)):
        for person in people(count, centre, centre=centre):
            days.served(person, "face", centre=centre)
    found = made(web)
    shown = {group.key: group.figures.rations for group in found.centres}
    assert found.whole.rations == Cell(20)
    assert shown == {CENTRE: Cell(hidden=True), SECOND: Cell(hidden=True), "09123456703": Cell(9)}


def test_each_figure_is_hidden_by_the_people_it_is_of(web, days, people):
    for person in people(6):
        days.served(person, "card")
    days.missed("p-0")
    (group,) = made(web).centres
    assert group.figures.rations == Cell(6)
    assert group.figures.false_reject == Cell(hidden=True)


def test_no_figure_is_of_a_worker():
    names = {*Report.__struct_fields__, *COLUMNS}
    assert not {name for name in names if "worker" in name}
