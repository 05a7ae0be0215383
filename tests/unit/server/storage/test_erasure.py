"""Erasing a person: what a search of the decrypted pages finds before, and does not find after."""

import random
import secrets
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from anganwadi.cards import completed
from anganwadi.events import FaceTemplateRecord, PersonRecord, Proof
from anganwadi.ids import PersonId, WorkerId
from anganwadi.people import Person, Sex
from server.storage import engine as databases
from server.storage import erasure, migrations, scrubbing, tables, vault
from server.storage.scrubbing import StillRead
from server.storage.vault import UnknownPerson
from tests.unit.server.backup_district import BackedUpDistrict, authentic, decrypted
from tests.unit.server.ingest_district import CENTRE, DAY, DISTRICT, KIOSK, OTHER_CENTRE, PEOPLE

GONE = PersonId("p-" + "17" * 16)
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
NAME, PHONE, CARD = "कौशल्या देवी", "9412345678", completed("4411KA4411KA441")
PIN_HASH = "$argon2id$v=19$m=19456,t=2,p=1$" + secrets.token_hex(16)
VECTORS = secrets.token_bytes(1152)


def person(person_id: str, **more) -> Person:
    return Person(
        **{
            "person_id": PersonId(person_id),
            "centre_id": CENTRE,
            "household": "H1",
            "name": "सुनीता",
            "name_latin": "Sunita",
            "sex": Sex.FEMALE,
            "born": date(1999, 1, 1),
            "registered": DAY,
            **more,
        }
    )


HER = person(GONE, household="H-Kaushalya", name=NAME, name_latin="Kaushalya Devi", phone=PHONE, card=CARD)
TEMPLATE = FaceTemplateRecord("mobilefacenet", VECTORS)
TRACES = {
    "name": NAME.encode(),
    "latin name": b"Kaushalya Devi",
    "household": b"H-Kaushalya",
    "phone": PHONE.encode(),
    "card": CARD.encode(),
    "hash of the card's PIN": PIN_HASH.encode(),
    "template's beginning": VECTORS[:16],
    "template's middle": VECTORS[500:516],
    "template's end": VECTORS[-16:],
}


def traces(content: bytes) -> set[str]:
    return {what for what, trace in TRACES.items() if trace in content}


@pytest.fixture
def district(tmp_path):
    made = BackedUpDistrict(tmp_path)
    yield made
    made.close()


@pytest.fixture
def known(district):
    """She is registered by her kiosk, her face enrolled, her record corrected and then moved between pages by many
    others, whose rows grow."""
    kiosk = district.kiosk
    kiosk.record(
        kiosk.pen.raw(PersonRecord(person_id=GONE, person=HER)),
        kiosk.pen.raw(PersonRecord(person_id=GONE, template=TEMPLATE)),
    )
    elsewhere = PersonRecord(person_id=GONE, person=person(GONE, name=NAME, centre_id=OTHER_CENTRE))
    kiosk.record(kiosk.pen.raw(elsewhere))  # goes into quarantine
    kiosk.sync(district.ingest)
    others = [PersonId(f"p-{secrets.token_hex(16)}") for _ in range(300)]
    with databases.writing(district.engine) as connection:
        connection.execute(
            sa.insert(tables.cards).values(
                district_id=DISTRICT, number=CARD, person_id=GONE, pin_hash=PIN_HASH, issued_ms=1
            )
        )
    for size in (None, 300, 1152):
        with databases.writing(district.engine) as connection:
            for other in others:
                template = None if size is None else FaceTemplateRecord("m", secrets.token_bytes(size))
                record = PersonRecord(person_id=other, person=person(other), template=template)
                vault.keep(connection, DISTRICT, record, 1)
    return district


def erase(district: BackedUpDistrict, who: str = GONE) -> None:
    erasure.erase(
        district.engine,
        DISTRICT,
        PersonId(who),
        "asked",
        by=WorkerId("w"),
        proof=Proof.NONE,
        register=district.register,
        now=NOW,
    )


def on_disk(district: BackedUpDistrict) -> bytes:
    """The pages of the database and of its write-ahead file, decrypted here."""
    path, key = district.file.path, district.file.key
    assert authentic(path, key)
    wal = path.with_name(path.name + "-wal")
    return decrypted(path, key) + (decrypted(wal, key) if wal.exists() else b"")


def in_backup(district: BackedUpDistrict, path) -> bytes:
    opened = district.open(path)
    return decrypted(path, opened.file.key)


def test_search_of_the_decrypted_database_finds_her_before_and_nothing_after(known):
    assert traces(on_disk(known)) == set(TRACES)
    assert traces(in_backup(known, known.back_up().path)) == set(TRACES)
    erase(known)
    scrubbing.scrub(known.engine, erasure.HELD_IN)
    assert traces(on_disk(known)) == set()
    with known.engine.connect() as connection:
        assert len(vault.of_centre(connection, DISTRICT, CENTRE)) == 300 + len(PEOPLE)


def test_search_of_a_backup_made_later_finds_nothing_and_of_one_restored_neither(known):
    before = known.back_up()
    erase(known)
    scrubbing.scrub(known.engine, erasure.HELD_IN)
    assert traces(in_backup(known, known.back_up().path)) == set()
    known.lose_and_restore(before.path)
    known.kiosk.hear(known.ingest)
    known.kiosk.sync(known.ingest)
    assert traces(on_disk(known)) == set()
    with known.engine.connect() as connection:
        assert GONE not in {kept.person.person_id for kept in vault.of_centre(connection, DISTRICT, CENTRE)}


