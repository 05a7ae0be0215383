from datetime import date

import msgspec
import pytest

from anganwadi import events
from anganwadi.ids import CentreId, PersonId
from anganwadi.people import Person, Sex
from anganwadi.wire.login import Roster, RosterEntry, RotationSecret
from edge.store.centre import CentreStore, JournalRow
from edge.store.outbox import StoreError
from tests.unit.edge.store.small_kiosk import DAY, event

KEY = b"k" * 32
CENTRE = CentreId("09123456701")


def entry(person_id: str) -> RosterEntry:
    born = date(1998, 1, 1)
    return RosterEntry(
        person=Person(
            person_id=PersonId(person_id),
            centre_id=CENTRE,
            household="H1",
            name="सुनीता",
            name_latin="Sunita",
            sex=Sex.FEMALE,
            born=born,
            registered=born,
        )
    )


def roster(*people: str, stored_through: int = 0) -> Roster:
    return Roster(CENTRE, 1, tuple(map(entry, people)), stored_through)


def row(n: int, person: str | None = None) -> JournalRow:
    return JournalRow(n, DAY, None if person is None else PersonId(person), events.encode(event(n)))


@pytest.fixture
def store(tmp_path):
    opened = CentreStore(tmp_path / "centre.db", KEY)
    yield opened
    opened.close()


def test_roster_that_comes_while_somebody_is_logged_in_takes_the_place_of_the_one_before(store):
    store.begin(roster("p-1", "p-2"), 0, DAY)
    store.append([row(1), row(2, "p-2"), row(3, "p-2")])
    store.replace_roster(roster("p-2", "p-3", stored_through=2))
    assert sorted(store.roster()) == ["p-2", "p-3"]
    assert store._db.execute("select sequence from journal order by 1").fetchall() == [(1,), (3,)]


def test_roster_that_cannot_be_written_leaves_the_one_before(store):
    store.begin(roster("p-1"), 0, DAY)
    store._db.execute(
        "create trigger broken before insert on roster when new.person_id = 'p-3'"
        " begin select raise(abort, 'no more'); end"
    )
    with pytest.raises(StoreError):
        store.replace_roster(roster("p-2", "p-3"))
    assert sorted(store.roster()) == ["p-1"]


def test_log_in_without_a_newer_roster_keeps_the_one_it_has(store):
    store.begin(roster("p-1"), 0, DAY)
    store.append([row(1), row(2)])
    store.begin(None, 1, DAY)
    assert sorted(store.roster()) == ["p-1"]
    assert len(store.journal()) == 1


def test_small_things_are_kept_under_a_name_until_they_are_forgotten(tmp_path, store):
    assert store.kept("lease") is None
    store.keep("lease", b"one")
    store.keep("lease", b"two")
    store.close()
    again = CentreStore(tmp_path / "centre.db", KEY)
    assert again.kept("lease") == b"two"
    again.keep("lease", None)
    assert again.kept("lease") is None
    again.close()


def test_damage_found_while_running_is_told_and_the_next_log_in_starts_anew(tmp_path, store):
    store.begin(roster(*(f"p-{n}" for n in range(200))), 0, DAY)
    store._db.execute("pragma wal_checkpoint(truncate)").fetchall()
    file = tmp_path / "centre.db"
    with file.open("r+b") as content:
        content.seek(4096 * 3)
        content.write(b"\xa5" * 4096 * 8)
    store._db.execute("pragma shrink_memory")
    with pytest.raises(StoreError, match="log in again"):
        store.roster()
    store.close()
    again = CentreStore(file, KEY)
    assert again.roster() == {}
    again.begin(roster("p-1"), 0, DAY)
    again.close()


def test_nothing_readable_lies_beside_the_store_while_it_is_open_or_after(tmp_path, store):
    secret = msgspec.msgpack.encode(entry("p-1"))
    store.begin(roster("p-1"), 0, DAY)
    store.keep("lease", b"a-lease-that-is-secret")
    for _ in range(2):
        written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert len(written) > 8192
        for readable in (
            b"Sunita",
            "सुनीता".encode(),
            b"a-lease-that-is-secret",
            secret[:40],
            b"SQLite format",
        ):
            assert readable not in written
        store.close()
    assert [path.name for path in tmp_path.iterdir()] == ["centre.db"]


def test_what_is_deleted_is_written_over(store):
    assert store._db.execute("pragma secure_delete").fetchone() == (1,)
    assert store._db.execute("pragma temp_store").fetchone() == (2,)


def test_secret_before_the_newest_stays_for_faces_in_the_journal_and_no_older_one(store):
    for number in (1, 2, 3):
        store.replace_roster(
            msgspec.structs.replace(roster("p-1"), rotation=RotationSecret(number, bytes([number]) * 32))
        )
    assert [secret.number for secret in store.rotations()] == [3, 2]


def test_roster_without_a_secret_leaves_those_that_are_there(store):
    store.replace_roster(msgspec.structs.replace(roster("p-1"), rotation=RotationSecret(1, bytes(32))))
    store.replace_roster(roster("p-1"))
    assert [secret.number for secret in store.rotations()] == [1]
