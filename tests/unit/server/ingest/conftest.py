"""A real SQLCipher database, migrated, with one enrolled kiosk."""

import shutil

import pytest
import sqlalchemy as sa

from anganwadi.wire import chain
from anganwadi.wire.keys import PrivateKeys
from server.settings import Database
from server.storage import engine as databases
from server.storage import migrations, tables
from tests.unit.server.ingest_district import DISTRICT, KIOSK, Ingest, Pen, fill


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """The folder of an empty database: migrated once, copied for every test."""
    folder = tmp_path_factory.mktemp("migrated")
    (folder / "db.key").write_text("ab" * 32)
    engine = databases.connect(Database(path=folder / "server.db", key_file=folder / "db.key"))
    migrations.migrate(engine)
    engine.dispose()
    return folder


@pytest.fixture
def database(tmp_path, migrated):
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    engine = databases.connect(Database(path=tmp_path / "server.db", key_file=tmp_path / "db.key"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def server_keys():
    return PrivateKeys.generate()


@pytest.fixture(scope="session")
def device_keys():
    return PrivateKeys.generate()


@pytest.fixture
def enrolled(database, device_keys, server_keys):
    """The kiosk, its centre's worker and ten people, and the server itself."""
    fill(database, server_keys, device_keys)


@pytest.fixture
def pen(server_keys, device_keys) -> Pen:
    return Pen(server_keys, device_keys)


@pytest.fixture
def fresh_ingest(database, enrolled, server_keys):
    """Makes an ingest before which nothing was stored."""

    def make() -> Ingest:
        with databases.writing(database) as connection:
            for table in (tables.events, tables.waiting, tables.quarantine, tables.gaps):
                connection.execute(sa.delete(table))
            connection.execute(
                sa.update(tables.origins)
                .where(tables.origins.c.origin == KIOSK)
                .values(stored_through=0, chain_head=chain.genesis(DISTRICT, KIOSK, 1))
            )
        return Ingest(database, server_keys)

    return make


@pytest.fixture
def ingest(database, enrolled, server_keys) -> Ingest:
    return Ingest(database, server_keys)
