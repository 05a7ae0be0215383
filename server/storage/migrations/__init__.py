"""The schema's written history, run by Alembic; `migrate` brings a database to the newest version."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

NEWEST = "head"


def _config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def migrate(engine: sa.Engine, version: str = NEWEST) -> None:
    """Bring the database up to `version`, the newest if not given, in one transaction."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        command.upgrade(_config(connection), version)


def version_of(connection: sa.Connection) -> str | None:
    """The version a database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def is_known(version: str) -> bool:
    """Whether there is a way from `version` to the newest; a later program's version is not known."""
    try:
        return ScriptDirectory.from_config(_config()).get_revision(version) is not None
    except CommandError:
        return False


def is_current(engine: sa.Engine) -> bool:
    """Whether the database is at the newest version."""
    with engine.connect() as connection:
        return version_of(connection) == ScriptDirectory.from_config(_config()).get_current_head()
