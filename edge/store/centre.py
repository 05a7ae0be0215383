"""The centre's own data on the kiosk: roster and local history, in a SQLCipher file under the data key (DK).

The file is a cache of what the server knows plus a journal of what this kiosk recorded; without DK it is ciphertext.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import msgspec
import structlog
from sqlcipher3 import dbapi2 as sqlcipher
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from anganwadi import events
from anganwadi.ids import PersonId
from anganwadi.wire.login import Roster, RosterEntry, RotationSecret
from edge.store.cache import open_cache
from edge.store.errors import StoreError
from edge.store.faults import is_full

KEEP_DAYS = 62
"""How long the journal keeps a day: this month's and last month's rations and weights."""

ROTATIONS = "rotations"
"""The name under which the secrets of the centre's templates are kept, the newest first."""

log = structlog.get_logger(__name__)
migrations = Migrations("centre")


@migrations()
def m001_roster_and_journal(db: Database) -> None:
    db.execute("create table roster (person_id text primary key, entry blob not null)")
    db.execute(
        "create table journal (sequence integer primary key, day text not null, person_id text, raw blob not null)"
    )


@migrations()
def m002_kept(db: Database) -> None:
    db.execute("create table kept (name text primary key, value blob not null)")


class JournalRow(msgspec.Struct, frozen=True):
    """A recorded event; `person_id` only where it carries somebody's identity or face."""

    sequence: int
    day: date
    person_id: PersonId | None
    raw: bytes


class CentreStore:
    """The opened store of one log-in. Thread-safe. Closing it forgets the key.

    Every method raises StoreError where the file cannot be read or written.
    """

    def __init__(self, path: Path, data_key: bytes) -> None:
        """Open or make the file at `path` under the 32-byte `data_key`.

        A file that does not open under this key, or is damaged, is only a cache: it is removed and made anew.
        """
        self._lock = threading.RLock()
        with _as_store_error("the centre's data cannot be opened"):
            self._db = open_cache(
                path,
                lambda: _connect(path, data_key),
                migrations,
                "synchronous = full",
                "temp_store = memory",
                what="centre",
            )

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def begin(self, roster: Roster | None, recorded: int, keep_from: date) -> None:
        """Start a log-in: put the newest roster, if there is one, in the place of the one before; tidy the journal.

        Forgotten are entries after `recorded`, which a crash kept from the outbox; entries before `keep_from`; and
        identities and faces that the roster already knows of.
        """
        with self._writing():
            self._db.execute(
                "delete from journal where sequence > ? or day < ?", (recorded, keep_from.isoformat())
            )
            if roster is not None:
                self._replace(roster)

    def replace_roster(self, roster: Roster) -> None:
        """Put a roster that came down while somebody is logged in in the place of the one before, all or nothing.

        Identities and faces that it knows of leave the journal; what else the journal holds is to be folded over it.
        """
        with self._writing():
            self._replace(roster)

    def roster(self) -> dict[PersonId, RosterEntry]:
        with self._reading():
            rows = self._db.execute("select person_id, entry from roster").fetchall()
        return {PersonId(row[0]): msgspec.msgpack.decode(row[1], type=RosterEntry) for row in rows}

    def rotations(self) -> tuple[RotationSecret, ...]:
        """What the centre's face templates are turned by, the newest first: a face that this kiosk enrolled under the
        one before may still be in its journal."""
        packed = self.kept(ROTATIONS)
        return () if packed is None else msgspec.msgpack.decode(packed, type=tuple[RotationSecret, ...])

    def append(self, rows: Sequence[JournalRow]) -> None:
        """Keep recorded events in the journal."""
        with self._writing():
            for row in rows:
                self._db.execute(
                    "insert or replace into journal values (?, ?, ?, ?)",
                    (row.sequence, row.day.isoformat(), row.person_id, row.raw),
                )

    def drop(self, numbers: Sequence[int]) -> None:
        """Forget what the journal has under these numbers: it was never accepted."""
        with self._writing():
            for number in numbers:
                self._db.execute("delete from journal where sequence = ?", (number,))

    def forget_face(self, entry: RosterEntry, erased_at: int) -> None:
        """Drop every trace of a face on this kiosk: `entry`, without it, and records of it before `erased_at`."""
        person = entry.person.person_id
        with self._writing():
            self._db.execute(
                "update roster set entry = ? where person_id = ?", (msgspec.msgpack.encode(entry), person)
            )
            self._db.execute("delete from journal where person_id = ? and sequence < ?", (person, erased_at))

    def journal(self) -> list[tuple[date, events.Event]]:
        """Every event still kept, in order, with the day it was recorded on. One of a newer version is passed over."""
        with self._reading():
            rows = self._db.execute("select sequence, day, raw from journal order by sequence").fetchall()
        known: list[tuple[date, events.Event]] = []
        for sequence, day, raw in rows:
            try:
                known.append((date.fromisoformat(day), events.decode(raw)))
            except events.UnknownEvent:
                log.warning("journal_entry_unknown", sequence=sequence)
        return known

    def keep(self, name: str, value: bytes | None) -> None:
        """Keep a small thing under a name, for the next log-in; None forgets it."""
        with self._writing():
            if value is None:
                self._db.execute("delete from kept where name = ?", (name,))
            else:
                self._db.execute("insert or replace into kept values (?, ?)", (name, value))

    def kept(self, name: str) -> bytes | None:
        """What was kept under `name`."""
        with self._reading():
            row = self._db.execute("select value from kept where name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def _replace(self, roster: Roster) -> None:
        self._db.execute("delete from roster")
        for entry in roster.entries:
            self._db.execute(
                "insert into roster values (?, ?)", (entry.person.person_id, msgspec.msgpack.encode(entry))
            )
        self._db.execute(
            "delete from journal where person_id is not null and sequence <= ?", (roster.stored_through,)
        )
        self._keep_rotation(roster.rotation)

    def _keep_rotation(self, newest: RotationSecret | None) -> None:
        if newest is not None:
            before = [old for old in self.rotations() if old.number != newest.number]
            packed = msgspec.msgpack.encode((newest, *before[:1]))
            self._db.execute("insert or replace into kept values (?, ?)", (ROTATIONS, packed))

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock, _as_store_error("the centre's data cannot be read"):
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock, _as_store_error("not saved"), self._db.atomic():
            yield


@contextmanager
def _as_store_error(what: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, sqlcipher.Error, OSError) as error:
        if is_full(error):
            raise StoreError(
                f"{what}: the card is full. Free space on it, then try again", full=True
            ) from error
        raise StoreError(
            f"{what} ({error}): log in again, then it comes anew from the server; if that does not help, replace the"
            " card"
        ) from error


def _connect(path: Path, data_key: bytes) -> sqlcipher.Connection:
    connection = sqlcipher.connect(str(path), check_same_thread=False)
    connection.execute(f"pragma key = \"x'{data_key.hex()}'\"")
    return connection
