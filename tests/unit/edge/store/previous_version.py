"""How the version before this one opened, wrote and read its stores, statement by statement. Frozen: never mended.

It knew one migration of each store, inserted by position, and asked for no more than it names here.
"""

import sqlite3
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlcipher
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

outbox_migrations = Migrations("outbox")
centre_migrations = Migrations("centre")


@outbox_migrations()
def m001_frames(db: Database) -> None:
    db.execute(
        "create table frames (first_sequence integer primary key, last_sequence integer not null, frame blob not null,"
        " chain_after blob not null, ready integer not null)"
    )
    db.execute(
        "create table origin_state (only integer primary key check (only = 1), recorded integer not null,"
        " genesis blob not null, chain_head blob not null, generation integer not null,"
        " stored_through integer not null, safe_through integer not null, server_ms integer not null)"
    )


@centre_migrations()
def m001_roster_and_journal(db: Database) -> None:
    db.execute("create table roster (person_id text primary key, entry blob not null)")
    db.execute(
        "create table journal (sequence integer primary key, day text not null, person_id text, raw blob not null)"
    )


class PreviousOutbox:
    def __init__(self, path: Path, genesis: bytes) -> None:
        self._db = Database(sqlite3.connect(path, check_same_thread=False))
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = full")
        outbox_migrations.apply(self._db)
        with self._db.atomic():
            self._db.execute(
                "insert into origin_state values (1, 0, ?, ?, 0, 0, 0, 0) on conflict do nothing",
                [genesis, genesis],
            )
            self._db.execute("update frames set ready = 1")
        if self._db.execute("select genesis from origin_state").fetchone()[0] != genesis:
            raise ValueError("belongs to another kiosk or enrolment")

    def close(self) -> None:
        self._db.close()

    def state(self) -> tuple[int, bytes, int, int, int, int]:
        return self._db.execute(
            "select recorded, chain_head, generation, stored_through, safe_through, server_ms from origin_state"
        ).fetchone()

    def put(self, first: int, last: int, frame: bytes, chain_after: bytes) -> None:
        with self._db.atomic():
            self._db.execute(
                "insert into frames values (?, ?, ?, ?, ?)", [first, last, frame, chain_after, 0]
            )
            self._db.execute("update origin_state set recorded = ?, chain_head = ?", [last, chain_after])

    def replace(self, first: int, last: int, frame: bytes, chain_after: bytes) -> None:
        with self._db.atomic():
            self._db.execute(
                "delete from frames where first_sequence >= ? and last_sequence <= ?", [first, last]
            )
            self._db.execute(
                "insert into frames values (?, ?, ?, ?, ?)", [first, last, frame, chain_after, 1]
            )

    def pending(self, limit: int) -> list[tuple[int, int, bytes, bytes]]:
        return self._db.execute(
            "select first_sequence, last_sequence, frame, chain_after from frames, origin_state"
            " where ready and last_sequence > stored_through order by first_sequence limit ?",
            [limit],
        ).fetchall()

    def apply(self, generation: int, stored: int, safe: int, server_ms: int) -> None:
        with self._db.atomic():
            self._db.execute(
                "update origin_state set generation = ?, stored_through = ?, safe_through = ?,"
                " server_ms = max(server_ms, ?)",
                [generation, stored, safe, server_ms],
            )
            self._db.execute("delete from frames where last_sequence <= ?", [safe])


class PreviousCentre:
    def __init__(self, path: Path, data_key: bytes) -> None:
        connection = sqlcipher.connect(str(path), check_same_thread=False)
        connection.execute(f"pragma key = \"x'{data_key.hex()}'\"")
        self._db = Database(connection)  # type: ignore[arg-type]
        self._db.execute("select count(*) from sqlite_master").fetchone()
        for setting in (
            "journal_mode = wal",
            "synchronous = full",
            "temp_store = memory",
            "secure_delete = on",
        ):
            self._db.execute(f"pragma {setting}")
        if self._db.execute("pragma quick_check").fetchone()[0] != "ok":
            raise sqlcipher.DatabaseError("malformed")
        centre_migrations.apply(self._db)

    def close(self) -> None:
        self._db.close()

    def begin(self, entries: dict[str, bytes], recorded: int, keep_from: str, stored_through: int) -> None:
        with self._db.atomic():
            self._db.execute("delete from roster")
            for row in entries.items():
                self._db.execute("insert into roster values (?, ?)", row)
            self._db.execute(
                "delete from journal where sequence > ? or day < ? or (person_id is not null and sequence <= ?)",
                (recorded, keep_from, stored_through),
            )

    def append(self, sequence: int, day: str, person_id: str | None, raw: bytes) -> None:
        with self._db.atomic():
            self._db.execute(
                "insert or replace into journal values (?, ?, ?, ?)", (sequence, day, person_id, raw)
            )

    def roster(self) -> dict[str, bytes]:
        return dict(self._db.execute("select person_id, entry from roster").fetchall())

    def journal(self) -> list[tuple[int, str, bytes]]:
        return self._db.execute("select sequence, day, raw from journal order by sequence").fetchall()
