"""Asking for codes over the link, with the server's end played by hand."""

import threading
from collections.abc import Callable

import pytest

from anganwadi.ids import SERVER_ORIGIN, DistrictId, Origin, PersonId
from anganwadi.wire import letters
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.otp import (
    OTP,
    OTP_ANSWER,
    AskCode,
    CheckCode,
    CodeAnswer,
    CodeChecked,
    CodeNotSent,
    CodeRequest,
    CodeSent,
    NotSent,
    Verdict,
)
from edge.store.recorder import Identity
from edge.sync import otp
from edge.sync.otp import OtpAsked, OtpDesk
from edge.sync.question import ServerUnreachable

SERVER, DEVICE = PrivateKeys.generate(), PrivateKeys.generate()
KIOSK, HER = Origin("kiosk-a"), PersonId("p-1")
TO = "XXXXXXXX47"
Answer = CodeSent | CodeNotSent | CodeChecked


class PlayedLine:
    """The link, with the server at its other end: `answers` makes of a question what comes back."""

    def __init__(self) -> None:
        self.up = True
        self.answers: Callable[[AskCode | CheckCode], list[Answer]] = lambda _: []
        self.heard: list[AskCode | CheckCode] = []
        self.signed_by = SERVER
        self._listener: Callable[[bytes], None] = lambda _: None

    def listen(self, channel: str, listener: Callable[[bytes], None]) -> None:
        assert channel == OTP_ANSWER
        self._listener = listener

    def reach(self, limit_s: float) -> bool:
        return self.up

    def send(self, channel: str, letter: bytes) -> object:
        said = letters.read(letter, OTP, CodeRequest, KIOSK, DEVICE.public, SERVER).request
        self.heard.append(said)
        for answer in self.answers(said):
            down = letters.write(
                OTP_ANSWER, CodeAnswer(answer), SERVER_ORIGIN, self.signed_by, DEVICE.public.seal
            )
            threading.Thread(target=self._listener, args=(down,)).start()
        return object()


@pytest.fixture
def line(monkeypatch):
    monkeypatch.setattr(otp, "ANSWER_S", 0.2)
    return PlayedLine()


@pytest.fixture
def desk(line):
    return OtpDesk(Identity(DistrictId("d"), KIOSK, 1, DEVICE, SERVER.public), line)


def sent(said):
    return [CodeSent(said.nonce, TO)]


def verdict(found: Verdict):
    return lambda said: [CodeChecked(said.nonce, found)]


def test_code_that_went_out_is_told_by_the_end_of_its_number(desk, line):
    line.answers = sent
    assert desk.ask(HER) == OtpAsked(sent=True, to=TO)
    assert line.heard == [AskCode(HER, line.heard[0].nonce)]


def test_code_that_did_not_go_out_is_told_with_the_reason(desk, line):
    line.answers = lambda said: [CodeNotSent(said.nonce, NotSent.NO_PHONE)]
    assert desk.ask(HER) == OtpAsked(sent=False, reason=NotSent.NO_PHONE)
    assert not desk.check(HER, "123456")
    assert len(line.heard) == 1, "nothing was sent, so nothing is to be checked"


def test_right_code_is_right_once(desk, line):
    line.answers = sent
    desk.ask(HER)
    line.answers = verdict(Verdict.RIGHT)
    assert desk.check(HER, "123456")
    assert isinstance(line.heard[1], CheckCode)
    assert (line.heard[1].asked, line.heard[1].code) == (line.heard[0].nonce, "123456")
    assert not desk.check(HER, "123456")


def test_after_a_wrong_code_another_may_be_tried_and_after_a_spent_one_none(desk, line):
    line.answers = sent
    desk.ask(HER)
    for found in (Verdict.WRONG, Verdict.WRONG, Verdict.SPENT):
        line.answers = verdict(found)
        assert not desk.check(HER, "000000")
    assert not desk.check(HER, "000000")
    assert len(line.heard) == 4


@pytest.mark.parametrize("why", ["down", "silent", "forged", "another question's"])
def test_without_an_answer_of_the_servers_it_is_not_reached(desk, line, why):
    line.up = why != "down"
    if why == "forged":
        line.answers, line.signed_by = sent, DEVICE
    if why == "another question's":
        line.answers = lambda _: [CodeSent(bytes(16), TO)]
    with pytest.raises(ServerUnreachable):
        desk.ask(HER)


def test_check_that_was_not_answered_may_be_tried_again(desk, line):
    line.answers = sent
    desk.ask(HER)
    line.answers = lambda _: []
    with pytest.raises(ServerUnreachable):
        desk.check(HER, "123456")
    line.answers = verdict(Verdict.RIGHT)
    assert desk.check(HER, "123456")


def test_what_was_typed_shows_in_no_repr():
    assert "123456" not in repr(CheckCode(bytes(16), "123456", bytes(16)))
