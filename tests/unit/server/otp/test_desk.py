"""What the desk answers to a kiosk's letters about codes, without a broker."""

import threading
from datetime import UTC, date, datetime

import msgspec
import pytest
import sqlalchemy as sa

from anganwadi.ids import SERVER_ORIGIN, CentreId, DistrictId, Origin, PersonId
from anganwadi.people import Person, Sex
from anganwadi.wire import letters, topics
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
from server.accounts.outbox import CodeMessage, DemoOutbox, NotDelivered
from server.ingest.inbound import Inbound
from server.otp.codes import ASKS_A_PERSON, TRIES
from server.otp.desk import OtpDesk
from server.storage import origins, tables
from server.storage.engine import begin_explicitly, writing

DISTRICT, CENTRE, KIOSK = DistrictId("namuna"), CentreId("09123456701"), Origin("kiosk-a")
OTHER_CENTRE = CentreId("09123456702")
SERVER, DEVICE = PrivateKeys.generate(), PrivateKeys.generate()
HER, WITHOUT, ELSEWHERE = PersonId("p-1"), PersonId("p-2"), PersonId("p-3")
PHONE = "9000000147"


class Counter:
    """The desk with a kiosk before it."""

    def __init__(self, engine: sa.Engine, outbox: DemoOutbox | None) -> None:
        self.engine, self.outbox = engine, outbox
        self.published: list[tuple[str, bytes]] = []
        self.desk = OtpDesk(
            engine, DISTRICT, SERVER, lambda topic, payload: self.published.append((topic, payload)), outbox
        )
        self.desk.start()
        self._asked = 0

    def nonce(self) -> bytes:
        self._asked += 1
        return self._asked.to_bytes(16, "big")

    def hand_in(self, request: AskCode | CheckCode, keys: PrivateKeys = DEVICE) -> msgspec.Struct | None:
        """The answer to a letter; None where there is none."""
        done = threading.Event()
        letter = letters.write(OTP, CodeRequest(request), KIOSK, keys, SERVER.public.seal)
        self.desk.submit(Inbound(topics.up(DISTRICT, KIOSK, OTP), letter, done.set))
        assert done.wait(10)
        if not self.published:
            return None
        topic, answer = self.published.pop()
        assert topic == topics.down(DISTRICT, KIOSK, OTP_ANSWER)
        return letters.read(answer, OTP_ANSWER, CodeAnswer, SERVER_ORIGIN, SERVER.public, DEVICE).answer

    def ask(self, person: PersonId = HER) -> tuple[bytes, msgspec.Struct | None]:
        nonce = self.nonce()
        return nonce, self.hand_in(AskCode(person, nonce))

    def check(self, asked: bytes, code: str) -> CodeChecked:
        nonce = self.nonce()
        answer = self.hand_in(CheckCode(asked, code, nonce))
        assert isinstance(answer, CodeChecked)
        assert answer.nonce == nonce
        return answer

    def message(self) -> CodeMessage:
        assert self.outbox is not None
        return self.outbox.messages()[0]


def person(person_id: PersonId, centre: CentreId = CENTRE, phone: str | None = None) -> Person:
    return Person(
        person_id=person_id, centre_id=centre, household="h", name="شبانہ", name_latin="Shabana", sex=Sex.FEMALE,
        born=date(1999, 1, 1), registered=date(2020, 1, 1), phone=phone, language="ur",
    )  # fmt: skip


@pytest.fixture
def engine(tmp_path):
    made = sa.create_engine(f"sqlite:///{tmp_path / 'district.db'}")
    begin_explicitly(made)
    tables.metadata.create_all(made)
    people = (person(HER, phone=f"+91 {PHONE}"), person(WITHOUT), person(ELSEWHERE, OTHER_CENTRE, PHONE))
    with writing(made) as connection:
        origins.register(connection, DISTRICT, KIOSK, 1, CENTRE, DEVICE.public)
        for each in people:
            connection.execute(
                sa.insert(tables.persons).values(
                    district_id=DISTRICT, person_id=each.person_id, centre_id=each.centre_id,
                    record=msgspec.msgpack.encode(each), updated_ms=0,
                )
            )  # fmt: skip
    yield made
    made.dispose()


