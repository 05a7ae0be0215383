"""The way down over the real broker: rosters, messages and settings arrive, nothing comes twice, nobody else reads."""

import random
import sqlite3
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
import zstandard

from anganwadi import events
from anganwadi.events import FaceTemplateRecord, MessageSeen, PersonRecord
from anganwadi.ids import Grams, PersonId
from anganwadi.people import Person, Sex
from anganwadi.wire import downlink, sealing
from anganwadi.wire.downlink import PARTS_AT_ONCE, Kind
from anganwadi.wire.keys import PrivateKeys
from edge.store.documents import Documents, Outcome
from edge.store.errors import StoreError
from provisioning.demo_facts import CENTRE_ID
from server.downlink import kiosk_settings, messages
from server.storage import log, news, tables, vault
from server.storage.engine import writing
from tests.e2e.eavesdropper import listen, unpacked
from tests.e2e.wire_district import KIOSK, ServerParts, open_kiosk, wait_for

NAME = "अनूठी देवी"
FACE = bytes(range(1, 129)) * 8


@pytest.fixture(scope="module")
def keys():
    return PrivateKeys.generate(), PrivateKeys.generate()


@pytest.fixture
def parts(tmp_path, broker, keys):
    made = ServerParts(tmp_path, broker, keys[0])
    made.fill(keys[1])
    made.start()
    wait_for(lambda: projected(made))
    yield made
    made.stop()


@pytest.fixture
def kiosk(tmp_path, broker, keys, parts):
    opened = open_kiosk(tmp_path / "kiosk", broker, *keys)
    yield opened
    opened.close()


def projected(parts) -> bool:
    """Whether the registers hold what was seeded."""
    with parts.engine.connect() as connection:
        at = connection.execute(sa.select(sa.func.max(tables.cursors.c.position))).scalar_one() or 0
        return at == connection.execute(sa.select(sa.func.max(tables.events.c.position))).scalar_one()


def register(parts, district, *people: tuple[str, str, bytes]) -> None:
    """The office registers people: id, name, face."""
    with writing(parts.engine) as connection:
        for person_id, name, vectors in people:
            person = Person(
                person_id=PersonId(person_id), centre_id=CENTRE_ID, household="h-new", name=name,
                name_latin="Anuthi Devi", sex=Sex.FEMALE, born=datetime(1999, 1, 1).date(),
                registered=datetime(2026, 1, 1).date(),
            )  # fmt: skip
            now_ms = round(time.time() * 1000)
            for record in (
                PersonRecord(person_id=person.person_id, person=person),
                PersonRecord(person_id=person.person_id, template=FaceTemplateRecord("played", vectors)),
            ):
                vault.keep(connection, district, record, now_ms)
        news.tell(connection, district, CENTRE_ID)


def crowd(count: int) -> list[tuple[str, str, bytes]]:
    noise = random.Random(count)
    return [(f"p-new-{n}", f"{NAME} {n}", noise.randbytes(800)) for n in range(count)]


def test_new_person_is_on_the_screen_of_whoever_is_logged_in_within_seconds(kiosk, parts, broker):
    session = kiosk.log_in("AWW", "2580")
    assert PersonId("p-new") not in session.people
    register(parts, broker.district, ("p-new", NAME, FACE))
    wait_for(lambda: PersonId("p-new") in session.people, 5)
    assert session.people[PersonId("p-new")].person.name == NAME


def test_person_erased_on_the_server_is_gone_from_the_kiosk_within_seconds(kiosk, parts, broker):
    session = kiosk.log_in("AWW", "2580")
    person = next(iter(session.people))
    with writing(parts.engine) as connection:
        connection.execute(sa.delete(tables.persons).where(tables.persons.c.person_id == person))
        news.tell(connection, broker.district, CENTRE_ID)
    wait_for(lambda: person not in session.people, 5)
    assert person not in session._store.roster()


