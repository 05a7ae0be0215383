"""How many children each centre's pre-school has: its 3-6 year-olds on a day, by their records in the vault.

The district page asks for every centre every two seconds, and a child enrols once in years: the counts are kept for
half a minute.
"""

import threading
from collections import Counter
from datetime import date

import msgspec
from sqlalchemy import ColumnElement, Connection

from anganwadi.people import Person, attends_preschool
from server.centres import queries

KEPT_MS = 30_000

_decoder = msgspec.msgpack.Decoder(Person)


def person_of(record: bytes) -> Person:
    """Read a vault record.

    Raises:
        msgspec.MsgspecError: it is not a person's.
    """
    return _decoder.decode(record)


def count_enrolled(connection: Connection, scope: ColumnElement[bool], day: date) -> Counter[str]:
    """The enrolled children of each centre that `scope` admits."""
    rows = queries.records(connection, scope)
    return Counter(row.centre_id for row in rows if attends_preschool(person_of(row.record), day))


class Enrolment:
    """The counts of the last half minute, per officer's scope and day. One per application."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, date], tuple[int, Counter[str]]] = {}

    def counts(
        self, connection: Connection, scope: ColumnElement[bool], key: str, day: date, now_ms: int
    ) -> Counter[str]:
        """As `count_enrolled`; `key` names the scope."""
        with self._lock:
            taken_ms, counts = self._kept.get((key, day), (-KEPT_MS, Counter[str]()))
        if 0 <= now_ms - taken_ms < KEPT_MS:
            return counts
        counts = count_enrolled(connection, scope, day)
        with self._lock:
            self._kept = {k: v for k, v in self._kept.items() if now_ms - v[0] < KEPT_MS}
            self._kept[key, day] = (now_ms, counts)
        return counts
