"""The centre's own data on the kiosk: roster and local history, in a SQLCipher file under the data key (DK).

The file is a cache of what the server knows plus a journal of what this kiosk recorded; without DK it is ciphertext.
"""

import sqlite3
import threading
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec
import structlog
from sqlcipher3 import dbapi2 as sqlcipher
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from anganwadi import events
from anganwadi.ids import PersonId
from anganwadi.wire.login import Roster, RosterEntry
from edge.store.outbox import StoreError

KEEP_DAYS = 62
"""How long the journal keeps a day: this month's and last month's rations and weights."""

log = structlog.get_logger(__name__)
migrations = Migrations("centre")


@migrations()
def m001_roster_and_journal(db: Database) -> None:
    db.execute("create table roster (person_id text primary key, entry blob not null)")
    db.execute("create table journal (sequence integer primary key, day text not null, raw blob not null)")


class CentreStore:
    """The opened store of one log-in. Thread-safe. Closing it forgets the key."""

    def __init__(self, path: Path, data_key: bytes) -> None:
        """Open or make the file at `path` under the 32-byte `data_key`.

        A file that does not open under this key is a cache of another enrolment: it is removed and made anew.

        Raises:
            StoreError: the file cannot be written.
        """
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = _open(path, data_key)
        except (sqlite3.Error, sqlcipher.Error, OSError) as error:
            raise StoreError(
                f"the centre's data cannot be opened ({error}): free space or replace the card"
            ) from error

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def replace_roster(self, roster: Roster) -> None:
        """Put the server's roster in the place of whatever was there, in one transaction."""
        rows = [(entry.person.person_id, msgspec.msgpack.encode(entry)) for entry in roster.entries]
        with self._lock, self._db.atomic():
            self._db.execute("delete from roster")
            for row in rows:
                self._db.execute("insert into roster values (?, ?)", row)

    def roster(self) -> dict[PersonId, RosterEntry]:
        with self._lock:
            rows = self._db.execute("select person_id, entry from roster").fetchall()
        return {PersonId(row[0]): msgspec.msgpack.decode(row[1], type=RosterEntry) for row in rows}

    def append(self, rows: Sequence[tuple[int, date, bytes]]) -> None:
        """Keep recorded events in the journal: (sequence, day, raw event).

        Raises:
            StoreError: they could not be kept.
        """
        with self._lock:
            try:
                with self._db.atomic():
                    for sequence, day, raw in rows:
                        self._db.execute(
                            "insert or replace into journal values (?, ?, ?)",
                            (sequence, day.isoformat(), raw),
                        )
            except sqlcipher.Error as error:
                raise StoreError(f"not saved ({error}): free space on the card, then try again") from error

    def drop_after(self, sequence: int) -> None:
        """Forget journal entries that never reached the outbox: a crash stood between the two."""
        with self._lock, self._db.atomic():
            self._db.execute("delete from journal where sequence > ?", (sequence,))

    def drop_before(self, day: date) -> None:
        with self._lock, self._db.atomic():
            self._db.execute("delete from journal where day < ?", (day.isoformat(),))

    def journal(self) -> list[tuple[date, events.Event]]:
        """Every event still kept, in order, with the day it was recorded on."""
        with self._lock:
            rows = self._db.execute("select day, raw from journal order by sequence").fetchall()
        return [(date.fromisoformat(day), events.decode(raw)) for day, raw in rows]


def _open(path: Path, data_key: bytes) -> Database:
    try:
        return _connect(path, data_key)
    except sqlcipher.DatabaseError as error:
        if "not a database" not in str(error):
            raise
    log.warning("centre_store_replaced", reason="does not open under this data key")
    for leftover in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        leftover.unlink(missing_ok=True)
    return _connect(path, data_key)


def _connect(path: Path, data_key: bytes) -> Database:
    connection = sqlcipher.connect(str(path), check_same_thread=False)
    connection.execute(f"pragma key = \"x'{data_key.hex()}'\"")
    db = Database(connection)  # type: ignore[arg-type] - sqlcipher3 has sqlite3's interface
    db.execute("select count(*) from sqlite_master").fetchone()
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    db.execute("pragma temp_store = memory")
    migrations.apply(db)
    return db
