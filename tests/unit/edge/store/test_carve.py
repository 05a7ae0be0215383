import os
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.store import carve

PAGE = carve.PAGE_BYTES


def rows_of(file, log=b"") -> list[list]:
    return sorted(row for row in carve.rows(file, log) if len(row) == 4)


@pytest.fixture
def store(tmp_path):
    """A table with rows that fit a page, rows that overflow, and every kind of number."""
    rows = [[n, n**5 - 7, os.urandom(n * 37), n % 2] for n in range(1, 400, 7)]
    db = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    db.execute("pragma journal_mode = wal")
    db.execute("create table things (n integer primary key, number integer, content blob, flag integer)")
    db.executemany("insert into things values (?, ?, ?, ?)", rows)
    yield tmp_path / "store.db", rows, db
    db.close()


def test_every_row_is_found_in_the_file(store):
    path, rows, db = store
    db.execute("pragma wal_checkpoint(truncate)")
    assert rows_of(carve.read(path)) == rows


def test_rows_that_are_only_in_the_log_are_found_although_sqlite_would_not_take_it(store):
    path, rows, _ = store
    log = bytearray(carve.read(path.with_name("store.db-wal")))
    log[8:24] = bytes(16)  # the header's salts and sums: SQLite takes such a log for empty
    assert carve.read(path)[: 2 * PAGE].count(b"things") <= 1
    found = rows_of(carve.read(path), bytes(log))
    assert [row for row in rows if row not in found] == []


def test_rows_are_found_without_the_pages_that_lead_to_them(store):
    path, rows, db = store
    db.execute("pragma wal_checkpoint(truncate)")
    file = bytearray(carve.read(path))
    file[: 2 * PAGE] = bytes(2 * PAGE)
    assert rows_of(bytes(file)) == rows


def test_file_that_is_not_there_holds_nothing(tmp_path):
    assert carve.read(tmp_path / "none.db") == b""
    assert list(carve.rows(b"", b"")) == []


@given(st.data())
def test_garbled_pages_are_passed_over(data):
    """Leaf pages of random bytes, with cells that point anywhere."""
    pages = data.draw(st.lists(st.binary(min_size=40, max_size=200), min_size=1, max_size=4))
    file = b"".join(
        (b"\x0d\0\0" + page).ljust(PAGE - len(page), b"\x81") + page for page in (bytes(p) for p in pages)
    )
    for row in carve.rows(file[: len(pages) * PAGE], file):
        assert all(column is None or isinstance(column, int | bytes) for column in row)


def test_chain_of_overflow_pages_that_runs_in_a_circle_ends():
    record = b"\x83\x80\0" + b"\1" + b"\x03\x0c\x0c"  # a record longer than the page, overflowing to page 1
    page = bytearray(b"\1" * PAGE)
    page[:10] = b"\x0d\0\0\0\1\0\0\0" + (100).to_bytes(2, "big")
    page[100 : 100 + len(record)] = record
    assert len(list(carve.rows(bytes(2 * PAGE) + bytes(page), b""))) <= 1
