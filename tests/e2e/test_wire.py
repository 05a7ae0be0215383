"""Log-in, events and receipts over a real broker: the server has what the kiosk accepted, and nobody else read it."""

import sqlite3
import time
from datetime import date
from pathlib import Path

import msgspec
import numpy as np
import pytest
import sqlalchemy as sa

from anganwadi import events
from anganwadi.ids import Grams
from anganwadi.people import attends_preschool, may_enrol_face
from anganwadi.wire import sealing
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.receipt import Receipt
from edge.kiosk.session import LoginRefused, ServerUnreachable
from models.face.rotation import Rotation
from server.storage import log, rotations, tables, vault
from tests.e2e.eavesdropper import listen, unpacked
from tests.e2e.wire_district import KIOSK, ServerParts, open_kiosk, wait_for

GRAMS = Grams(9120)
FACE = (np.sin(np.arange(192)) / 10).astype("<f2").tobytes()


@pytest.fixture(scope="module")
def keys():
    return PrivateKeys.generate(), PrivateKeys.generate()


@pytest.fixture
def parts(tmp_path, broker, keys):
    made = ServerParts(tmp_path, broker, keys[0])
    made.fill(keys[1])
    made.start()
    yield made
    made.stop()


@pytest.fixture
def kiosk(tmp_path, broker, keys, parts):
    opened = open_kiosk(tmp_path / "kiosk", broker, *keys)
    yield opened
    opened.close()


def receipted(kiosk) -> bool:
    link = kiosk.link()
    return link.receipted == link.recorded


def play(session) -> list[events.Body]:
    """A few things of a day: a child present and weighed, a mother's template on its way to the vault."""
    today = session.today()
    people = [entry.person for entry in session.people.values()]
    child = next(person for person in people if attends_preschool(person, today))
    mother = next(person for person in people if may_enrol_face(person, today))
    bodies: list[events.Body] = [
        events.CentreOpened(today),
        events.AttendanceMarked(today, child.person_id, True),
        events.Weighed(
            day=today, person_id=child.person_id, grams=GRAMS, source=events.WeightSource.SCALE, waz=-1.5
        ),
        events.PersonRecord(person_id=mother.person_id, person=mother),
        events.PersonRecord(
            person_id=mother.person_id, template=events.FaceTemplateRecord("mobilefacenet", FACE)
        ),
    ]
    session.record(*bodies)
    return bodies


def test_right_pin_brings_the_roster_and_a_wrong_one_says_how_many_tries_are_left(kiosk):
    with pytest.raises(LoginRefused) as refused:
        kiosk.log_in("AWW", "0000")
    assert (refused.value.reason, refused.value.tries_left) == ("wrong_pin", 4)
    session = kiosk.log_in("AWW", "2580")
    assert len(session.people) == 80
    assert any(entry.weights for entry in session.people.values())


def test_five_wrong_pins_lock_even_the_right_one_out(kiosk):
    for pin in ("9999", "9999", "9999", "9999"):
        with pytest.raises(LoginRefused, match="wrong_pin"):
            kiosk.log_in("AWH", pin)
    for pin in ("9999", "1470"):
        with pytest.raises(LoginRefused, match="locked"):
            kiosk.log_in("AWH", pin)
    assert kiosk.log_in("AWW", "2580").worker.post == "AWW"


def test_servers_row_equals_the_kiosks_event(kiosk, parts, broker):
    session = kiosk.log_in("AWW", "2580")
    bodies = play(session)
    wait_for(lambda: receipted(kiosk))
    with parts.engine.connect() as connection:
        entries = [
            entry for entry in log.after(connection, broker.district, 0, 10_000) if entry.origin == KIOSK
        ]
        kept = {
            each.person.person_id: each
            for each in vault.of_centre(connection, broker.district, session.centre_id)
        }
    assert [entry.sequence for entry in entries] == [1, 2, 3, 4, 5]
    assert [events.decode(entry.raw).body for entry in entries if entry.raw is not None] == bodies[:3]
    assert isinstance(bodies[4], events.PersonRecord)
    template = kept[bodies[4].person_id].template
    assert template is not None
    assert bodies[4].template is not None
    assert (template.model, len(template.vectors)) == ("mobilefacenet", len(FACE))
    with parts.engine.connect() as connection:  # the vault turned it by the centre's secret
        secret = rotations.current(connection, broker.district, session.centre_id)
    assert secret is not None
    held = np.frombuffer(template.vectors, "<f2").astype(np.float32)
    sent = np.frombuffer(FACE, "<f2").astype(np.float32)
    assert np.allclose(Rotation(secret.number, secret.secret).back(held, (192,)), sent, atol=1e-2)


def test_registers_show_the_day_within_moments(kiosk, parts):
    session = kiosk.log_in("AWW", "2580")
    play(session)

    def shown() -> bool:
        with parts.engine.connect() as connection:
            today = date.isoformat(session.today())
            weighed = connection.execute(
                sa.select(tables.weighings.c.grams).where(tables.weighings.c.day == today)
            ).scalars()
            return list(weighed) == [GRAMS]

    wait_for(shown)


