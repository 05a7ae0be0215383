"""The played card reads as a card does, and the played group has as many heads as it says."""

from datetime import date

import pytest

from anganwadi.cards import PREFIX, grouped, parse
from edge.devices.camera_replay import PORTRAITS, load_portrait
from edge.devices.card_reader import read_card
from edge.face.headcount import HeadCounter
from hardware.synthetic_face import counter
from models import manifest
from models.fetch import fetch
from models.settings import settings
from provisioning import demo_facts as facts
from server.seed.people import people

SIZE = (640, 480)


@pytest.mark.parametrize("number", ["FYC41B4JAV1HCH95", "fyc4-1b4j-av1h-ch95"])
def test_a_card_in_a_shaking_hand_is_read(number):
    held = counter.CardInHand(number, 3)
    assert {read_card(held.picture(at / 4, SIZE)) for at in range(12)} == {"FYC41B4JAV1HCH95"}


def test_a_code_that_is_no_cards_is_not_taken_for_one():
    assert read_card(counter.CardInHand("AANGAN", 3).picture(0.0, SIZE)) is None


def test_it_is_printed_as_cards_are():
    assert counter.PREFIX == PREFIX


@pytest.mark.parametrize("count", [1, 5, 12])
def test_a_group_has_as_many_heads_as_it_says(count):
    fetch(settings().models_dir, manifest.read().model)
    fetch(settings().faces_dir, manifest.read().face)
    heads = [load_portrait(settings().faces_dir, name).head for name in PORTRAITS]
    picture = counter.Group(heads, count).picture(0.0, SIZE)
    assert HeadCounter.load(settings().models_dir).count(picture) == count


def test_the_demos_card_is_the_one_that_is_printed_for_its_holder():
    (holder,) = (
        person
        for person in people(facts.CENTRE_ID, date(2026, 11, 22))
        if person.card == parse(facts.CARD_NUMBER)
    )
    assert holder.name_latin == facts.CARD_HOLDER
    assert grouped(parse(facts.CARD_NUMBER)) == facts.CARD_NUMBER
