from datetime import date, timedelta

import numpy as np
import pytest
import sqlalchemy as sa

from anganwadi.events import FaceTemplateRecord, PersonRecord
from anganwadi.ids import CentreId, PersonId
from anganwadi.people import Person, Sex
from models.face.rotation import Rotation
from server.storage import rotations, tables, vault
from server.storage.engine import writing
from tests.unit.server.storage.conftest import CENTRE, DISTRICT

ELSEWHERE = CentreId("09123456702")
HER = PersonId("p-1")
MODEL, PARTS = "mobilefacenet-0123456789ab", (192,)
NOW = 1_700_000_000_000
LATER = NOW + 2 * rotations.KEPT // timedelta(milliseconds=1)


def face(seed: int = 1) -> np.ndarray:
    """Three unit vectors that resemble each other, as an enrolment gives them."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=192) + 0.3 * rng.normal(size=(3, 192))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def record(rows: np.ndarray, rotation: int = 0, model: str = MODEL) -> FaceTemplateRecord:
    return FaceTemplateRecord(model, rows.astype("<f2").tobytes(), rotation)


@pytest.fixture
def connection(database):
    with writing(database) as found:
        register(found, CENTRE)
        yield found


def register(connection, centre: CentreId) -> None:
    her = Person(
        person_id=HER, centre_id=centre, household="h", name="सुनीता", name_latin="Sunita", sex=Sex.FEMALE,
        born=date(1999, 1, 1), registered=date(2026, 1, 1),
    )  # fmt: skip
    vault.keep(connection, DISTRICT, PersonRecord(person_id=HER, person=her), NOW)


def keep(connection, template: FaceTemplateRecord) -> None:
    vault.keep(connection, DISTRICT, PersonRecord(person_id=HER, template=template), NOW)


def rotation(connection, centre: CentreId = CENTRE) -> Rotation:
    found = rotations.current(connection, DISTRICT, centre)
    assert found is not None
    return Rotation(found.number, found.secret)


def turned(connection) -> FaceTemplateRecord:
    """Her template as a kiosk of the centre records it now."""
    by = rotation(connection)
    return record(by.turn(face(), PARTS), by.number)


def compared(connection, probe: np.ndarray, centre: CentreId = CENTRE) -> float:
    """The cosine at the kiosk: between the probe, turned as the centre turns now, and what the vault holds of her."""
    template = vault.find(connection, DISTRICT, HER).template
    assert template is not None
    by = rotation(connection, centre)
    assert template.rotation == by.number
    held = np.frombuffer(template.vectors, "<f2").astype(np.float32).reshape(3, 192)
    return float(by.turn(probe, PARTS) @ held[0])


def test_templates_enrolled_before_the_first_secret_are_turned_by_it(connection):
    keep(connection, record(face()))
    assert rotations.renew(connection, DISTRICT, CENTRE, NOW) == 1
    assert compared(connection, face()[0]) == pytest.approx(1.0, abs=2e-3)


def test_renewed_templates_match_the_same_face_and_no_longer_what_was_stolen(connection):
    rotations.renew(connection, DISTRICT, CENTRE, NOW)
    keep(connection, turned(connection))
    stolen = vault.find(connection, DISTRICT, HER).template
    rotations.renew(connection, DISTRICT, CENTRE, NOW)
    assert compared(connection, face()[0]) == pytest.approx(1.0, abs=4e-3)
    renewed = vault.find(connection, DISTRICT, HER).template
    assert stolen is not None
    assert renewed is not None
    old, new = (np.frombuffer(each.vectors, "<f2").astype(np.float32) for each in (stolen, renewed))
    assert abs(float(old[:192] @ new[:192])) < 0.4


def test_template_that_comes_late_is_turned_on_to_the_newest_secret(connection):
    rotations.renew(connection, DISTRICT, CENTRE, NOW)
    late = turned(connection)
    rotations.renew(connection, DISTRICT, CENTRE, NOW)
    keep(connection, late)
    assert compared(connection, face()[0]) == pytest.approx(1.0, abs=4e-3)


def test_template_of_a_deleted_secret_is_dropped_so_that_she_is_enrolled_again(connection):
    rotations.renew(connection, DISTRICT, CENTRE, NOW)
    late = turned(connection)
    rotations.renew(connection, DISTRICT, CENTRE, NOW)
    rotations.renew(connection, DISTRICT, CENTRE, LATER)
    keep(connection, late)
    assert vault.find(connection, DISTRICT, HER).template is None


def test_secrets_replaced_long_ago_are_deleted_and_the_last_replaced_one_is_not(connection):
    for at in (NOW, NOW + 1, LATER):
        rotations.renew(connection, DISTRICT, CENTRE, at)
    made = connection.execute(sa.select(tables.template_rotations.c.made_ms)).scalars().all()
    assert sorted(made) == [NOW + 1, LATER]


def test_whoever_moves_takes_her_face_along_turned_as_the_new_centre_turns(connection):
    for centre in (CENTRE, ELSEWHERE):
        rotations.renew(connection, DISTRICT, centre, NOW)
    keep(connection, turned(connection))
    register(connection, ELSEWHERE)
    assert compared(connection, face()[0], ELSEWHERE) == pytest.approx(1.0, abs=4e-3)


def test_whoever_moves_to_a_centre_without_a_secret_is_known_there_before_and_after_its_first(connection):
    rotations.renew(connection, DISTRICT, CENTRE, NOW)
    keep(connection, turned(connection))
    register(connection, ELSEWHERE)
    kept = vault.find(connection, DISTRICT, HER).template
    assert kept is not None
    assert kept.rotation == 0
    rotations.renew(connection, DISTRICT, ELSEWHERE, NOW)
    assert compared(connection, face()[0], ELSEWHERE) == pytest.approx(1.0, abs=4e-3)


def test_restored_server_gives_no_number_to_a_second_secret(connection):
    rotations.renew(connection, DISTRICT, CENTRE, NOW)
    lost = turned(connection)
    connection.execute(sa.delete(tables.template_rotations))  # a backup from before it
    rotations.renew(connection, DISTRICT, CENTRE, NOW + 60_000)
    keep(connection, lost)  # a kiosk sends again what it enrolled by the secret that is lost
    assert vault.find(connection, DISTRICT, HER).template is None


def test_template_of_an_unknown_model_is_kept_as_it_came(connection):
    rotations.renew(connection, DISTRICT, CENTRE, NOW)
    keep(connection, record(face(), 1, "facenet9-00"))
    assert rotations.renew(connection, DISTRICT, CENTRE, NOW) == 0
    template = vault.find(connection, DISTRICT, HER).template
    assert template is not None
    assert template.model == "facenet9-00"


def test_every_centre_has_a_secret_of_its_own(connection):
    for centre in (CENTRE, ELSEWHERE):
        rotations.renew(connection, DISTRICT, centre, NOW)
    secrets = connection.execute(sa.select(tables.template_rotations.c.secret)).scalars().all()
    assert len(set(secrets)) == 2
