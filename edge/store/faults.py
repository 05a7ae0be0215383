"""Which of SQLite's errors mean a full disk, and which a damaged file."""

import sqlite3

_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_UNREADABLE = {
    sqlite3.SQLITE_IOERR_READ,
    sqlite3.SQLITE_IOERR_SHORT_READ,
    sqlite3.SQLITE_IOERR_CORRUPTFS,
}


def is_full(error: Exception) -> bool:
    """Whether there was no space left to write to. SQLCipher's errors carry no code, only the text."""
    return _code(error) & 0xFF == sqlite3.SQLITE_FULL or "disk is full" in str(error)


def is_damage(error: Exception) -> bool:
    """Whether the file is not what SQLite wrote, or cannot be read any more."""
    return _code(error) & 0xFF in _DAMAGE or _code(error) in _UNREADABLE


def _code(error: Exception) -> int:
    return getattr(error, "sqlite_errorcode", None) or 0
