"""The 80 people of the demo centre, from `people.csv`, aged relative to the day so that every category is there on
any day. Names and families are invented."""

import csv
import hashlib
from datetime import date, timedelta
from importlib import resources

from anganwadi.cards import ALPHABET, LENGTH, CardNumber, completed
from anganwadi.ids import CentreId, PersonId
from anganwadi.people import Person, Sex

LAST_WITH_CARD = 15
"""Households up to this number have ration cards already."""
FIRST_PHONE = 9000000100


def people(centre: CentreId, today: date) -> list[Person]:
    """The centre's roster as it stands on `today`."""
    text = resources.files("server.seed").joinpath("people.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    mothers = {row["household"]: _person_id(centre, row) for row in rows if row["role"] == "mother"}
    infants = {row["household"]: row for row in rows if row["role"] == "child" and int(row["months"]) < 6}
    return [_person(centre, today, row, mothers, infants, place) for place, row in enumerate(rows)]


def _person(
    centre: CentreId,
    today: date,
    row: dict[str, str],
    mothers: dict[str, PersonId],
    infants: dict[str, dict[str, str]],
    place: int,
) -> Person:
    infant = infants.get(row["household"])
    sam = row["state"] == "sam"
    return Person(
        person_id=_person_id(centre, row),
        centre_id=centre,
        household=row["household"],
        name=row["name"],
        name_latin=row["name_latin"],
        sex=Sex(row["sex"]),
        born=_born(row, today),
        registered=min(today - timedelta(days=200), today) if row["role"] != "child" else _born(row, today),
        nominees=(mothers[row["nominee"]],) if row["nominee"] else (),
        guardian=mothers.get(row["household"]) if row["role"] == "child" else None,
        pregnant_since=today - timedelta(days=120) if row["state"] == "pregnant" else None,
        delivered=_born(infant, today) if row["state"] == "lactating" and infant is not None else None,
        malnourished=today - timedelta(days=45) if sam else None,
        in_adolescent_scheme=row["state"] == "adolescent",
        language=row["language"],
        phone=_phone(row, place),
        card=_card(centre, row),
    )


def _card(centre: CentreId, row: dict[str, str]) -> CardNumber | None:
    """The number on her card: the grown-up half of the households have one, the others are still to be given theirs."""
    if row["role"] == "child" or int(row["household"][1:]) > LAST_WITH_CARD:
        return None
    drawn = hashlib.sha256(_person_id(centre, row).encode()).digest()
    return completed("".join(ALPHABET[byte % len(ALPHABET)] for byte in drawn[: LENGTH - 1]))


def _phone(row: dict[str, str], place: int) -> str | None:
    """The number of her phone; every fifth household has none."""
    if row["role"] != "mother" or int(row["household"][1:]) % 5 == 0:
        return None
    return f"{FIRST_PHONE + place}"


def _born(row: dict[str, str], today: date) -> date:
    """The birth date that makes the person `months` completed months and `days` days old."""
    months, days = int(row["months"]), int(row["days"])
    whole = today.year * 12 + today.month - 1 - months
    return date(whole // 12, whole % 12 + 1, min(today.day, 28)) - timedelta(days=days)


def _person_id(centre: CentreId, row: dict[str, str]) -> PersonId:
    """Invented people have ids made from their row, so that seeding twice makes nobody twice."""
    seed = f"demo|{centre}|{row['household']}|{row['role']}|{row['name_latin']}|{row['months']}"
    return PersonId("p-" + hashlib.sha256(seed.encode()).hexdigest()[:32])
