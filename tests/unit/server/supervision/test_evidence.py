"""What the kiosk reported, beside what the supervisor answered."""

from collections.abc import Mapping

import msgspec
import pytest

from anganwadi.verification import Rung
from server.supervision.evidence import EVIDENCE, Agreement, Comparison, KioskDay, compare
from server.supervision.form import Form

ARRIVED_MS = 1_795_237_200_000  # 10:30 in India on 21 November 2026
HOUR_MS = 3_600_000
DAY = KioskDay(
    heard=True,
    heard_in_month=True,
    opened_ms=ARRIVED_MS - HOUR_MS,
    closed_ms=None,
    present=25,
    meals={"HCM": 24},
    weighed=12,
    due=30,
    rations={Rung.FACE: 9, Rung.NOMINEE_FACE: 1, Rung.CARD: 2, Rung.ATTESTATION: 3},
    went_without=1,
)
SILENT = KioskDay(
    heard=False,
    heard_in_month=False,
    opened_ms=None,
    closed_ms=None,
    present=None,
    meals={},
    weighed=0,
    due=42,
    rations={},
    went_without=0,
)


def one(code: str, answer: str, day: KioskDay = DAY, **changed: object) -> Comparison:
    (found,) = compare({code: answer}, msgspec.structs.replace(day, **changed), ARRIVED_MS)
    return found


def test_every_item_with_evidence_is_on_the_form(form: Form) -> None:
    assert set(EVIDENCE) <= set(form.items)


SAME = {
    "VIS01": "yes",
    "VIS06": "09:30:00.000+05:30",
    "EQP10": "yes",
    "GRO01": "12",
    "GRO02": "30",
    "THR05": "15",
    "THR06": "1",
    "THR07": "5",
    "HCM01": "yes",
    "HCM03": "24",
    "HCM04": "no",
    "PSE01": "25",
}


def test_answers_equal_to_the_kiosks_agree() -> None:
    found = compare(SAME, DAY, ARRIVED_MS)
    assert [comparison.code for comparison in found] == list(EVIDENCE)
    assert {comparison.code: comparison.agreement for comparison in found} == dict.fromkeys(
        SAME, Agreement.SAME
    )


@pytest.mark.parametrize(
    ("code", "answer", "by"),
    [("PSE01", "22", 3), ("THR07", "6", 1), ("VIS06", "10:30:00.000+05:30", 60), ("HCM01", "no", None)],
)
def test_other_answers_differ_and_say_by_how_much(code: str, answer: str, by: int | None) -> None:
    found = one(code, answer)
    assert (found.agreement, found.by) == (Agreement.DIFFERS, by)


@pytest.mark.parametrize(("answer", "agreement"), [("09:45", Agreement.SAME), ("09:46", Agreement.DIFFERS)])
def test_opening_times_a_quarter_of_an_hour_apart_agree(answer: str, agreement: Agreement) -> None:
    assert one("VIS06", answer).agreement is agreement


@pytest.mark.parametrize(
    "hours",
    [(None, None), (1, None), (-3, -1)],
    ids=["never opened", "opened after the arrival", "closed before the arrival"],
)
def test_centre_counts_as_open_only_if_it_was_at_the_arrival(hours: tuple[int | None, int | None]) -> None:
    opened, closed = (None if h is None else ARRIVED_MS + h * HOUR_MS for h in hours)
    assert one("VIS01", "no", opened_ms=opened, closed_ms=closed).agreement is Agreement.SAME
    assert one("VIS01", "yes", opened_ms=opened, closed_ms=closed).agreement is Agreement.DIFFERS


def test_centre_opened_again_before_the_arrival_is_open() -> None:
    closed = DAY.opened_ms - HOUR_MS if DAY.opened_ms else None
    assert one("VIS01", "yes", closed_ms=closed).agreement is Agreement.SAME


@pytest.mark.parametrize("code", list(EVIDENCE))
def test_silent_kiosk_agrees_with_nothing_and_contradicts_nothing(code: str, form: Form) -> None:
    answer = {"choice": "yes", "number": "0", "time": "09:30"}[form.items[code].kind]
    found = one(code, answer, SILENT)
    assert (found.agreement, found.reading) == (Agreement.NOT_REPORTED, None)


def test_items_not_asked_or_left_empty_are_not_compared() -> None:
    answers: Mapping[str, str] = {"PSE01": "", "INF01": "own"}
    assert compare(answers, DAY, ARRIVED_MS) == []


def test_handovers_without_face_come_with_all_evidence_of_the_month() -> None:
    reading = one("THR07", "5").reading
    assert reading is not None
    assert reading.rations == DAY.rations
