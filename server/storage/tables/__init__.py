"""The tables, in SQLAlchemy Core: one schema for SQLCipher and PostgreSQL.

Every primary key begins with `district_id`, so that a state can spread the tables over machines. The log is
append-only; the vault holds who people are and can be corrected and erased; projections can be thrown away and made
again from the log. Times are UTC milliseconds since 1970, days ISO dates.
"""

from server.storage.tables.accounts import access_log, centre_workers, officers, sessions
from server.storage.tables.base import metadata
from server.storage.tables.cards import cards
from server.storage.tables.operations import backups, documents, kiosk_settings, messages, sealing_keys
from server.storage.tables.people import erased, persons, template_rotations, unmatched_rations
from server.storage.tables.places import centres, origins, sectors
from server.storage.tables.registers import (
    attendance,
    care,
    centre_days,
    cursors,
    doorstep,
    face_tries,
    grievances,
    grievances_handled,
    head_counts,
    meals,
    measurings,
    messages_seen,
    rations,
    weighings,
)
from server.storage.tables.supervision import visits
from server.storage.tables.truth import events, gaps, quarantine, server_state, waiting

__all__ = [
    "access_log",
    "attendance",
    "backups",
    "cards",
    "care",
    "centre_days",
    "centre_workers",
    "centres",
    "cursors",
    "documents",
    "doorstep",
    "erased",
    "events",
    "face_tries",
    "gaps",
    "grievances",
    "grievances_handled",
    "head_counts",
    "kiosk_settings",
    "meals",
    "measurings",
    "messages",
    "messages_seen",
    "metadata",
    "officers",
    "origins",
    "persons",
    "quarantine",
    "rations",
    "sealing_keys",
    "sectors",
    "server_state",
    "sessions",
    "template_rotations",
    "unmatched_rations",
    "visits",
    "waiting",
    "weighings",
]
