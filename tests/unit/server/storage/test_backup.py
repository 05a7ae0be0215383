import threading

import pytest
import sqlalchemy as sa

from anganwadi.ids import DistrictId
from anganwadi.wire import chain
from anganwadi.wire.keys import PrivateKeys
from provisioning import recovery
from server.storage import backup, backup_file, copying, restore, tables
from server.storage import engine as databases
from server.storage.backup import BackupFailed
from server.storage.backup_file import BadBackup
from tests.unit.server.backup_district import BackedUpDistrict
from tests.unit.server.ingest_district import DISTRICT, KIOSK, PEOPLE


@pytest.fixture
def district(tmp_path):
    made = BackedUpDistrict(tmp_path)
    yield made
    made.close()


def check_chains(engine: sa.Engine) -> int:
    """That every origin's rows are all there and hash to its chain's head; how many there are."""
    total = 0
    with engine.connect() as connection:
        for origin in connection.execute(sa.select(tables.origins)):
            of = tables.events.c
            rows = connection.execute(
                sa.select(of.sequence, of.event_hash)
                .where(of.origin == origin.origin, of.epoch == origin.epoch)
                .order_by(of.sequence)
            ).all()
            assert [row.sequence for row in rows] == list(range(1, origin.stored_through + 1))
            genesis = chain.genesis(DISTRICT, origin.origin, origin.epoch)
            assert chain.extend(genesis, [row.event_hash for row in rows]) == origin.chain_head
            total += len(rows)
    return total


def safe_through(district: BackedUpDistrict) -> int:
    with district.engine.connect() as connection:
        of = tables.origins.c
        return connection.execute(sa.select(of.safe_through).where(of.origin == KIOSK)).scalar_one()


def test_backup_holds_everything_and_opens_with_the_recovery_key_only(district):
    district.kiosk.attend(7)
    district.kiosk.sync(district.ingest)
    made = district.back_up()
    opened = district.open(made.path)
    assert check_chains(opened.file.open_read_only()) == 7
    assert (made.manifest.events, made.manifest.generation) == (7, 1)
    assert {mark.origin: mark.stored_through for mark in made.manifest.origins} == {KIOSK: 7, "server": 0}
    assert restore.server_files(opened) == {"keys.msgpack": b"the server's keys"}
    assert b"SQLite format" not in made.path.read_bytes()
    others = recovery.make(district.folder / "other.key", district.folder / "other.pub")
    assert others is None
    with pytest.raises(BadBackup, match="sealed to the recovery key"):
        restore.open_backup(
            made.path, DISTRICT, recovery.read_private(district.folder / "other.key"), district.keys.public
        )


def test_what_is_in_a_finished_backup_becomes_safe_and_the_kiosk_forgets_it(district):
    district.kiosk.attend(5)
    district.kiosk.sync(district.ingest)
    assert district.kiosk.outbox.state().safe_through == 0
    district.back_up()
    district.kiosk.attend(1)
    district.kiosk.sync(district.ingest)
    assert (district.kiosk.outbox.state().safe_through, district.kiosk.outbox.state().stored_through) == (
        5,
        6,
    )
    district.back_up()
    district.kiosk.hear(district.ingest)
    assert district.kiosk.outbox.state().safe_through == 6


def test_backup_that_could_not_be_finished_makes_nothing_safe_and_leaves_nothing(district, monkeypatch):
    district.kiosk.attend(3)
    district.kiosk.sync(district.ingest)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup_file, "finish", full)
    with pytest.raises(BackupFailed, match="No space left"):
        district.back_up()
    assert safe_through(district) == 0
    assert list(district.backups.iterdir()) == []


def test_folder_that_is_not_mounted_is_not_made(district):
    district.backups.rmdir()
    with pytest.raises(BackupFailed, match="mount the backup disk"):
        district.back_up()


def test_backup_while_a_writer_writes_is_of_one_moment_and_holds_no_writer_up(district):
    stop, stored = threading.Event(), []

    def write() -> None:
        while not stop.is_set() and len(stored) < 300:
            stored.append(
                district.ingest.through(district.kiosk.pen.frame(district.kiosk.pen.attendance(20)))
            )

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made, written = [], []
        for _ in range(4):
            before = len(stored)
            made.append(district.back_up())
            written.append(len(stored) - before)
    finally:
        stop.set()
        writer.join()
    assert sum(written) > 0, "the writer stood still while backups were made"
    for each in made:
        assert check_chains(district.open(each.path).file.open_read_only()) == each.manifest.events
    assert [each.manifest.events for each in made] == sorted(each.manifest.events for each in made)
    assert safe_through(district) == made[-1].manifest.events


def test_only_the_newest_backups_are_kept_and_other_files_left_alone(district):
    (district.backups / f"aangan-{DISTRICT}-2-20200101T000000000Z-00000000.backup").write_bytes(b"another's")
    (district.backups / "notes.txt").write_text("mine")
    names = [district.back_up().path.name for _ in range(3)]
    made = district.back_up(keep=2)
    assert sorted(made.pruned) == sorted(names[:2])
    assert [path.name for path in backup.listed(district.backups, DISTRICT)] == [names[2], made.path.name]
    assert len(list(district.backups.iterdir())) == 4
    with district.engine.connect() as connection:
        kept = set(connection.execute(sa.select(tables.backups.c.name)).scalars())
    assert kept == {names[2], made.path.name}


