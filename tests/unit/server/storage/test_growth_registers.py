"""What the events of growth mean in the registers, and that registers, export and erasure know of them."""

from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from anganwadi import events
from anganwadi.anthropometry import CareDecided, Measured, Position, ScaleReading, Way, Weighed, WeightSource
from anganwadi.events import Proof
from anganwadi.ids import DistrictId, Grams, Millimetres, Origin, PersonId, WorkerId
from server.settings import Database
from server.storage import engine as databases
from server.storage import erasure, migrations, person_export, projector, tables
from server.storage import log as event_log
from server.storage.rebuild import rebuild
from tests.unit.server.ingest_district import registration
from tests.unit.server.storage.conftest import CENTRE, DISTRICT

DAY, ONE = date(2026, 11, 21), PersonId("p-1")
WEIGHED = Weighed(
    day=DAY,
    person_id=ONE,
    grams=Grams(7_450),
    source=WeightSource.SCALE,
    way=Way.IN_ARMS,
    readings=(Grams(7_400), Grams(7_500), Grams(7_450)),
    uncertainty=Grams(41),
    taken=(ScaleReading(grams=Grams(7_400), steps=(987_321, 2)),),
    device="scale-7",
    waz=-3.1,
    weight_class="SEVERE",
    confirmed=True,
)
MEASURED = Measured(
    day=DAY,
    person_id=ONE,
    length=Millimetres(705),
    position=Position.LYING,
    muac=Millimetres(114),
    oedema=False,
    haz=-2.2,
    whz=-5.3,
    stunting="MODERATE",
    flagged=("whz",),
)
DECIDED = CareDecided(
    day=DAY,
    person_id=ONE,
    step="nrc",
    acute="SAM",
    underweight="SEVERE",
    stunting="MODERATE",
    faltering="lost",
    signs=("lethargic",),
    appetite="failed",
    seen_by=DAY + timedelta(days=5),
    visits=(DAY + timedelta(days=1), DAY + timedelta(days=7)),
)


def read(database: sa.Engine, table: sa.Table) -> sa.Row:
    with database.connect() as connection:
        return connection.execute(sa.select(table)).one()


def test_register_of_weights_says_how_each_was_taken_and_keeps_no_raw_samples(database, happen):
    happen(WEIGHED)
    projector.step(database, DISTRICT)
    row = read(database, tables.weighings)
    assert (row.grams, row.way, row.spread, row.uncertainty, row.device) == (
        7_450, "in_arms", 100, 41, "scale-7",
    )  # fmt: skip
    assert (row.flagged, row.confirmed, row.reason) == (False, True, None)
    assert not any("987321" in str(value) for value in row)


def test_weight_typed_in_keeps_its_reason_and_has_no_spread(database, happen):
    happen(
        Weighed(day=DAY, person_id=ONE, grams=Grams(7_500), source=WeightSource.MANUAL, reason="scale_broken")
    )
    projector.step(database, DISTRICT)
    row = read(database, tables.weighings)
    assert (row.source, row.reason, row.spread) == ("manual", "scale_broken", None)


def test_register_of_measures_keeps_what_was_taken_and_what_is_implausible(database, happen):
    happen(MEASURED)
    projector.step(database, DISTRICT)
    row = read(database, tables.measurings)
    assert (row.length, row.position, row.muac, row.oedema) == (705, "L", 114, False)
    assert (row.haz, row.whz, row.baz, row.stunting, row.wasting) == (-2.2, -5.3, None, "MODERATE", None)
    assert (row.flagged, row.confirmed) == ('["whz"]', False)


def test_register_of_care_keeps_the_step_its_grounds_and_its_days(database, happen):
    happen(DECIDED)
    projector.step(database, DISTRICT)
    row = read(database, tables.care)
    assert (row.step, row.acute, row.underweight, row.faltering) == ("nrc", "SAM", "SEVERE", "lost")
    assert (row.signs, row.appetite, row.oedema) == ('["lethargic"]', "failed", False)
    assert (row.seen_by, row.visits) == ("2026-11-26", '["2026-11-22", "2026-11-28"]')


