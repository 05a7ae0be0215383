from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from anganwadi.ids import CentreId, DistrictId
from server.leases import pins
from server.storage import tables

DISTRICT, CENTRE = DistrictId("namuna"), CentreId("09123456701")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def engine():
    made = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    tables.metadata.create_all(made)
    with made.begin() as opened:
        opened.execute(
            sa.insert(tables.centres).values(
                district_id=DISTRICT, centre_id=CENTRE, sector_id="s-1", name_en="R", name_hi="र", name_ur="ر"
            )
        )
        opened.execute(
            sa.insert(tables.centre_workers).values(
                district_id=DISTRICT,
                worker_id="w-1",
                centre_id=CENTRE,
                post="AWW",
                name="सावित्री",
                language="hi",
                pin_hash=pins.hash_pin("2580"),
                wrong_pins=0,
            )
        )
    return made


def refusal(engine, pin: str, now: datetime = NOON) -> pins.PinRefused:
    with pytest.raises(pins.PinRefused) as refused:
        pins.check(engine, DISTRICT, CENTRE, "AWW", pin, now)
    return refused.value


def test_right_pin_lets_the_worker_in(engine):
    assert pins.check(engine, DISTRICT, CENTRE, "AWW", "2580", NOON).worker_id == "w-1"


def test_wrong_pins_are_counted_down_and_the_fifth_locks_for_a_quarter_of_an_hour(engine):
    assert [refusal(engine, "0000").tries_left for _ in range(4)] == [4, 3, 2, 1]
    assert refusal(engine, "0000").locked_until == NOON + timedelta(minutes=15)
    assert refusal(engine, "2580", NOON + timedelta(minutes=14)).reason == "locked"
    assert pins.check(engine, DISTRICT, CENTRE, "AWW", "2580", NOON + timedelta(minutes=15))


def test_right_pin_forgets_the_wrong_ones_before_it(engine):
    for _ in range(4):
        refusal(engine, "0000")
    pins.check(engine, DISTRICT, CENTRE, "AWW", "2580", NOON)
    assert refusal(engine, "0000").tries_left == 4


def test_post_nobody_holds_is_said_to_be_unknown(engine):
    with pytest.raises(pins.PinRefused, match="unknown_worker"):
        pins.check(engine, DISTRICT, CENTRE, "AWH", "2580", NOON)


def test_pin_is_kept_only_as_argon2id(engine):
    with engine.connect() as connection:
        kept = connection.execute(sa.select(tables.centre_workers.c.pin_hash)).scalar_one()
    assert kept.startswith("$argon2id$")


def test_new_pin_takes_the_place_of_the_old_one(engine):
    pins.set_pin(engine, DISTRICT, CENTRE, "AWW", "135790")
    assert pins.check(engine, DISTRICT, CENTRE, "AWW", "135790", NOON).worker_id == "w-1"
    assert refusal(engine, "2580").reason == "wrong_pin"
    with engine.connect() as connection:
        kept = connection.execute(sa.select(tables.centre_workers.c.pin_hash)).scalar_one()
    assert kept.startswith("$argon2id$")


def test_new_pin_ends_the_lock_and_forgets_wrong_tries(engine):
    for _ in range(pins.MAX_WRONG):
        refusal(engine, "0000")
    pins.set_pin(engine, DISTRICT, CENTRE, "AWW", "1357")
    assert refusal(engine, "0000").tries_left == pins.MAX_WRONG - 1
    assert pins.check(engine, DISTRICT, CENTRE, "AWW", "1357", NOON)


@pytest.mark.parametrize("pin", ["123", "1234567", "12a4", "", "१२३४", "1234\n"])
def test_pin_of_anything_but_four_to_six_digits_is_not_set(engine, pin):
    with pytest.raises(pins.BadPin, match="4 to 6 digits"):
        pins.set_pin(engine, DISTRICT, CENTRE, "AWW", pin)


def test_pin_for_nobody_names_what_is_missing(engine):
    with pytest.raises(pins.NoSuchCentre, match="no centre 09999999999"):
        pins.set_pin(engine, DISTRICT, CentreId("09999999999"), "AWW", "1357")
    with pytest.raises(pins.NoSuchPost, match=r"nobody holds the post AWH .* held are: AWW"):
        pins.set_pin(engine, DISTRICT, CENTRE, "AWH", "1357")
