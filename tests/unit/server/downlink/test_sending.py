"""What goes down when: a few parts for each status, news at once, nothing twice."""

import random

import pytest
import sqlalchemy as sa

from anganwadi.ids import CentreId
from anganwadi.wire.downlink import PARTS_AT_ONCE, Kind
from anganwadi.wire.login import KioskStatus, PartsHeld
from server.downlink import messages
from server.downlink.sending import ON_ITS_WAY_S, Sender
from server.storage import tables
from server.storage.engine import writing
from tests.unit.server.downlink.kiosk_district import CENTRE, DISTRICT, SERVER, Post


@pytest.fixture
def post():
    return Post()


@pytest.fixture
def sender(district, post):
    for n in range(30):
        district.keep(f"p-{n}")
        district.face(f"p-{n}", random.Random(n).randbytes(3000))
    return Sender(
        district.engine, DISTRICT, SERVER, post, district.library, lambda: district.clock.now.timestamp()
    )


def status(have=None, **parts: PartsHeld) -> KioskStatus:
    return KioskStatus(epoch=1, recorded=0, have=have or {}, parts=parts)


def everything(district) -> dict[str, int]:
    return {str(kind): version for kind, version in district.library.versions(district.device, {}).items()}


def write(district) -> None:
    with writing(district.engine) as connection:
        messages.post(connection, DISTRICT, CENTRE, "o-1", "कल बैठक है", district.clock.now)


def test_kiosk_that_has_nothing_gets_the_first_parts_of_everything(district, sender, post):
    sender.answer(district.device, status())
    sent = post.sent()
    assert [each for each in sent if each[0] is Kind.ROSTER] == [
        (Kind.ROSTER, n) for n in range(PARTS_AT_ONCE)
    ]
    assert {kind for kind, _ in sent} == {Kind.ROSTER, Kind.FORMS}
    assert set(post.topics) == {"aangan/1/namuna/kiosk-a/down/part"}


def test_status_said_twice_in_a_moment_is_not_sent_everything_twice(district, sender, post, clock):
    sender.answer(district.device, status())
    first = post.sent()
    sender.answer(district.device, status())
    assert post.sent() == []
    clock.pass_by(seconds=ON_ITS_WAY_S)
    sender.answer(district.device, status())
    assert post.sent() == first


def test_kiosk_that_has_everything_gets_nothing(district, sender, post):
    sender.answer(district.device, status(everything(district)))
    assert post.sent() == []


def test_only_missing_parts_are_sent_and_none_while_some_are_on_their_way(district, sender, post, clock):
    have = everything(district)
    version = have.pop(Kind.ROSTER)
    sender.answer(district.device, status(have, roster=PartsHeld(version, ((0, 2), (4, 4)))))
    assert [number for _, number in post.sent()] == [3, 5, 6, 7, 8, 9]
    sender.answer(district.device, status(have, roster=PartsHeld(version, ((0, 2),), coming=True)))
    assert post.sent() == []
    clock.pass_by(seconds=ON_ITS_WAY_S)
    sender.answer(district.device, status(have, roster=PartsHeld(version - 1, ((0, 2),), coming=True)))
    assert [number for _, number in post.sent()] == list(range(PARTS_AT_ONCE))


def test_news_goes_at_once_to_a_kiosk_that_said_what_it_has(district, sender, post):
    write(district)
    sender.changed(CENTRE)
    assert post.sent() == []
    have = everything(district)
    sender.answer(district.device, status(have))
    write(district)
    sender.changed(CENTRE)
    assert post.sent() == [(Kind.MESSAGES, 0)]
    sender.changed(CENTRE)
    assert post.sent() == []


def test_news_of_another_centre_sends_nothing(district, sender, post):
    sender.answer(district.device, status(everything(district)))
    write(district)
    sender.changed(CentreId("09123456702"))
    assert post.sent() == []


def test_device_that_was_retired_gets_no_news(district, sender, post):
    sender.answer(district.device, status(everything(district)))
    write(district)
    with writing(district.engine) as connection:
        connection.execute(sa.update(tables.origins).values(retired_ms=1))
    sender.changed(CENTRE)
    assert post.sent() == []


def test_log_in_with_an_old_roster_brings_the_new_one_and_with_the_newest_nothing(district, sender, post):
    newest = sender.newest_roster(district.device, 0)
    sender.offer(district.device, newest)
    assert post.sent() == []
    sender.offer(district.device, 0)
    assert [kind for kind, _ in post.sent()] == [Kind.ROSTER] * PARTS_AT_ONCE
    sender.offer(district.device, 0)
    assert post.sent() == []


def test_nudge_in_the_middle_of_a_transfer_does_not_begin_it_anew(district, sender, post):
    have = everything(district)
    version = have.pop(Kind.ROSTER)
    sender.answer(district.device, status(have, roster=PartsHeld(version, ((0, 5),))))
    post.sent()
    write(district)
    sender.changed(CENTRE)
    assert post.sent() == [(Kind.MESSAGES, 0)]


def test_parts_held_beyond_any_document_do_no_harm(district, sender, post):
    have = everything(district)
    version = have.pop(Kind.ROSTER)
    wild = PartsHeld(version, ((-5, 2**62), (7, 3)))
    sender.answer(district.device, status(have, roster=wild))
    assert len(post.sent()) == PARTS_AT_ONCE