def test_what_the_kiosk_weighs_itself_is_not_sent_back_to_it(kiosk, parts):
    session = kiosk.log_in("AWW", "2580")
    before = kiosk._parts.downlink.version(Kind.ROSTER)
    child = next(entry.person for entry in session.people.values() if entry.weights)
    session.record(
        events.Weighed(
            day=session.today(),
            person_id=child.person_id,
            grams=Grams(9120),
            source=events.WeightSource.SCALE,
        )
    )

    def in_the_register() -> bool:
        with parts.engine.connect() as connection:
            query = sa.select(sa.func.count()).select_from(tables.weighings)
            return connection.execute(query.where(tables.weighings.c.origin == KIOSK)).scalar_one() == 1

    wait_for(in_the_register)
    kiosk._parts.uplink.say_status()
    kiosk.log_out()
    kiosk.log_in("AWW", "2580")
    assert kiosk._parts.downlink.version(Kind.ROSTER) == before


def test_message_arrives_is_shown_and_the_server_learns_that_it_was_seen(kiosk, parts, broker):
    session = kiosk.log_in("AWW", "2580")
    with writing(parts.engine) as connection:
        written = messages.post(connection, broker.district, CENTRE_ID, "o-1", "कल बैठक है", datetime.now(UTC))
    wait_for(lambda: session.messages, 5)
    assert [(message.message_id, message.text) for message in session.messages] == [(written, "कल बैठक है")]
    session.record(MessageSeen(written))

    def told() -> bool:
        with parts.engine.connect() as connection:
            stored = [entry.raw for entry in log.after(connection, broker.district, 0, 100_000)]
        return any(raw and events.decode(raw).body == MessageSeen(written) for raw in stored)

    wait_for(told)


def test_setting_of_the_district_holds_at_once_and_after_a_restart(tmp_path, broker, keys, parts):
    kiosk = open_kiosk(tmp_path / "kiosk", broker, *keys)
    try:
        with writing(parts.engine) as connection:
            changes = {"language": "ur", "face_threshold": "0.55", "batch_seconds": "0.1"}
            kiosk_settings.change(connection, broker.district, CENTRE_ID, changes)
        wait_for(lambda: kiosk.settings.language == "ur", 5)
        assert kiosk.settings.face.threshold == 0.55
    finally:
        kiosk.close()
    parts.stop()
    again = open_kiosk(tmp_path / "kiosk", broker, *keys)
    try:
        assert again.settings.language == "ur"
    finally:
        again.close()
        parts.start()


def test_status_of_the_kiosk_stands_in_the_servers_table(kiosk, parts):
    session = kiosk.log_in("AWW", "2580")
    session.record(events.CentreOpened(session.today()))

    kiosk._parts.uplink.say_status()

    def told() -> bool:
        with parts.engine.connect() as connection:
            row = connection.execute(sa.select(tables.origins).where(tables.origins.c.origin == KIOSK)).one()
        return (row.recorded, row.sealing_key, row.notices) == (1, 1, "[]")

    wait_for(told)


# --- a large roster, cut in the middle ------------------------------------------------------------------------------


def test_kiosk_cut_in_the_middle_of_a_large_roster_gets_no_part_of_it_again(
    tmp_path, broker, keys, parts, monkeypatch
):
    register(parts, broker.district, *crowd(300))
    kept, tried = Counter(), Counter()
    full = [False]
    put = Documents.put

    def counted(self, part):
        if full[0] and len(kept) >= 20 and part.kind is Kind.ROSTER:
            raise StoreError("cut")
        outcome = put(self, part)
        if part.kind is Kind.ROSTER:
            tried[part.index] += 1
            if outcome is not Outcome.IGNORED:
                kept[part.index] += 1
        return outcome

    monkeypatch.setattr(Documents, "put", counted)
    full[0] = True
    first = open_kiosk(tmp_path / "kiosk", broker, *keys)
    wait_for(lambda: len(kept) >= 20)
    first.close()
    assert len(kept) == 20
    full[0] = False
    second = open_kiosk(tmp_path / "kiosk", broker, *keys)
    try:
        session = second.log_in("AWW", "2580")
        assert len(session.people) == 380
    finally:
        second.close()
    count = max(kept) + 1
    assert count > 10 * PARTS_AT_ONCE
    assert kept == tried == Counter(dict.fromkeys(range(count), 1))


