"""The rules of codes to phones, on a clock that the test moves."""

from datetime import UTC, datetime, timedelta

import pytest

from anganwadi.ids import Origin, PersonId
from anganwadi.wire.otp import Verdict
from server.otp import codes as rules
from server.otp.codes import ASKS_A_KIOSK, ASKS_A_PERSON, SPAN, TRIES, VALID_FOR, Codes

KIOSK, OTHER = Origin("kiosk-a"), Origin("kiosk-b")
HER = PersonId("p-1")
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def nonce(n: int) -> bytes:
    return n.to_bytes(16, "big")


@pytest.fixture
def codes():
    return Codes()


def ask(codes: Codes, n: int = 1, *, person: PersonId = HER, now: datetime = NOW) -> str:
    code = codes.draw(KIOSK, person, nonce(n), now)
    assert code is not None
    return code


def wrong(code: str, n: int = 1) -> str:
    return f"{(int(code) + n) % 1_000_000:06d}"


def test_right_code_is_right_in_whatever_digits_it_was_typed(codes):
    code = ask(codes)
    assert len(code) == 6
    devanagari = "".join(chr(0x0966 + int(digit)) for digit in code)
    assert codes.check(KIOSK, nonce(1), f" {devanagari} ", NOW) == (Verdict.RIGHT, TRIES - 1)


def test_same_code_asked_about_again_is_answered_the_same_and_costs_no_try(codes):
    code = ask(codes)
    assert codes.check(KIOSK, nonce(1), wrong(code), NOW) == (Verdict.WRONG, TRIES - 1)
    assert codes.check(KIOSK, nonce(1), wrong(code), NOW) == (Verdict.WRONG, TRIES - 1)
    assert codes.check(KIOSK, nonce(1), code, NOW)[0] is Verdict.RIGHT
    assert codes.check(KIOSK, nonce(1), code, NOW)[0] is Verdict.RIGHT


def test_after_the_right_code_no_other_is_looked_at(codes):
    code = ask(codes)
    codes.check(KIOSK, nonce(1), code, NOW)
    assert codes.check(KIOSK, nonce(1), wrong(code), NOW) == (Verdict.SPENT, 0)


def test_five_wrong_codes_spend_even_the_right_one(codes):
    code = ask(codes)
    left = [codes.check(KIOSK, nonce(1), wrong(code, n), NOW)[1] for n in range(1, TRIES + 1)]
    assert left == [4, 3, 2, 1, 0]
    assert codes.check(KIOSK, nonce(1), code, NOW) == (Verdict.SPENT, 0)


def test_code_is_good_for_ten_minutes(codes):
    code = ask(codes)
    assert codes.check(KIOSK, nonce(1), code, NOW + VALID_FOR)[0] is Verdict.RIGHT
    assert codes.check(KIOSK, nonce(1), code, NOW + VALID_FOR + SECOND)[0] is Verdict.SPENT


def test_new_code_ends_the_one_before(codes):
    first, second = ask(codes, 1), ask(codes, 2)
    assert codes.check(KIOSK, nonce(1), first, NOW)[0] is Verdict.SPENT
    assert codes.check(KIOSK, nonce(2), second, NOW)[0] is Verdict.RIGHT


def test_code_of_another_kiosks_question_is_good_for_nothing(codes):
    code = ask(codes)
    assert codes.check(OTHER, nonce(1), code, NOW)[0] is Verdict.SPENT
    assert codes.check(KIOSK, nonce(2), code, NOW)[0] is Verdict.SPENT


def test_fourth_code_within_an_hour_is_not_drawn(codes):
    for n in range(ASKS_A_PERSON):
        ask(codes, n, now=NOW + n * SECOND)
    assert codes.draw(KIOSK, HER, nonce(9), NOW + SPAN - SECOND) is None
    assert codes.draw(KIOSK, PersonId("p-2"), nonce(10), NOW + SPAN - SECOND) is not None
    assert codes.draw(KIOSK, HER, nonce(11), NOW + SPAN) is not None


def test_kiosk_may_not_ask_for_everybody_in_the_village(codes):
    for n in range(ASKS_A_KIOSK):
        ask(codes, n, person=PersonId(f"p-{n}"))
    assert codes.draw(KIOSK, PersonId("p-next"), nonce(999), NOW) is None
    assert codes.draw(OTHER, PersonId("p-next"), nonce(999), NOW) is not None


def test_what_is_remembered_is_bounded(codes, monkeypatch):
    monkeypatch.setattr(rules, "REMEMBERED", 5)
    for n in range(20):
        ask(codes, n, person=PersonId(f"p-{n}"))
    assert max(len(codes._sent), len(codes._newest), len(codes._asked)) <= 5
    assert codes.check(KIOSK, nonce(0), "000000", NOW)[0] is Verdict.SPENT


def test_neither_codes_nor_what_was_typed_are_held_in_the_clear(codes):
    code = ask(codes)
    codes.check(KIOSK, nonce(1), wrong(code), NOW)
    held = repr(vars(codes))
    assert code not in held
    assert wrong(code) not in held
