"""`python -m server templates`: what it counts, and that it renews."""

from datetime import date

import numpy as np
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from anganwadi.events import FaceTemplateRecord, PersonRecord
from anganwadi.ids import CentreId, DistrictId, PersonId
from anganwadi.people import Person, Sex
from server.__main__ import program
from server.settings import Database
from server.storage import engine as databases
from server.storage import migrations, tables, vault
from tests.unit.server.settings_file import write_settings
from tests.unit.server.storage.test_template_rotations import face

DISTRICT, CENTRE = DistrictId("namuna"), CentreId("09123456701")


@pytest.fixture
def engine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_settings(tmp_path, DISTRICT)
    (tmp_path / "db.key").write_text("ab" * 32)
    made = databases.connect(Database(path=tmp_path / "server.db", key_file=tmp_path / "db.key"))
    migrations.migrate(made)
    with databases.writing(made) as connection:
        connection.execute(
            sa.insert(tables.centres).values(
                district_id=DISTRICT, centre_id=CENTRE, sector_id="s", name_en="R", name_hi="र", name_ur="ر",
                roster_version=1,
            )
        )  # fmt: skip
    yield made
    made.dispose()


def enrol(engine: sa.Engine, person: str) -> bytes:
    """Somebody with a face; the bytes of her template."""
    born = date(1999, 1, 1)
    her = Person(
        person_id=PersonId(person), centre_id=CENTRE, household="h", name="सुनीता", name_latin="Sunita",
        sex=Sex.FEMALE, born=born, registered=born,
    )  # fmt: skip
    template = FaceTemplateRecord("mobilefacenet-0123456789ab", face().astype("<f2").tobytes())
    with databases.writing(engine) as connection:
        vault.keep(
            connection, DISTRICT, PersonRecord(person_id=her.person_id, person=her, template=template), 0
        )
    return template.vectors


def run(*words: str) -> Result:
    return CliRunner().invoke(program, ["templates", *words, "--config", "server.toml"])


def test_status_counts_faces_by_centre_and_model_and_names_nobody(engine):
    enrol(engine, "p-1")
    said = run("status").output
    assert f"{CENTRE}           0      1  mobilefacenet-0123456789ab" in said
    assert "Sunita" not in said


def test_renewing_turns_a_centres_templates_and_says_how_many(engine):
    before = enrol(engine, "p-1")
    assert f"{CENTRE}: 1 templates renewed" in run("renew", "--centre", CENTRE).output
    with engine.connect() as connection:
        template = vault.find(connection, DISTRICT, PersonId("p-1")).template
    assert template is not None
    assert template.rotation > 0
    assert (
        abs(float(np.dot(*(np.frombuffer(each, "<f2")[:192] for each in (before, template.vectors))))) < 0.4
    )


@pytest.mark.parametrize("words", [(), ("--centre", CENTRE, "--all")])
def test_renewing_asks_for_one_centre_or_all(engine, words):
    result = run("renew", *words)
    assert result.exit_code == 2
    assert "--all" in result.output


def test_unknown_centre_is_refused_with_what_to_do(engine):
    result = run("renew", "--centre", "09000000000")
    assert result.exit_code == 2
    assert "templates status" in result.output