# --- nobody else reads ----------------------------------------------------------------------------------------------


def on_the_disk(folder: Path) -> bytes:
    """Everything in the kiosk's folder as it lies there, and every value of the documents' tables."""
    found = [unpacked(path.read_bytes()) for path in folder.rglob("*") if path.is_file()]
    with sqlite3.connect(folder / "state" / "documents.db") as database:
        for table in ("documents", "parts"):
            rows = database.execute(f"select content from {table} order by 1").fetchall()
            found += [unpacked(row[0]) for row in rows if row[0] is not None]
    return b"".join(found)


def over_the_broker(lines: Path, device: PrivateKeys) -> bytes:
    """Everything that passed, and what is in it for somebody who has the kiosk's own key but no data key."""
    payloads = [
        bytes.fromhex(line.rpartition(b" ")[2].decode())
        for line in lines.read_bytes().splitlines()
        if b"/down/part " in line
    ]
    found = [unpacked(payload) for payload in payloads]
    pieces: dict[tuple[str, int], bytes] = {}
    for payload in payloads:
        kind, sender, recipient, sealed = msgspec.msgpack.decode(payload[: -sealing.SIGNATURE_BYTES])
        info = msgspec.msgpack.encode((kind, sender, recipient))
        packed = sealing.unseal(sealed, device.open_key, info)
        part = msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(packed), type=downlink.Part)
        pieces[part.kind, part.index] = part.content
    wholes = [
        b"".join(content for (kind, _), content in sorted(pieces.items()) if kind == each)
        for each in {kind for kind, _ in pieces}
    ]
    return b"".join(found + [unpacked(whole) for whole in wholes])


def played(tmp_path, broker, keys, parts) -> tuple[bytes, bytes]:
    """A roster and a message came down to a kiosk at which nobody is logged in: its disk, and the broker's traffic."""
    register(parts, broker.district, ("p-new", NAME, FACE))
    with writing(parts.engine) as connection:
        messages.post(connection, broker.district, CENTRE_ID, "o-1", "गुप्त बैठक", datetime.now(UTC))
    lines = tmp_path / "captured.txt"
    listener = listen(broker, lines)
    try:
        wait_for(lambda: b"Subscribed" in lines.read_bytes())
        kiosk = open_kiosk(tmp_path / "kiosk", broker, *keys)
        has = kiosk._parts.downlink.version
        wait_for(lambda: has(Kind.ROSTER) and has(Kind.MESSAGES) and has(Kind.FORMS))
        kiosk.close()
        wait_for(lambda: lines.read_bytes().count(b"/down/part ") >= 4)
    finally:
        listener.terminate()
        listener.wait(timeout=5)
    return on_the_disk(tmp_path / "kiosk"), over_the_broker(lines, keys[1])


SECRETS = (NAME.encode(), FACE[:24], "गुप्त बैठक".encode())


def test_neither_the_disk_nor_the_broker_nor_the_device_key_shows_anybody(tmp_path, broker, keys, parts):
    disk, traffic = played(tmp_path, broker, keys, parts)
    assert b"supervision_checklist" in disk
    assert b"supervision_checklist" in traffic
    assert [secret for secret in SECRETS if secret in disk or secret in traffic] == []


def test_same_search_finds_everybody_when_the_data_key_is_not_used(
    tmp_path, broker, keys, parts, monkeypatch
):
    monkeypatch.setattr(downlink, "PERSONAL", frozenset())
    disk, traffic = played(tmp_path, broker, keys, parts)
    assert [secret for secret in SECRETS if secret not in disk or secret not in traffic] == []
