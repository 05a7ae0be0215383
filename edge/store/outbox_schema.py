"""The tables of the outbox, as written migrations.

An update of the kiosk may be rolled back, so the version before this one must be able to open, read and write what this
one leaves. It inserts by position: the columns of a table that a released version writes never change. What is new
stands in tables beside, and a trigger tidies them behind the older version's back.
"""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("outbox")


@migrations()
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


@migrations()
def m002_facts_held_and_gaps(db: Database) -> None:
    db.execute(
        "create table frame_facts (first_sequence integer primary key, last_sequence integer not null,"
        " recorded_ms integer not null, key_number integer not null)"
    )
    db.execute(
        "create trigger frame_forgotten after delete on frames begin"
        " delete from frame_facts where first_sequence = old.first_sequence; end"
    )
    db.execute(
        "create table held (generation integer not null, first integer not null, last integer not null,"
        " primary key (generation, first))"
    )
    db.execute(
        "create table gaps (first integer primary key, last integer not null, chain_after blob not null,"
        " reason text not null, at_ms integer not null)"
    )


@migrations()
def m003_events_of_nobodys_journal(db: Database) -> None:
    db.execute("create table unjournalled (sequence integer primary key)")