def test_what_was_accepted_without_the_server_arrives_once_it_is_back(kiosk, parts, broker, monkeypatch):
    session = kiosk.log_in("AWW", "2580")
    parts.stop()
    play(session)
    monkeypatch.setattr("edge.sync.login.ANSWER_S", 0.3)
    with pytest.raises(ServerUnreachable):
        kiosk._parts.desk.log_in("AWW", "2580")
    parts.start()
    wait_for(lambda: receipted(kiosk), 30)
    with parts.engine.connect() as connection:
        assert len(log.sequences(connection, broker.district)[KIOSK]) == 5


def test_server_that_comes_up_after_the_kiosk_hears_of_it_within_moments(tmp_path, broker, keys, parts):
    parts.stop()
    early = open_kiosk(tmp_path / "kiosk", broker, *keys)
    try:
        parts.start()

        def heard() -> bool:
            with parts.engine.connect() as connection:
                query = sa.select(tables.origins.c.last_heard_ms).where(tables.origins.c.origin == KIOSK)
                return connection.execute(query).scalar_one() is not None

        wait_for(heard)
    finally:
        early.close()


def test_failing_disk_while_a_receipt_is_taken_in_does_not_end_the_link(kiosk, monkeypatch):
    session = kiosk.log_in("AWW", "2580")
    apply, failures = kiosk._parts.outbox.apply, iter([sqlite3.OperationalError("disk I/O error")])

    def fail_once(receipt):
        failure = next(failures, None)
        if failure is not None:
            raise failure
        return apply(receipt)

    monkeypatch.setattr(kiosk._parts.outbox, "apply", fail_once)
    play(session)
    wait_for(lambda: next(failures, None) is None)
    session.record(events.CentreClosed(session.today()))
    wait_for(lambda: receipted(kiosk))


def test_lease_lasts_as_long_as_the_server_said_whatever_the_kiosks_wall_clock_says(kiosk):
    session = kiosk.log_in("AWW", "2580")
    assert 3500 < session.ends_at - time.monotonic() <= 3600


def test_log_out_leaves_nothing_readable_and_loses_nothing(kiosk, parts, tmp_path):
    session = kiosk.log_in("AWW", "2580")
    name = next(iter(session.people.values())).person.name_latin.encode()
    play(session)
    kiosk.log_out()
    assert kiosk.session is None
    assert session.people == {}
    wait_for(lambda: receipted(kiosk))
    left = b"".join(path.read_bytes() for path in (tmp_path / "kiosk").rglob("*") if path.is_file())
    assert name not in left
    assert FACE[:24] not in left


def test_history_of_the_day_is_there_after_the_next_log_in(kiosk):
    play(kiosk.log_in("AWW", "2580"))
    kiosk.log_out()
    day = kiosk.log_in("AWW", "2580").day()
    assert day.is_open
    assert [weighed.grams for weighed in day.weights.values()] == [GRAMS]


# --- nobody on the way can read -----------------------------------------------------------------------------------


def heard_all_of(kiosk, lines: Path) -> bool:
    """Whether the listener heard the receipt of the last event: by then it heard the frames too."""
    whole = lines.read_bytes().rpartition(b"\n")[0].splitlines()
    receipts = [
        bytes.fromhex(line.rpartition(b" ")[2].decode()) for line in whole if b"/down/receipt " in line
    ]
    stored = [msgspec.msgpack.decode(each[: -sealing.SIGNATURE_BYTES], type=Receipt) for each in receipts]
    return any(each.stored_through == kiosk.link().recorded for each in stored)


def capture(kiosk, broker, tmp_path) -> tuple[bytes, list[bytes]]:
    """What went over the broker while a day was played, and the secrets that were in it."""
    lines = tmp_path / "captured.txt"
    listener = listen(broker, lines)
    try:
        wait_for(lambda: b"Subscribed" in lines.read_bytes())
        session = kiosk.log_in("AWW", "2580")
        bodies = play(session)
        wait_for(lambda: receipted(kiosk))
        wait_for(lambda: heard_all_of(kiosk, lines))
        assert isinstance(bodies[3], events.PersonRecord)
        assert bodies[3].person is not None
        name = bodies[3].person.name.encode()
    finally:
        listener.terminate()
        listener.wait(timeout=5)
    hexed = [
        line.rpartition(b" ")[2] for line in lines.read_bytes().splitlines() if line.startswith(b"aangan/")
    ]
    payloads = b"\n".join(bytes.fromhex(each.decode()) for each in hexed)
    return unpacked(payloads), [name, b"\xa5grams\xcd\x23\xa0", FACE[:24], b"2580"]


def test_brokers_traffic_holds_no_name_weight_face_or_pin(kiosk, broker, tmp_path):
    seen, secrets = capture(kiosk, broker, tmp_path)
    assert seen
    assert [secret for secret in secrets if secret in seen] == []


def test_same_search_finds_them_all_when_sealing_is_switched_off(kiosk, broker, tmp_path, monkeypatch):
    monkeypatch.setattr(sealing, "seal", lambda plain, to, info: plain)
    monkeypatch.setattr(sealing, "unseal", lambda sealed, key, info: sealed)
    seen, secrets = capture(kiosk, broker, tmp_path)
    assert [secret for secret in secrets if secret not in seen] == []
