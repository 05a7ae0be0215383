"""Seeding the demo district: its places, its officers and workers, its centre's people and how its children grew."""

import secrets
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from anganwadi import events
from anganwadi.events import Event, PersonRecord
from anganwadi.ids import CentreId, DistrictId, WorkerId
from provisioning import demo_facts as facts
from server.cards import queries as cards
from server.cards.pins import hash_pin as hash_card_pin
from server.cards.queries import CardRow
from server.leases.pins import hash_pin
from server.seed.growth import past_growth
from server.seed.people import people
from server.storage import own_origin, tables
from server.storage.engine import writing

OTHER_CENTRES = (
    (CentreId("09123456702"), "Rampur 2", "रामपुर 2", "رام پور 2"),
    (CentreId("09123456703"), "Purwa", "पुरवा", "پُروا"),
)
SECTOR, PROJECT = "sector-1", "project-1"

WORKERS = (
    (facts.WORKER_POST, "सावित्री देवी", "hi", facts.WORKER_PIN),
    (facts.HELPER_POST, "मुन्नी बेगम", "hi", facts.HELPER_PIN),
)
"""Post, name, language, PIN."""

OFFICERS = (
    (facts.SUPERVISOR_MOBILE, "मधु श्रीवास्तव", "supervisor", SECTOR, "hi"),
    (facts.CDPO_MOBILE, "Anil Kumar", "cdpo", PROJECT, "en"),
    (facts.DPO_MOBILE, "نزہت جہاں", "dpo", "", "ur"),
)
"""Mobile number, name, role, scope (empty: the whole district), language."""

_IST = ZoneInfo("Asia/Kolkata")
_SEEDER = WorkerId("demo-seed")


def seed(engine: sa.Engine, district: DistrictId) -> bool:
    """Fill an empty demo district. Returns False, having done nothing, where it is filled already."""
    with writing(engine) as connection:
        if connection.execute(sa.select(sa.func.count()).select_from(tables.centres)).scalar_one():
            return False
        _places(connection, district)
        _accounts(connection, district)
        own_origin.record(connection, district, _happened())
        _cards(connection, district)
    return True


def _places(connection: sa.Connection, district: DistrictId) -> None:
    connection.execute(
        sa.insert(tables.sectors).values(
            district_id=district,
            sector_id=SECTOR,
            project_id=PROJECT,
            name_en="Rampur",
            name_hi="रामपुर",
            name_ur="رام پور",
        )
    )
    centres = ((facts.CENTRE_ID, "Rampur 1", "रामपुर 1", "رام پور 1"), *OTHER_CENTRES)
    for centre, name_en, name_hi, name_ur in centres:
        connection.execute(
            sa.insert(tables.centres).values(
                district_id=district,
                centre_id=centre,
                sector_id=SECTOR,
                name_en=name_en,
                name_hi=name_hi,
                name_ur=name_ur,
                roster_version=1,
            )
        )


def _accounts(connection: sa.Connection, district: DistrictId) -> None:
    for post, name, language, pin in WORKERS:
        connection.execute(
            sa.insert(tables.centre_workers).values(
                district_id=district,
                worker_id=f"w-{facts.CENTRE_ID}-{post.lower()}",
                centre_id=facts.CENTRE_ID,
                post=post,
                name=name,
                language=language,
                pin_hash=hash_pin(pin),
                wrong_pins=0,
            )
        )
    for mobile, name, role, scope, language in OFFICERS:
        connection.execute(
            sa.insert(tables.officers).values(
                district_id=district,
                officer_id=f"o-{role}",
                mobile=mobile,
                name=name,
                role=role,
                scope=scope or district,
                language=language,
                otp_secret=secrets.token_bytes(20),
                otp_counter=0,
                wrong_otps=0,
            )
        )


def _cards(connection: sa.Connection, district: DistrictId) -> None:
    """The PIN of every card there is: the same for all, and known to everybody who tries the demo."""
    now = datetime.now(UTC)
    pin_hash = hash_card_pin(facts.CARD_PIN)
    for person in people(facts.CENTRE_ID, now.astimezone(_IST).date()):
        if person.card is not None:
            row = CardRow(person.card, pin_hash)
            cards.add(connection, district, person.person_id, row, round(now.timestamp() * 1000))


def _happened() -> list[Event]:
    now = datetime.now(UTC)
    today = now.astimezone(_IST).date()
    roster = people(facts.CENTRE_ID, today)
    happened = [
        events.new_event(
            PersonRecord(person_id=person.person_id, person=person),
            centre_id=facts.CENTRE_ID,
            worker_id=_SEEDER,
            at=now - timedelta(days=1),
            simulated=True,
        )
        for person in roster
    ]
    measured = sorted((each for person in roster for each in past_growth(person, today)), key=lambda e: e.day)
    happened += [
        events.new_event(
            each,
            centre_id=facts.CENTRE_ID,
            worker_id=_SEEDER,
            at=datetime.combine(each.day, time(10, 0), _IST),
            simulated=True,
        )
        for each in measured
    ]
    return happened