def test_registers_of_growth_can_be_made_again_from_the_log(database, happen):
    happen(WEIGHED, MEASURED, DECIDED)
    projector.step(database, DISTRICT)
    with databases.writing(database) as connection:
        connection.execute(sa.delete(tables.measurings))
        connection.execute(sa.update(tables.care).values(step="none"))
        connection.execute(sa.update(tables.weighings).values(way=None))
    found = {
        each.table.name: (each.missing, each.differing) for each in rebuild(database, DISTRICT, write=True)
    }
    assert (found["measurings"], found["care"], found["weighings"]) == ((1, 0), (0, 1), (0, 1))
    assert not any(each.any for each in rebuild(database, DISTRICT))


def test_export_tells_every_measure_and_decision(database, happen):
    happen(registration(ONE), WEIGHED, MEASURED, DECIDED)
    with databases.snapshot(database) as connection:
        found = person_export.export(connection, DISTRICT, ONE)["events"]
    assert found["weighed"][0]["body"]["taken"][0]["steps"] == (987_321, 2)
    assert found["measured"][0]["body"]["muac"] == 114
    assert found["care_decided"][0]["body"]["signs"] == ("lethargic",)


def test_registers_know_an_erased_child_as_a_number_alone(database, happen):
    happen(registration(ONE), WEIGHED, MEASURED, DECIDED)
    projector.step(database, DISTRICT)
    erasure.erase(
        database, DISTRICT, ONE, "asked in writing", by=WorkerId("o-1"), proof=Proof.NONE, register=None,
        now=datetime(2026, 11, 22, tzinfo=UTC),
    )  # fmt: skip
    projector.step(database, DISTRICT)
    for table in (tables.weighings, tables.measurings, tables.care):
        assert read(database, table).person_id == ONE
        assert not any("Sunita" in str(value) or "सुनीता" in str(value) for value in read(database, table))
    assert not any(each.any for each in rebuild(database, DISTRICT))


def test_older_database_is_upgraded_and_its_registers_filled_from_its_log(tmp_path):
    (tmp_path / "db.key").write_text("ab" * 32)
    engine = databases.connect(Database(path=tmp_path / "server.db", key_file=tmp_path / "db.key"))
    migrations.migrate(engine, "0005")
    raw = [
        events.encode(
            events.new_event(
                body, centre_id=CENTRE, worker_id=WorkerId("w-1"), at=datetime(2026, 11, 20, 5, tzinfo=UTC),
                simulated=False,
            )
        )
        for body in (WEIGHED, MEASURED)
    ]  # fmt: skip
    with databases.writing(engine) as connection:
        rows = [
            event_log.LogRow(n + 1, event_log.NO_HASH, kind, event)
            for n, (kind, event) in enumerate(zip(("weighed", "measured"), raw, strict=True))
        ]
        event_log.append(connection, DistrictId(DISTRICT), Origin("kiosk-a"), 1, rows, 1)
        weight = {"centre_id": CENTRE, "day": DAY.isoformat(), "at_ms": 1, "person_id": ONE, "grams": 7_450}
        connection.execute(
            sa.text(
                "insert into weighings (district_id, origin, epoch, sequence, centre_id, day, at_ms, person_id,"
                " grams, source) values ('namuna', 'kiosk-a', 1, 1, :centre_id, :day, :at_ms, :person_id, :grams,"
                " 'scale')"
            ),
            weight,
        )
        projector.set_cursor(connection, DISTRICT, 2)
    migrations.migrate(engine)
    assert read(engine, tables.weighings).way is None
    projector.step(engine, DISTRICT)
    assert (read(engine, tables.weighings).way, read(engine, tables.measurings).muac) == ("in_arms", 114)
    engine.dispose()


def test_migrations_make_the_tables_that_are_declared(tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'plain.db'}")
    migrations.migrate(engine)
    declared = {table.name: set(table.columns.keys()) for table in tables.metadata.sorted_tables}
    made = sa.inspect(engine)
    for name in ("weighings", "measurings", "care"):
        assert {column["name"] for column in made.get_columns(name)} == declared[name]
        assert {index["name"] for index in made.get_indexes(name)} == {
            index.name for index in tables.metadata.tables[name].indexes
        }
    engine.dispose()
