"""Reading rows out of a damaged SQLite file, page by page, without SQLite.

SQLite gives up a whole table where the page that leads to it is gone, and the end of its log (WAL) where one page in it
is. The rows are still there: every leaf page of a table says by itself which rows it holds. Whatever is found here may
be old, doubled or garbled; the caller believes only what proves itself.

Layout: https://www.sqlite.org/fileformat2.html, sections 1.5 (pages), 1.6 (overflow), 2.1 (records), 4 (log).
"""

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

from anganwadi.wire.frame import MAX_FRAME

PAGE_BYTES = 4096
"""SQLite's own choice since 3.12; the kiosk never asks for another."""

Row = list[int | bytes | None]
"""A row's columns; its key stands in the place of the first."""

_LEAF = 0x0D
_LOG_HEADER, _LOG_FRAME_HEADER = 32, 24
_FILE_HEADER = 100
_INTEGER_BYTES = (0, 1, 2, 3, 4, 6, 8)
_MAX_RECORD = MAX_FRAME + PAGE_BYTES
_MAX_RECORD_HEADER = 64
"""Bounds for what garbled pages may claim: a row holds one frame, and a few numbers and hashes."""


class _Garbled(ValueError):
    """Not what SQLite would have written here."""


def read(path: Path) -> bytes:
    """The file's bytes, zeros where the card cannot read them; empty where there is none."""
    if not path.exists():
        return b""
    blocks: list[bytes] = []
    size = path.stat().st_size
    with path.open("rb", buffering=0) as file:
        for at in range(0, size, PAGE_BYTES):
            length = min(PAGE_BYTES, size - at)
            try:
                file.seek(at)
                blocks.append(file.read(length).ljust(length, b"\0"))
            except OSError:
                blocks.append(bytes(length))
    return b"".join(blocks)


def rows(file: bytes, log: bytes) -> Iterator[Row]:
    """Every row that a leaf page of `file`, or of its `log`, holds or once held, in no order, some more than once."""
    filed = {n + 1: file[at : at + PAGE_BYTES] for n, at in enumerate(range(0, len(file), PAGE_BYTES))}
    logged = list(_logged(log))
    newest = {**filed, **dict(logged)}
    for number, page in [*logged, *filed.items()]:
        yield from _rows_of(number, page, newest, filed)


def _logged(log: bytes) -> Iterator[tuple[int, bytes]]:
    """The pages in a log, oldest first, whether SQLite would still take them or not."""
    step = _LOG_FRAME_HEADER + PAGE_BYTES
    for at in range(_LOG_HEADER, len(log) - step + 1, step):
        (number,) = struct.unpack_from(">I", log, at)
        yield number, log[at + _LOG_FRAME_HEADER : at + step]


def _rows_of(
    number: int, page: bytes, newest: Mapping[int, bytes], filed: Mapping[int, bytes]
) -> Iterator[Row]:
    start = _FILE_HEADER if number == 1 else 0
    if len(page) < PAGE_BYTES or page[start] != _LEAF:
        return
    (count,) = struct.unpack_from(">H", page, start + 3)
    for n in range(min(count, (PAGE_BYTES - start - 8) // 2)):
        (at,) = struct.unpack_from(">H", page, start + 8 + 2 * n)
        for others in (newest, filed):
            try:
                yield _row(page, at, others)
                break
            except (_Garbled, IndexError, struct.error):
                continue


def _row(page: bytes, at: int, others: Mapping[int, bytes]) -> Row:
    length, at = _varint(page, at)
    key, at = _varint(page, at)
    if length > _MAX_RECORD:
        raise _Garbled("longer than a row here can be")
    record = _record(page, at, length, others)
    header_bytes, at = _varint(record, 0)
    if header_bytes > _MAX_RECORD_HEADER:
        raise _Garbled("more columns than any table here has")
    kinds: list[int] = []
    while at < header_bytes:
        kind, at = _varint(record, at)
        kinds.append(kind)
    columns: Row = []
    at = header_bytes
    for kind in kinds:
        column, at = _column(record, at, kind)
        columns.append(column)
    return [key, *columns[1:]]


def _record(page: bytes, at: int, length: int, others: Mapping[int, bytes]) -> bytes:
    """The record at `at`, with what of it overflowed into other pages."""
    most = PAGE_BYTES - 35
    if length <= most:
        return _exactly(page[at : at + length], length)
    least = (PAGE_BYTES - 12) * 32 // 255 - 23
    here = least + (length - least) % (PAGE_BYTES - 4)
    here = here if here <= most else least
    parts, missing = [page[at : at + here]], length - here
    (following,) = struct.unpack_from(">I", page, at + here)
    seen: set[int] = set()
    while missing > 0:
        if following in seen:
            raise _Garbled("runs in a circle")
        seen.add(following)
        further = others.get(following, b"")
        (following,) = struct.unpack_from(">I", further)
        parts.append(further[4 : 4 + missing])
        missing -= PAGE_BYTES - 4
    return _exactly(b"".join(parts), length)


def _column(record: bytes, at: int, kind: int) -> tuple[int | bytes | None, int]:
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    if kind < len(_INTEGER_BYTES):
        end = at + _INTEGER_BYTES[kind]
        return int.from_bytes(_exactly(record[at:end], end - at), "big", signed=True), end
    if kind < 12:
        raise _Garbled("a kind of column that no table here has")
    end = at + (kind - 12) // 2
    return _exactly(record[at:end], end - at), end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at `at`, seven bits a byte, at most nine bytes, and where it ends."""
    value = 0
    for n in range(9):
        byte = data[at + n]
        if n == 8:
            return (value << 8) | byte, at + 9
        value = (value << 7) | (byte & 0x7F)
        if byte < 0x80:
            return value, at + n + 1
    raise _Garbled("no number")


def _exactly(data: bytes, length: int) -> bytes:
    if len(data) != length:
        raise _Garbled("cut short")
    return data
