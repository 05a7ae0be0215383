"""A card's PIN and a phone's code, between a real kiosk and a real server over the real broker."""

from datetime import UTC, date, datetime

import pytest

from anganwadi.cards import parse
from anganwadi.ids import PersonId, WorkerId
from anganwadi.people import Person
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.otp import NotSent
from edge.kiosk import card_pin
from edge.kiosk.session import ServerUnreachable
from edge.sync.otp import OtpAsked
from provisioning.demo_facts import CARD_PIN, CENTRE_ID
from server.cards import issuing
from server.seed.people import people
from tests.e2e.eavesdropper import listen, unpacked
from tests.e2e.wire_district import ServerParts, open_kiosk, wait_for

ROSTER = people(CENTRE_ID, date.today())


@pytest.fixture(scope="module")
def keys():
    return PrivateKeys.generate(), PrivateKeys.generate()


@pytest.fixture(scope="module")
def parts(tmp_path_factory, broker, keys):
    made = ServerParts(tmp_path_factory.mktemp("server"), broker, keys[0])
    made.fill(keys[1])
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory, broker, keys, parts):
    opened = open_kiosk(tmp_path_factory.mktemp("kiosk"), broker, *keys)
    yield opened
    opened.close()


def women(*, with_phone: bool) -> list[Person]:
    grown_up = [
        person for person in ROSTER if person.guardian is None and person.born.year < date.today().year - 18
    ]
    return [person for person in grown_up if (person.phone is not None) is with_phone]


def test_code_that_came_to_her_phone_is_right_and_another_is_not(kiosk, parts):
    her, other = women(with_phone=True)[:2]
    assert her.phone is not None
    asked = kiosk.otp.ask(her.person_id)
    assert asked == OtpAsked(sent=True, to="XXXXXXXX" + her.phone[-2:])
    message = parts.outbox.messages()[0]
    assert message.mobile == her.phone
    wrong = f"{(int(message.code) + 1) % 1_000_000:06d}"
    assert not kiosk.otp.check(her.person_id, wrong)
    assert not kiosk.otp.check(other.person_id, message.code), "it was sent to somebody else"
    assert kiosk.otp.check(her.person_id, message.code)
    assert not kiosk.otp.check(her.person_id, message.code)


def test_who_has_no_phone_or_is_not_of_the_centre_is_sent_none(kiosk, parts):
    before = len(parts.outbox.messages())
    assert kiosk.otp.ask(women(with_phone=False)[0].person_id).reason is NotSent.NO_PHONE
    assert kiosk.otp.ask(PersonId("p-" + "0" * 32)).reason is NotSent.NOT_HERE
    assert len(parts.outbox.messages()) == before


def test_nothing_of_her_is_readable_on_the_line(kiosk, parts, broker, tmp_path):
    her = women(with_phone=True)[2]
    assert her.phone is not None
    lines = tmp_path / "captured.txt"
    listener = listen(broker, lines)
    try:
        wait_for(lambda: b"Subscribed" in lines.read_bytes())
        kiosk.otp.ask(her.person_id)
        code = parts.outbox.messages()[0].code
        assert kiosk.otp.check(her.person_id, code)
        wait_for(lambda: lines.read_bytes().count(b"/down/otp_answer ") == 2)
    finally:
        listener.terminate()
        listener.wait(timeout=5)
    letters = [
        line for line in lines.read_bytes().splitlines() if line.startswith(b"aangan/") and b"/otp" in line
    ]
    assert len(letters) == 4
    carried = b"".join(unpacked(bytes.fromhex(line.rpartition(b" ")[2].decode())) for line in letters)
    for secret in (her.phone, her.person_id, code, her.name):
        assert secret.encode() not in carried


def test_seeded_card_is_good_at_the_kiosk_with_the_demos_pin(kiosk):
    session = kiosk.log_in("AWW", "2580")
    entry = next(entry for entry in session.people.values() if entry.person.card is not None)
    assert parse(entry.person.card) == entry.person.card
    assert card_pin.check(entry, CARD_PIN)
    assert not card_pin.check(entry, "0000")


def test_card_printed_while_she_waits_comes_to_the_kiosk_by_itself(kiosk, parts, broker):
    session = kiosk.log_in("AWW", "2580")
    now = datetime.now(UTC)
    _, new = issuing.draw(parts.engine, broker.district, CENTRE_ID, session.today())
    card = new[0]
    assert not session.people[card.person.person_id].card_issued
    issuing.issue(parts.engine, broker.district, [card], by=WorkerId("o"), now=now, simulated=True)
    wait_for(lambda: session.people[card.person.person_id].card_issued)
    assert card_pin.check(session.people[card.person.person_id], card.pin)
    issuing.revoke(parts.engine, broker.district, card.number, by=WorkerId("o"), now=now, simulated=True)
    wait_for(lambda: not session.people[card.person.person_id].card_issued)


def test_without_the_server_other_evidence_is_next(kiosk, parts, monkeypatch):
    monkeypatch.setattr("edge.sync.otp.ANSWER_S", 0.5)
    parts.link.stop()
    with pytest.raises(ServerUnreachable):
        kiosk.otp.ask(women(with_phone=True)[0].person_id)
