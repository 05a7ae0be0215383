import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from anganwadi.events import AttendanceMarked, PersonRecord, Proof
from anganwadi.ids import PersonId, WorkerId
from edge.store.errors import ReceiptRejected
from server.storage import engine as databases
from server.storage import erasure, erasure_register, migrations, origins, restore, tables, vault
from server.storage.erasure_register import Erasure, RegisterDamaged
from server.storage.restore import NotRestored
from tests.unit.server.backup_district import BackedUpDistrict
from tests.unit.server.ingest_district import DAY, DISTRICT, KIOSK, OTHER_CENTRE, PEOPLE, registration

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture
def district(tmp_path):
    made = BackedUpDistrict(tmp_path)
    yield made
    made.close()


def stored(district: BackedUpDistrict) -> origins.OriginState:
    with district.engine.connect() as connection:
        found = origins.find(connection, DISTRICT, KIOSK, 1)
    assert found is not None
    return found


def erase(district: BackedUpDistrict, person: PersonId) -> None:
    erasure.erase(
        district.engine,
        DISTRICT,
        person,
        "asked",
        by=WorkerId("w"),
        proof=Proof.NONE,
        register=district.register,
        now=NOW,
    )


def test_kiosk_fills_the_hole_after_a_restore_and_every_event_stands_once(district):
    district.kiosk.attend(6)
    district.kiosk.sync(district.ingest)
    made = district.back_up()
    district.kiosk.attend(5)
    district.kiosk.sync(district.ingest)  # receipted and safe through 6, then lost with the server
    district.kiosk.attend(2)

    restored = district.lose_and_restore(made.path)
    assert (stored(district).stored_through, stored(district).safe_through) == (6, 6)
    district.kiosk.hear(district.ingest)
    assert district.kiosk.outbox.state().generation == restored.generation
    assert district.kiosk.outbox.state().stored_through == 6
    district.kiosk.sync(district.ingest)

    assert [sequence for sequence, _ in district.ingest.sequences()] == list(range(1, 14))
    assert stored(district).chain_head == district.kiosk.pen.head
    assert district.kiosk.outbox.state().stored_through == 13
    assert district.ingest.rows(tables.quarantine) == []


def test_receipt_from_before_the_restore_does_nothing_after_it(district):
    district.kiosk.attend(3)
    district.kiosk.sync(district.ingest)
    made = district.back_up()
    district.kiosk.attend(1)
    district.kiosk.sync(district.ingest)
    old = district.ingest.published[-1]
    district.lose_and_restore(made.path)
    district.kiosk.hear(district.ingest)
    district.ingest.published.append(old)
    with pytest.raises(ReceiptRejected, match="before the server was restored"):
        district.kiosk.outbox.apply(district.kiosk._verified(district.ingest))


def test_two_restores_of_one_backup_are_two_generations(district):
    made = district.back_up()
    first = district.lose_and_restore(made.path, "one", now=NOW)
    second = district.lose_and_restore(made.path, "two", now=NOW + timedelta(seconds=1))
    assert made.manifest.generation < first.generation < second.generation


def test_generation_rises_even_where_the_new_machines_clock_does_not_know_the_year(district):
    made = district.lose_and_restore(district.back_up().path, "one", now=NOW)
    again = district.back_up()
    later = district.lose_and_restore(again.path, "two", now=datetime(1970, 1, 1, tzinfo=UTC))
    assert later.generation == made.generation + 1


def test_database_that_holds_something_is_replaced_only_by_force_and_set_aside(district):
    district.kiosk.attend(4)
    district.kiosk.sync(district.ingest)
    made = district.back_up()
    district.kiosk.attend(1)
    district.kiosk.sync(district.ingest)
    opened = district.open(made.path)
    district.engine.dispose()
    with pytest.raises(NotRestored, match="holds something"):
        restore.restore(district.database, opened, [])
    restored = restore.restore(district.database, opened, [], force=True)
    assert stored(district).stored_through == 4
    assert restored.set_aside is not None
    old = databases.CipherFile(restored.set_aside, district.file.key).open_read_only()
    with old.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(tables.events)).scalar_one() == 5