@pytest.fixture
def counter(engine):
    made = Counter(engine, DemoOutbox())
    yield made
    made.desk.stop()


def test_code_goes_to_her_phone_and_the_kiosk_learns_its_last_two_digits(counter):
    nonce, answer = counter.ask()
    assert answer == CodeSent(nonce, "XXXXXXXX47")
    sent = counter.message()
    assert (sent.mobile, sent.language) == (PHONE, "ur")
    assert sent.code in sent.text
    assert "راشن" in sent.text
    assert counter.check(nonce, sent.code).verdict is Verdict.RIGHT


def test_wrong_code_leaves_tries_and_spends_them(counter):
    nonce, _ = counter.ask()
    right = int(counter.message().code)
    wrong = [f"{(right + n) % 1_000_000:06d}" for n in range(1, TRIES + 1)]
    assert [counter.check(nonce, code).tries_left for code in wrong] == [4, 3, 2, 1, 0]
    assert counter.check(nonce, f"{right:06d}").verdict is Verdict.SPENT


def test_question_that_comes_twice_sends_one_message(counter):
    nonce, answer = counter.ask()
    assert counter.hand_in(AskCode(HER, nonce)) == answer
    assert len(counter.outbox.messages()) == 1


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (WITHOUT, NotSent.NO_PHONE),
        (ELSEWHERE, NotSent.NOT_HERE),
        (PersonId("p-nobody"), NotSent.NOT_HERE),
    ],
)
def test_whom_no_code_is_sent_to(counter, who, reason):
    nonce, answer = counter.ask(who)
    assert answer == CodeNotSent(nonce, reason)
    assert counter.outbox.messages() == []


def test_phone_is_not_flooded(counter):
    for _ in range(ASKS_A_PERSON):
        assert isinstance(counter.ask()[1], CodeSent)
    nonce, answer = counter.ask()
    assert answer == CodeNotSent(nonce, NotSent.TOO_OFTEN)


def test_district_without_a_gateway_says_so(engine):
    counter = Counter(engine, None)
    nonce, answer = counter.ask()
    assert answer == CodeNotSent(nonce, NotSent.NO_GATEWAY)
    counter.desk.stop()


def test_message_the_gateway_did_not_take_is_not_said_to_be_sent(counter, monkeypatch):
    def refuse(message):
        raise NotDelivered("no credit")

    monkeypatch.setattr(counter.outbox, "deliver", refuse)
    nonce, answer = counter.ask()
    assert answer == CodeNotSent(nonce, NotSent.NO_GATEWAY)


@pytest.mark.parametrize("why", ["forged", "retired"])
def test_letter_of_who_is_not_this_kiosk_is_not_answered_and_sends_nothing(counter, why):
    if why == "retired":
        with writing(counter.engine) as connection:
            connection.execute(sa.update(tables.origins).values(retired_ms=1))
    keys = PrivateKeys.generate() if why == "forged" else DEVICE
    assert counter.hand_in(AskCode(HER, counter.nonce()), keys) is None
    assert counter.outbox.messages() == []


def test_neither_phone_nor_code_nor_name_is_logged(counter, capfd):
    nonce, _ = counter.ask()
    code = counter.message().code
    counter.check(nonce, code)
    said = "".join(capfd.readouterr())
    assert "code_asked" in said
    assert not [secret for secret in (PHONE, code, "Shabana", HER) if secret in said]


def test_message_says_how_long_the_code_is_good_and_is_dated(counter):
    counter.ask()
    assert "10" in counter.message().text
    assert abs((datetime.now(UTC) - counter.message().at).total_seconds()) < 60