def test_nothing_of_her_is_in_the_logs_or_the_register(known, capfd):
    erase(known)
    scrubbing.scrub(known.engine, erasure.HELD_IN)
    known.back_up()
    said = "".join(capfd.readouterr())
    assert "person_erased" in said
    assert traces(said.encode()) == set()
    assert GONE not in said
    register = (known.backups / f"aangan-{DISTRICT}.erasures").read_bytes()
    assert GONE.encode() in register
    assert traces(register) == set()


def test_what_her_kiosk_sends_again_or_late_does_not_bring_her_back(known):
    erase(known)
    kiosk = known.kiosk
    kiosk.record(
        kiosk.pen.raw(PersonRecord(person_id=GONE, person=HER)),
        kiosk.pen.raw(PersonRecord(person_id=GONE, template=TEMPLATE)),
    )
    kiosk.sync(known.ingest)
    scrubbing.scrub(known.engine, erasure.HELD_IN)
    with known.engine.connect() as connection:
        assert vault.centre_of(connection, DISTRICT, GONE) is None
    assert traces(on_disk(known)) == set()
    assert known.kiosk.outbox.state().stored_through == 5


def test_roster_of_her_kiosk_has_her_no_more_and_is_told_to_be_new(known):
    from server.downlink import roster
    from server.storage import origins

    def now():
        with known.engine.connect() as connection:
            device = origins.find(connection, DISTRICT, KIOSK, 1)
            assert device is not None
            return roster.mark(connection, device, CENTRE)

    with databases.writing(known.engine) as connection:
        names = {f"name_{language}": "Rampur" for language in ("en", "hi", "ur")}
        row = {"district_id": DISTRICT, "centre_id": CENTRE, "sector_id": "s", "roster_version": 1, **names}
        connection.execute(sa.insert(tables.centres).values(**row))
    before = now()
    erase(known)
    assert now() != before
    with known.engine.connect() as connection:
        assert connection.execute(sa.select(tables.centres.c.roster_version)).scalar_one() == 2


def test_log_keeps_that_she_was_erased_and_why_and_her_events_as_a_number(known):
    erase(known)
    erase(known)  # nothing more
    assert known.ingest.counts() == {"person_record": 2, "quarantined": 1, "person_erased": 1}
    (row,) = known.ingest.rows(tables.erased)
    assert (row.person_id, row.erased_ms) == (GONE, round(NOW.timestamp() * 1000))
    (kept,) = known.ingest.rows(tables.quarantine)
    assert (kept.person_id, kept.frame) == (GONE, None)


def test_erasing_again_takes_away_what_was_kept_of_her_in_spite_of_it(known):
    erase(known)
    with databases.writing(known.engine) as connection:
        connection.execute(sa.update(tables.quarantine).values(frame=b"her record"))
    erase(known)
    assert [row.frame for row in known.ingest.rows(tables.quarantine)] == [None]
    assert known.ingest.counts()["person_erased"] == 1


def test_nobody_of_an_unknown_id_is_erased(district):
    with pytest.raises(UnknownPerson, match="nothing is held about p-nobody"):
        erase(district, "p-nobody")
    assert not (district.backups / f"aangan-{DISTRICT}.erasures").exists()


def test_reader_of_an_older_state_is_waited_for_and_named(known):
    erase(known)
    with databases.snapshot(known.engine) as reader:
        reader.execute(sa.select(tables.persons.c.person_id).limit(1)).all()
        with pytest.raises(StillRead, match="run this again"):
            scrubbing.scrub(known.engine, erasure.HELD_IN, limit_s=0.1)
    scrubbing.scrub(known.engine, erasure.HELD_IN)
    assert traces(on_disk(known)) == set()


def test_scrubbing_changes_no_row_and_no_schema(known):
    def everything():
        with known.engine.connect() as connection:
            schema = connection.exec_driver_sql(
                "select type, name, sql from sqlite_master order by name"
            ).all()
            rows = [sorted(connection.execute(sa.select(table)).all(), key=repr) for table in erasure.HELD_IN]
        return schema, rows

    before = everything()
    scrubbing.scrub(known.engine, erasure.HELD_IN)
    assert everything() == before
    assert migrations.is_current(known.engine)


def test_copies_left_behind_when_rows_moved_between_pages_are_gone_too(tmp_path):
    """`secure_delete` alone leaves one now and then, where rows grew and shrank and pages were divided."""
    file = databases.CipherFile(tmp_path / "vault.db", "ab" * 32)
    engine = file.open()
    migrations.migrate(engine)
    rng = random.Random(4)
    people = {f"p-{n}": rng.randbytes(12) for n in range(300)}
    for _ in range(5):
        order = sorted(people, key=lambda _: rng.random())
        for start in range(0, len(order), 20):
            with databases.writing(engine) as connection:
                for each in order[start : start + 20]:
                    row = {"district_id": DISTRICT, "person_id": each, "centre_id": CENTRE, "updated_ms": 1}
                    record = people[each] + rng.randbytes(rng.choice((40, 250, 900)))
                    databases.upsert(connection, tables.persons, [{**row, "record": record}])
    gone, kept = sorted(people)[:200], sorted(people)[200:]
    with databases.writing(engine) as connection:
        for each in gone:
            erasure.forget(connection, DISTRICT, PersonId(each), 1)
    scrubbing.scrub(engine, erasure.HELD_IN)
    engine.dispose()
    pages = decrypted(file.path, file.key)
    assert [each for each in kept if people[each] not in pages] == []
    assert [each for each in gone if people[each] in pages] == []