def test_freshly_migrated_database_is_not_in_the_way(district):
    made = district.back_up()
    district.database = district._place("second")
    engine = district._migrated()
    with databases.writing(engine) as connection:
        from server.storage import own_origin

        own_origin.enrol_self(connection, DISTRICT, district.keys.public)
    engine.dispose()
    restored = restore.restore(district.database, district.open(made.path), [])
    assert restored.set_aside is not None


def test_damaged_database_is_set_aside_as_it_is(district):
    made = district.back_up()
    district.engine.dispose()
    district.file.path.write_bytes(b"garbage" * 1000)
    restored = restore.restore(district.database, district.open(made.path), [], force=True)
    assert restored.set_aside is not None
    assert restored.set_aside.read_bytes() == b"garbage" * 1000


def test_running_server_is_not_restored_over(district):
    made = district.back_up()
    opened = district.open(made.path)
    before = district.file.path.read_bytes()
    assert district.engine.pool.checkedin(), "a server at rest has connections open"
    with pytest.raises(NotRestored, match="the server is running"):
        restore.restore(district.database, opened, [], force=True)
    assert sorted(path.name for path in district.folder.glob("server.db*.old")) == []
    assert district.file.path.read_bytes()[:100] == before[:100]


def test_backup_of_an_older_schema_is_brought_to_the_newest(tmp_path):
    old = databases.CipherFile(tmp_path / "old.db", "ab" * 32)
    engine = old.open_scratch()
    migrations.migrate(engine, "0001")
    with databases.writing(engine) as connection:
        row = (DISTRICT, "kiosk-a", 1, 1, 1, b"h", "attendance", b"raw", 5)
        connection.exec_driver_sql(
            "insert into events (district_id, origin, epoch, sequence, position, event_hash, type, raw, received_ms)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        connection.exec_driver_sql("create table server_files (name text primary key, content blob not null)")
    engine.dispose()
    made = BackedUpDistrict(tmp_path)
    manifest = made.back_up().manifest
    from msgspec.structs import replace

    opened = restore.Opened(replace(manifest, schema="0001", events=1, origins=()), old)
    made.engine.dispose()
    made.database = made._place("fresh")
    restore.restore(made.database, opened, [])
    engine = databases.connect(made.database)
    assert migrations.is_current(engine)
    with engine.connect() as connection:
        assert connection.execute(sa.select(tables.events.c.raw)).scalars().all() == [b"raw"]
    made.close()


def test_person_erased_after_the_backup_stays_erased_through_restore_and_refill(district):
    gone, kept = PEOPLE[0], PEOPLE[1]
    district.kiosk.attend(1)
    district.kiosk.sync(district.ingest)
    made = district.back_up()
    district.kiosk.record(district.kiosk.pen.raw(registration(gone, phone="9412345678")))
    district.kiosk.sync(district.ingest)
    erase(district, gone)

    restored = district.lose_and_restore(made.path)
    assert restored.erased_again == 1
    district.kiosk.hear(district.ingest)
    district.kiosk.sync(district.ingest)  # her registration comes again
    with district.engine.connect() as connection:
        assert vault.centre_of(connection, DISTRICT, gone) is None
        assert vault.was_erased(connection, DISTRICT, gone)
        assert vault.centre_of(connection, DISTRICT, kept) is not None
    assert stored(district).stored_through == 2
    assert district.ingest.rows(tables.quarantine) == []


def test_person_erased_before_the_backup_is_not_erased_once_more(district):
    gone = PEOPLE[0]
    kiosk = district.kiosk
    kiosk.record(kiosk.pen.raw(registration(gone, OTHER_CENTRE)))  # goes into quarantine
    kiosk.sync(district.ingest)
    erase(district, gone)
    assert district.lose_and_restore(district.back_up().path).erased_again == 0
    assert district.ingest.counts()["person_erased"] == 1


def test_register_with_a_line_changed_moved_or_taken_out_is_refused(district):
    for person in PEOPLE[:3]:
        district.register.append(Erasure(person, 5))
    path = erasure_register.path_in(district.backups, DISTRICT)

    def read():
        return erasure_register.read(path, DISTRICT, district.keys.public)

    assert [each.person_id for each in read()] == list(PEOPLE[:3])
    lines = path.read_text().splitlines(keepends=True)
    for spoiled in (
        [lines[0], lines[2]],
        [lines[1], lines[0], lines[2]],
        [lines[0].replace(PEOPLE[0], PEOPLE[5]), *lines[1:]],
        ["nonsense\n", *lines],
    ):
        path.write_text("".join(spoiled))
        with pytest.raises(RegisterDamaged, match=r"line \d of"):
            read()


def test_line_cut_short_by_a_crash_does_not_count_and_is_written_over(district):
    district.register.append(Erasure(PEOPLE[0], 5))
    path = erasure_register.path_in(district.backups, DISTRICT)
    with path.open("a") as file:
        file.write("p-9 17 abcd")
    district.register.append(Erasure(PEOPLE[1], 6))
    found = erasure_register.read(path, DISTRICT, district.keys.public)
    assert [each.person_id for each in found] == list(PEOPLE[:2])


def test_nobody_is_erased_whom_the_register_could_not_take(district):
    folder = district.backups
    folder.rename(folder.with_name("unmounted"))
    with pytest.raises(FileNotFoundError):
        erase(district, PEOPLE[0])
    with district.engine.connect() as connection:
        assert vault.centre_of(connection, DISTRICT, PEOPLE[0]) is not None


def test_restored_server_takes_what_the_lost_one_would_have_taken(district):
    """A registration before the backup, her attendance after it: she is known to the restored server."""
    new = PersonId("p-new")
    district.kiosk.record(district.kiosk.pen.raw(registration(new)))
    district.kiosk.sync(district.ingest)
    made = district.back_up()
    district.kiosk.record(district.kiosk.pen.raw(AttendanceMarked(DAY, new, True)))
    district.kiosk.sync(district.ingest)
    district.lose_and_restore(made.path)
    district.kiosk.hear(district.ingest)
    district.kiosk.sync(district.ingest)
    assert district.ingest.counts() == {"person_record": 1, "attendance": 1}


def test_ingest_goes_on_while_a_backup_is_made_and_restored_elsewhere(district):
    """What is stored while the snapshot is open comes again from the kiosk after the restore."""
    district.kiosk.attend(3)
    district.kiosk.sync(district.ingest)
    done = threading.Event()

    def meanwhile(doing, *_):
        if doing == "checksum" and not done.is_set():
            done.set()
            district.kiosk.attend(4)
            district.kiosk.sync(district.ingest)

    made = district.back_up(progress=meanwhile)
    assert (made.manifest.events, stored(district).stored_through, stored(district).safe_through) == (3, 7, 3)
    district.lose_and_restore(made.path)
    district.kiosk.hear(district.ingest)
    district.kiosk.sync(district.ingest)
    assert [sequence for sequence, _ in district.ingest.sequences()] == list(range(1, 8))
    assert stored(district).chain_head == district.kiosk.pen.head


def test_record_of_an_erased_person_is_not_taken_in(district):
    erase(district, PEOPLE[0])
    with databases.writing(district.engine) as connection:
        vault.keep(connection, DISTRICT, registration(PEOPLE[0]), 1)
        vault.keep(connection, DISTRICT, PersonRecord(person_id=PEOPLE[0], erase_template=True), 1)
        assert vault.centre_of(connection, DISTRICT, PEOPLE[0]) is None
