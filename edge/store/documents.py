"""The documents that came down, on the disk as they came: personal ones are ciphertext without the data key (DK).

Parts are gathered until the whole is there and its digest holds; only then, in one transaction, does it take the place
of the version before. The file is a cache of what the server has: a damaged one is removed and everything comes anew.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from pathlib import Path

import msgspec
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from anganwadi.wire import downlink
from anganwadi.wire.downlink import BadDocument, Kind, Part
from edge.store.cache import open_cache
from edge.store.errors import StoreError

migrations = Migrations("documents")


@migrations()
def m001_documents_and_parts(db: Database) -> None:
    db.execute("create table documents (kind text primary key, version integer not null, content blob)")
    db.execute(
        "create table parts (kind text not null, number integer not null, version integer not null,"
        " count integer not null, digest blob not null, content blob not null, primary key (kind, number))"
    )


class Outcome(Enum):
    """What became of a part: it was `KEPT`; it was the last one and the document is `COMPLETE`; the document was
    `DAMAGED` and thrown away; or it was `IGNORED`, being there already or of an older version."""

    KEPT = auto()
    COMPLETE = auto()
    DAMAGED = auto()
    IGNORED = auto()


class Kept(msgspec.Struct, frozen=True):
    """A complete document as it came."""

    version: int
    content: bytes


class Gathering(msgspec.Struct, frozen=True):
    """A document that is still coming: the numbers of the parts that are there, of `count`."""

    version: int
    count: int
    digest: bytes
    held: tuple[int, ...]

    @property
    def missing(self) -> int:
        return self.count - len(self.held)


class Documents:
    """The documents of one kiosk, in one SQLite file. Thread-safe.

    Every method raises StoreError where the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        """Open or make the file at `path`; a damaged one is removed and made anew."""
        self._lock = threading.RLock()
        with _as_store_error("the documents cannot be opened"):
            self._db = open_cache(
                path,
                lambda: sqlite3.connect(path, check_same_thread=False),
                migrations,
                "synchronous = normal",
                what="documents",
            )

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def have(self) -> dict[Kind, int]:
        """The version of each document that is complete."""
        with self._reading():
            rows = self._db.execute("select kind, version from documents").fetchall()
        return {Kind(kind): version for kind, version in rows}

    def get(self, kind: Kind) -> Kept | None:
        """The complete document, if there is one and its content was not let go."""
        with self._reading():
            row = self._db.execute(
                "select version, content from documents where kind = ? and content is not null", [kind]
            ).fetchone()
        return None if row is None else Kept(*row)

    def gathering(self, kind: Kind) -> Gathering | None:
        """What is there of a newer version."""
        with self._reading():
            rows = self._db.execute(
                "select version, count, digest, number from parts where kind = ? order by number", [kind]
            ).fetchall()
        if not rows:
            return None
        version, count, digest, _ = rows[0]
        return Gathering(version, count, digest, tuple(row[3] for row in rows))

    def put(self, part: Part) -> Outcome:
        """Keep a part. An older version never takes the place of a newer one; a newer one ends the gathering of an
        older one, as does another content under the same version."""
        with self._writing():
            if part.index >= part.count or part.version <= self.have().get(part.kind, 0):
                return Outcome.IGNORED
            now = self.gathering(part.kind)
            if now is not None and (now.version, now.count, now.digest) != _whole(part):
                if part.version < now.version:
                    return Outcome.IGNORED
                self._forget_parts(part.kind)
                now = None
            if now is not None and part.index in now.held:
                return Outcome.IGNORED
            self._db.execute(
                "insert into parts values (?, ?, ?, ?, ?, ?)",
                [part.kind, part.index, part.version, part.count, part.digest, part.content],
            )
            if (0 if now is None else len(now.held)) + 1 < part.count:
                return Outcome.KEPT
            return self._complete(part)

    def let_go(self, kind: Kind, version: int) -> None:
        """Forget the content of this version and remember that it was here: its reader keeps it elsewhere."""
        with self._writing():
            self._db.execute(
                "update documents set content = null where kind = ? and version = ?", [kind, version]
            )

    def forget(self, kind: Kind) -> None:
        """Forget that the document ever came, so that it is asked for anew; what came of a newer version stays."""
        with self._writing():
            self._db.execute("delete from documents where kind = ?", [kind])

    def _complete(self, part: Part) -> Outcome:
        rows = self._db.execute(
            "select content from parts where kind = ? order by number", [part.kind]
        ).fetchall()
        self._forget_parts(part.kind)
        try:
            whole = downlink.join([row[0] for row in rows], part.digest)
        except BadDocument:
            return Outcome.DAMAGED
        self._db.execute(
            "insert or replace into documents values (?, ?, ?)", [part.kind, part.version, whole]
        )
        return Outcome.COMPLETE

    def _forget_parts(self, kind: Kind) -> None:
        self._db.execute("delete from parts where kind = ?", [kind])

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock, _as_store_error("the documents cannot be read"):
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock, _as_store_error("the document was not kept"), self._db.atomic():
            yield


def _whole(part: Part) -> tuple[int, int, bytes]:
    return part.version, part.count, part.digest


@contextmanager
def _as_store_error(what: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{what} ({error}): free space on the card, or replace it") from error
