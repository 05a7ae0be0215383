"""Giving out ration cards, and ending them.

    names, new = draw(engine, district, centre, day, only=(), anew=False)   # numbers and PINs, nothing kept yet
    pdf = sheet.render(new, names)                                          # the only place the PINs ever stand
    issue(engine, district, new, ...)                                       # from here on they hold

A card is given to whoever comes for a take-home ration: the woman herself, for a child or a girl under 18 her guardian.
Of a PIN only the hash is kept, so a sheet that was lost in the printer is not printed again: its cards are given anew.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
import sqlalchemy as sa
import structlog

from anganwadi import events
from anganwadi.cards import CardNumber, new_number, parse
from anganwadi.entitlements import owed_ration
from anganwadi.events import PersonRecord, Proof
from anganwadi.ids import CentreId, DistrictId, PersonId, WorkerId
from anganwadi.people import Person, may_enrol_face
from server.cards import pins, queries
from server.storage import news, own_origin, vault
from server.storage.engine import writing

log = structlog.get_logger(__name__)


class NoSuchCentre(LookupError):
    """The district has no centre of this code."""


class NotOfCentre(LookupError):
    """Nobody of this id comes for a ration at this centre; the text says who."""


class Overtaken(RuntimeError):
    """Somebody was given another card since these were drawn, or hers was ended."""


class NoSuchCard(LookupError):
    """No card of this number holds; the text says whether one did."""


@dataclass(frozen=True)
class NewCard:
    """A card as it was drawn. The PIN is in here and on the sheet, and nowhere else."""

    person: Person
    number: CardNumber
    pin: str

    def __repr__(self) -> str:
        return "NewCard(<hidden>)"


def holders(people: Iterable[Person], day: date) -> list[Person]:
    """Who comes for the take-home rations owed on `day`, each once, households together."""
    known = {person.person_id: person for person in people}
    found: dict[PersonId, Person] = {}
    for person in known.values():
        if owed_ration(person, day):
            who = _who_comes(person, known, day)
            found[who.person_id] = who
    return sorted(found.values(), key=lambda person: (person.household, person.name_latin, person.person_id))


def _who_comes(person: Person, known: dict[PersonId, Person], day: date) -> Person:
    guardian = None if person.guardian is None else known.get(person.guardian)
    return person if guardian is None or may_enrol_face(person, day) else guardian


def draw(
    engine: sa.Engine,
    district: DistrictId,
    centre: CentreId,
    day: date,
    *,
    only: Collection[PersonId] = (),
    anew: bool = False,
) -> tuple[dict[str, str], list[NewCard]]:
    """Draw cards for those at `centre` who come for rations and have none; `anew` also for those who have one. `only`
    says for whom, all of them if empty. The centre's names by language, and the cards; nothing is kept yet.

    Raises:
        NoSuchCentre, NotOfCentre: there is nobody to give one to.
    """
    with engine.connect() as connection:
        names = queries.centre_names(connection, district, centre)
        people = [kept.person for kept in vault.of_centre(connection, district, centre)]
        held = queries.of_centre(connection, district, centre)
    if names is None:
        raise NoSuchCentre(f"the district has no centre {centre}")
    found = holders(people, day)
    if missing := set(only) - {person.person_id for person in found}:
        raise NotOfCentre(f"{min(missing)} does not come for a ration at centre {centre}")
    chosen = [person for person in found if not only or person.person_id in only]
    return names, [
        NewCard(person, new_number(), pins.draw()) for person in chosen if anew or not _has_card(person, held)
    ]


def without_card(
    connection: sa.Connection, district: DistrictId, centre: CentreId, day: date
) -> list[Person]:
    """Those at `centre` who come for rations and have no card."""
    people = [kept.person for kept in vault.of_centre(connection, district, centre)]
    held = queries.of_centre(connection, district, centre)
    return [person for person in holders(people, day) if not _has_card(person, held)]


def _has_card(person: Person, held: dict[PersonId, queries.CardRow]) -> bool:
    card = held.get(person.person_id)
    return card is not None and card.number == person.card


def issue(
    engine: sa.Engine,
    district: DistrictId,
    new: Sequence[NewCard],
    *,
    by: WorkerId,
    now: datetime,
    simulated: bool,
) -> None:
    """Let these cards hold from now on, all or none, and end those their holders had. Their kiosks get the hashes with
    the next roster.

    Raises:
        UnknownPerson: somebody was erased since they were drawn; none of them holds.
        Overtaken: as it says, so that of two sheets printed at once none is handed out that does not hold.
    """
    hashed = [(card, pins.hash_pin(card.pin)) for card in new]  # slow by design, so before the transaction
    now_ms = round(now.timestamp() * 1000)
    with writing(engine) as connection:
        for card, pin_hash in hashed:
            person = card.person.person_id
            if vault.find(connection, district, person).person.card != card.person.card:
                raise Overtaken("other cards were printed at the same moment: hand those out, or print again")
            queries.revoke_all_of(connection, district, person, now_ms)
            queries.add(connection, district, person, queries.CardRow(card.number, pin_hash), now_ms)
            _number_her(connection, district, person, card.number, by=by, now=now, simulated=simulated)
    log.info("cards_issued", count=len(new))


def revoke(
    engine: sa.Engine, district: DistrictId, number: str, *, by: WorkerId, now: datetime, simulated: bool
) -> PersonId:
    """End the card of this number, as somebody typed it; whose it was. Other evidence is left to her.

    Raises:
        BadCardNumber: it is no card's number.
        NoSuchCard: none of this number holds.
    """
    bare = parse(number)
    with writing(engine) as connection:
        found = queries.holder(connection, district, bare)
        if found is None or not found[1]:
            raise NoSuchCard("no card has this number" if found is None else "this card was ended before")
        person = found[0]
        queries.revoke_all_of(connection, district, person, round(now.timestamp() * 1000))
        _number_her(connection, district, person, None, by=by, now=now, simulated=simulated)
    log.info("card_revoked")
    return person


def _number_her(
    connection: sa.Connection,
    district: DistrictId,
    person: PersonId,
    number: CardNumber | None,
    *,
    by: WorkerId,
    now: datetime,
    simulated: bool,
) -> None:
    """Put the number into her record, as an event of the server's own; her kiosk hears of it."""
    record = msgspec.structs.replace(vault.find(connection, district, person).person, card=number)
    happened = events.new_event(
        PersonRecord(person_id=person, person=record),
        centre_id=record.centre_id,
        worker_id=by,
        at=now,
        simulated=simulated,
        proof=Proof.NONE,
    )
    own_origin.record(connection, district, [happened])
    news.tell(connection, district, record.centre_id)
