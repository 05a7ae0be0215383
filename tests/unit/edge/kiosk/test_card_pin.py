"""The PIN of a card, checked where there is no network."""

from datetime import date

import pytest
from argon2 import PasswordHasher, extract_parameters

from anganwadi.cards import PIN_MEMORY_KIB, PIN_PASSES
from anganwadi.ids import CentreId, PersonId
from anganwadi.people import Person, Sex
from anganwadi.wire.login import RosterEntry
from edge.kiosk import card_pin

HASH = PasswordHasher(PIN_PASSES, PIN_MEMORY_KIB, 1, 16, 16).hash("4826")
HER = Person(
    person_id=PersonId("p-1"), centre_id=CentreId("09123456701"), household="h", name="सुनीता", name_latin="Sunita",
    sex=Sex.FEMALE, born=date(1999, 1, 1), registered=date(2020, 1, 1),
)  # fmt: skip
ENTRY = RosterEntry(person=HER, card_issued=True, card_pin=HASH)
WITHOUT = RosterEntry(person=HER)


def test_right_pin_is_right_and_every_other_is_not():
    assert card_pin.check(ENTRY, "4826")
    assert not any(card_pin.check(ENTRY, pin) for pin in ("4827", "6248", "", "48260", " 4826"))


@pytest.mark.parametrize("pin", ["4826", "0000", ""])
def test_who_has_no_card_has_no_right_pin(pin):
    assert not card_pin.check(WITHOUT, pin)
    assert not card_pin.check(RosterEntry(person=HER, card_pin=HASH), pin)
    assert not card_pin.check(RosterEntry(person=HER, card_issued=True), pin)


def test_who_has_no_card_is_refused_at_the_same_cost():
    assert extract_parameters(card_pin._NOBODYS) == extract_parameters(HASH)


def test_hash_that_cannot_be_read_is_a_wrong_pin():
    assert not card_pin.check(RosterEntry(person=HER, card_issued=True, card_pin="$argon2id$x"), "4826")
