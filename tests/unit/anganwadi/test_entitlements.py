from datetime import date

import pytest

from anganwadi.entitlements import UnknownNorm, entitlement_on, owed_ration, schedule
from anganwadi.ids import CentreId, PersonId
from anganwadi.people import Category, Person, Sex

EVERY_CATEGORY = {category for category in Category if category is not Category.NONE}


def born(day: date, **changes) -> Person:
    return Person(
        person_id=PersonId("p-1"),
        centre_id=CentreId("09123456701"),
        household="H01",
        name="परी",
        name_latin="Pari",
        sex=Sex.FEMALE,
        born=day,
        registered=day,
        **changes,
    )


def test_every_category_has_a_row_with_its_source():
    table = schedule()
    assert set(table) == EVERY_CATEGORY
    assert all(row.source for row in table.values())


def test_infant_is_owed_no_food_since_the_mother_receives_it():
    assert not owed_ration(born(date(2026, 9, 1)), date(2026, 11, 1))


def test_malnourished_toddler_is_owed_more_than_a_healthy_one():
    day = date(2026, 11, 1)
    healthy = entitlement_on(born(date(2024, 11, 1)), day)
    sam = entitlement_on(born(date(2024, 11, 1), malnourished=date(2026, 10, 1)), day)
    assert healthy is not None
    assert sam is not None
    assert (healthy.kcal_per_day, sam.kcal_per_day) == (500, 800)
    assert sam.takes_home


def test_preschool_child_eats_at_the_centre_and_takes_nothing_home():
    entitlement = entitlement_on(born(date(2022, 11, 1)), date(2026, 11, 1))
    assert entitlement is not None
    assert not entitlement.takes_home
    assert "HCM" in entitlement.services


def test_norm_that_was_never_retrieved_is_refused_by_name():
    with pytest.raises(UnknownNorm, match="NFSA2013"):
        schedule("NFSA_SCHED_II_2023")
