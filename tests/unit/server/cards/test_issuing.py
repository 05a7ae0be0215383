"""Who is given a card, what is kept of it, and what ends it."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from anganwadi.cards import grouped, new_number
from anganwadi.ids import CentreId, PersonId, WorkerId
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.login import RosterEntry
from edge.kiosk import card_pin
from server.cards import issuing, pins
from server.cards.issuing import NewCard, NoSuchCard, NoSuchCentre, NotOfCentre, Overtaken
from server.downlink import roster
from server.storage import origins, tables, vault
from server.storage.engine import writing
from tests.unit.server.cards.conftest import CENTRE, DISTRICT, TODAY, families

OFFICE, NOW = WorkerId("o-1"), datetime.now(UTC)
OWED = ["asha", "bano", "dadi", "elder", "foundling"]


def draw(engine: sa.Engine, *only: str, anew: bool = False) -> list[NewCard]:
    return issuing.draw(engine, DISTRICT, CENTRE, TODAY, only=set(map(PersonId, only)), anew=anew)[1]


def issue(engine: sa.Engine, new: list[NewCard]) -> None:
    issuing.issue(engine, DISTRICT, new, by=OFFICE, now=NOW, simulated=False)


def entries(engine: sa.Engine) -> dict[str, RosterEntry]:
    """The roster as a kiosk of the centre gets it."""
    with writing(engine) as connection:
        device = origins.current(connection, DISTRICT, "kiosk-a")  # type: ignore[arg-type]
        if device is None:
            origins.register(connection, DISTRICT, "kiosk-a", 1, CENTRE, PrivateKeys.generate().public)  # type: ignore[arg-type]
            device = origins.current(connection, DISTRICT, "kiosk-a")  # type: ignore[arg-type]
        assert device is not None
        built = roster.build(connection, device, CENTRE, 1, 0)
    return {entry.person.person_id: entry for entry in built.entries}


def number_of(engine: sa.Engine, person: str) -> str | None:
    with engine.connect() as connection:
        return vault.find(connection, DISTRICT, PersonId(person)).person.card


def test_card_is_for_whoever_comes_for_the_ration():
    assert [person.person_id for person in issuing.holders(families(), TODAY)] == OWED


def test_everybody_who_comes_gets_one_and_nobody_a_second(engine):
    new = draw(engine)
    assert [card.person.person_id for card in new] == OWED
    issue(engine, new)
    assert draw(engine) == []
    assert len(draw(engine, anew=True)) == len(OWED)


def test_of_two_sheets_drawn_at_once_only_the_first_is_given_out(engine):
    first, second = draw(engine), draw(engine)
    issue(engine, first)
    with pytest.raises(Overtaken):
        issue(engine, second)
    assert number_of(engine, "asha") == first[0].number


def test_kiosk_can_check_the_pin_of_a_card_and_the_number_is_in_her_record(engine):
    new = {card.person.person_id: card for card in draw(engine)}
    issue(engine, list(new.values()))
    known = entries(engine)
    for person_id, card in new.items():
        assert (known[person_id].person.card, known[person_id].card_issued) == (card.number, True)
    asha = new[PersonId("asha")]
    assert card_pin.check(known["asha"], asha.pin)
    assert not card_pin.check(known["asha"], f"{(int(asha.pin) + 1) % 10_000:04d}")
    assert (known["nobody"].card_issued, known["nobody"].card_pin) == (False, None)


def test_pin_is_kept_as_a_hash_only_and_shows_in_no_repr(engine):
    (card,) = draw(engine, "asha")
    issue(engine, [card])
    with engine.connect() as connection:
        (row,) = connection.execute(sa.select(tables.cards)).all()
    assert PasswordHasher().verify(row.pin_hash, card.pin)
    assert card.pin not in repr(card)
    assert row.person_id == "asha"


def test_new_card_ends_the_old_one(engine):
    (first,) = draw(engine, "asha")
    issue(engine, [first])
    (second,) = draw(engine, "asha", anew=True)
    issue(engine, [second])
    assert number_of(engine, "asha") == second.number != first.number
    with engine.connect() as connection:
        rows = connection.execute(sa.select(tables.cards).order_by(tables.cards.c.revoked_ms)).all()
    assert {(row.number, row.pin_hash is None, row.revoked_ms is None) for row in rows} == {
        (first.number, True, False),
        (second.number, False, True),
    }


def test_lost_card_is_ended_by_the_number_as_it_is_printed(engine):
    issue(engine, draw(engine))
    number = number_of(engine, "asha")
    assert number is not None
    typed = grouped(number).lower()  # type: ignore[arg-type]
    who = issuing.revoke(engine, DISTRICT, typed, by=OFFICE, now=NOW, simulated=False)
    assert (who, number_of(engine, "asha")) == ("asha", None)
    assert not entries(engine)["asha"].card_issued
    assert [card.person.person_id for card in draw(engine)] == ["asha"]
    with pytest.raises(NoSuchCard, match="ended before"):
        issuing.revoke(engine, DISTRICT, number, by=OFFICE, now=NOW, simulated=False)
    with pytest.raises(NoSuchCard, match="no card"):
        issuing.revoke(engine, DISTRICT, new_number(), by=OFFICE, now=NOW, simulated=False)


def test_kiosks_are_told_that_there_is_something_new(engine):
    def version() -> int:
        with engine.connect() as connection:
            return connection.execute(sa.select(tables.centres.c.roster_version)).scalar_one()

    before = version()
    issue(engine, draw(engine, "asha"))
    assert version() > before


def test_log_says_that_a_record_came_and_nothing_of_the_card(engine):
    (card,) = draw(engine, "asha")
    issue(engine, [card])
    with engine.connect() as connection:
        rows = connection.execute(sa.select(tables.events.c.type, tables.events.c.raw)).all()
    assert [(row.type, row.raw) for row in rows] == [("person_record", None)]


def test_where_somebody_was_erased_meanwhile_none_of_the_cards_holds(engine):
    new = draw(engine)
    with writing(engine) as connection:
        connection.execute(sa.delete(tables.persons).where(tables.persons.c.person_id == "dadi"))
    with pytest.raises(vault.UnknownPerson):
        issue(engine, new)
    with engine.connect() as connection:
        assert connection.execute(sa.select(tables.cards)).all() == []


def test_who_does_not_come_for_rations_is_given_no_card(engine):
    with pytest.raises(NotOfCentre, match="nobody"):
        draw(engine, "nobody")
    with pytest.raises(NoSuchCentre):
        issuing.draw(engine, DISTRICT, CentreId("09999999999"), TODAY)


def test_number_that_an_officer_typed_into_her_record_brings_no_pin(engine):
    issue(engine, draw(engine, "asha"))
    with engine.connect() as connection:
        assert PersonId("asha") not in {
            person.person_id for person in issuing.without_card(connection, DISTRICT, CENTRE, TODAY)
        }
    with writing(engine) as connection:
        connection.execute(sa.update(tables.cards).values(number=new_number()))
    assert not entries(engine)["asha"].card_issued


def test_pins_are_drawn_without_those_everybody_tries_first():
    drawn = {pins.draw() for _ in range(3000)}
    assert all(len(pin) == 4 and pin.isdigit() for pin in drawn)
    assert not drawn & {"0000", "1111", "9999", "1234", "4321", "7890", "0987"}
    assert len(drawn) > 1000
