"""What every process of the server stands on before it starts: a database at its version, and the server's keys."""

from pathlib import Path

import sqlalchemy as sa

from server.keys import KeyRing
from server.settings import ServerSettings
from server.storage import engine as databases
from server.storage import migrations


class NotMigrated(RuntimeError):
    """The database is not at this program's version; the text says what to do."""


def open_database(settings: ServerSettings) -> sa.Engine:
    """The database configured.

    Raises:
        DatabaseUnusable: there is none, or its key is missing.
        NotMigrated: its schema is of another version.
    """
    engine = databases.connect(settings.database)
    if not migrations.is_current(engine):
        raise NotMigrated("the database is not at this version: run `python -m server migrate`")
    return engine


def load_keys(settings: ServerSettings) -> KeyRing:
    """The server's own keys.

    Raises:
        FileNotFoundError: there are none.
        provisioning.identity.KeysUnsafe: others may read them.
        server.keys.KeysDamaged: a key that was given out is not among them.
    """
    return KeyRing(settings.keys)


def opened_apart(settings: ServerSettings) -> Path | None:
    """The file of keys for ingest's own opening process; None where messages are opened on a thread."""
    return settings.keys if settings.opener == "process" else None