@pytest.mark.parametrize("at", ["first", "middle", "last", "manifest", "signature", "tail"])
def test_backup_of_which_one_bit_is_changed_is_refused(district, at):
    made = district.back_up()
    raw = bytearray(made.path.read_bytes())
    size = made.manifest.size
    where = {
        "first": 20,
        "middle": size // 2,
        "last": size - 1,
        "manifest": size + 40,
        "signature": len(raw) - 40,
        "tail": len(raw) - 3,
    }[at]
    raw[where] ^= 1
    made.path.write_bytes(raw)
    with pytest.raises(BadBackup, match=r"damaged|was changed|no backup|not of namuna"):
        district.open(made.path)


def test_backup_that_is_cut_is_refused(district):
    made = district.back_up()
    whole = made.path.read_bytes()
    for length in (0, 10, 5000, made.manifest.size, len(whole) - 1):
        made.path.write_bytes(whole[:length])
        with pytest.raises(BadBackup, match=r"no backup|cut short"):
            district.open(made.path)
    made.path.write_bytes(whole[4096:])
    with pytest.raises(BadBackup, match=r"damaged|cut short"):
        district.open(made.path)


def test_backup_forged_by_whoever_knows_the_recovery_key_is_refused(district):
    honest, district.keys = district.keys, PrivateKeys.generate()
    forged = district.back_up()
    district.keys = honest
    with pytest.raises(BadBackup, match="not made by this district's server"):
        district.open(forged.path)


def test_backup_of_another_district_is_refused_by_name(district):
    made = district.back_up()
    with pytest.raises(BadBackup, match="a backup of district namuna, not of rampur"):
        restore.open_backup(made.path, DistrictId("rampur"), district.private, district.keys.public)


def test_half_of_a_recovery_key_is_not_taken_for_the_other_nor_overwritten(district):
    private, public = district.recovery_files
    with pytest.raises(recovery.BadRecoveryKey, match="is the public half"):
        recovery.read_private(public)
    with pytest.raises(recovery.BadRecoveryKey, match="is the private half"):
        recovery.read_public(private)
    with pytest.raises(recovery.BadRecoveryKey, match="no recovery key"):
        recovery.read_public(district.folder / "server.key")
    with pytest.raises(FileExistsError, match="left as it is"):
        recovery.make(private, district.folder / "new.pub")
    assert private.stat().st_mode & 0o077 == 0


def test_person_erased_while_a_backup_is_made_is_not_in_it(district, monkeypatch):
    from datetime import UTC, datetime

    from anganwadi.events import Proof
    from anganwadi.ids import WorkerId
    from server.storage import erasure

    finish, times = backup_file.finish, []

    def erase_meanwhile(*given):
        times.append(1)
        if len(times) == 1:
            erasure.erase(
                district.engine,
                DISTRICT,
                PEOPLE[0],
                "asked",
                by=WorkerId("w"),
                proof=Proof.NONE,
                register=None,
                now=datetime.now(UTC),
            )
        finish(*given)

    monkeypatch.setattr(backup_file, "finish", erase_meanwhile)
    made = district.back_up()
    assert len(times) == 2
    assert [path.name for path in district.backups.iterdir()] == [made.path.name]
    with district.open(made.path).file.open_read_only().connect() as connection:
        assert PEOPLE[0] not in set(connection.execute(sa.select(tables.persons.c.person_id)).scalars())


def test_columns_are_copied_by_name_where_an_older_database_has_them_in_another_order(district):
    with databases.writing(district.engine) as connection:
        connection.exec_driver_sql("drop table backups")
        connection.exec_driver_sql(
            "create table backups (events bigint not null, size bigint not null, name text not null, made_ms bigint"
            " not null, generation bigint not null, backup_id varchar(36) not null, district_id varchar(63) not null,"
            " primary key (district_id, backup_id))"
        )
        row = {
            "district_id": DISTRICT,
            "backup_id": "b",
            "generation": 1,
            "made_ms": 2,
            "size": 4,
            "events": 5,
        }
        connection.execute(sa.insert(tables.backups).values(**row, name="old"))
    with district.open(district.back_up().path).file.open_read_only().connect() as connection:
        (kept,) = connection.execute(sa.select(tables.backups)).mappings()
    assert dict(kept) == {**row, "name": "old"}


def test_progress_is_told_while_tables_are_copied_and_checked(district, monkeypatch):
    monkeypatch.setattr(copying, "_STEPS", 1000)
    for _ in range(20):
        district.ingest.take(district.kiosk.pen.frame(district.kiosk.pen.attendance(200)))
    told: dict[str, list[tuple[int, int]]] = {}
    district.back_up(progress=lambda doing, done, total: told.setdefault(doing, []).append((done, total)))
    assert set(told) == {"bytes", "checksum"}
    for steps in told.values():
        assert [done for done, _ in steps] == sorted(done for done, _ in steps)
        assert all(0 <= done <= total for done, total in steps)
