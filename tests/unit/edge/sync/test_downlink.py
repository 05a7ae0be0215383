"""The kiosk's end of the down-link against a server played by hand."""

import itertools
import random
import threading
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from anganwadi.events import FaceTemplateRecord
from anganwadi.ids import SERVER_ORIGIN, CentreId, DistrictId, Origin, PersonId, WorkerId
from anganwadi.people import Person, Sex
from anganwadi.wire import downlink, letters
from anganwadi.wire.downlink import PART, PARTS_AT_ONCE, DistrictSettings, Kind, Message, Messages, Name
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.login import LeaseGranted, PartsHeld, Roster, RosterEntry, Worker
from edge.store.centre import CentreStore
from edge.store.documents import Documents
from edge.store.errors import StoreError
from edge.store.recorder import Identity
from edge.sync import downlink as kiosk_end
from edge.sync import roster
from edge.sync.downlink import Downlink
from edge.sync.question import ServerUnreachable

DATA_KEY, OTHER_KEY = b"k" * 32, b"x" * 32
CENTRE = CentreId("09123456701")
DAY = date(2026, 11, 21)


class PlayedServer:
    """The link and the server at its end: answers every status as the real one does, if it `answers`."""

    def __init__(self, server: PrivateKeys, identity: Identity) -> None:
        self._server, self._who = server, identity
        self.kiosk: Downlink
        self.documents: dict[Kind, list[downlink.Part]] = {}
        self.answers = True
        self.statuses = 0
        self.sent: list[downlink.Part] = []
        self.lose = iter(())
        self._listeners = {}

    def listen(self, channel, listener) -> None:
        self._listeners[channel] = listener

    def has(self, content: msgspec.Struct, kind: Kind, version: int, key: bytes = DATA_KEY) -> None:
        name = Name(self._who.district, self._who.origin, kind, version)
        self.documents[kind] = downlink.cut(downlink.seal(content, name, key), name)

    def say_status(self) -> None:
        self.statuses += 1
        have, held = self.kiosk.have(), self.kiosk.parts()
        if not self.answers:
            return
        for kind, parts in self.documents.items():
            if have.get(kind, 0) < parts[0].version:
                self._send(parts, held.get(kind))

    def _send(self, parts, held: PartsHeld | None) -> None:
        here = set()
        if held is not None and held.version == parts[0].version:
            if held.coming:
                return
            here = {n for first, last in held.held for n in range(first, last + 1)}
        for part in [part for part in parts if part.index not in here][:PARTS_AT_ONCE]:
            self.sent.append(part)
            if not next(self.lose, False):
                self.deliver(part)

    def deliver(self, part, signer: PrivateKeys | None = None) -> None:
        letter = letters.write(
            PART, part, SERVER_ORIGIN, signer or self._server, self._who.device.public.seal
        )
        self._listeners[PART](letter)


def roster_of(count: int, stored_through: int = 0, version: int = 1) -> Roster:
    """So many people with faces."""
    noise = random.Random(version)
    entries = tuple(
        RosterEntry(
            person=Person(
                person_id=PersonId(f"p-{n}"), centre_id=CENTRE, household="h", name=f"नाम {n}",
                name_latin=f"N{n}", sex=Sex.FEMALE, born=DAY, registered=DAY,
            ),
            template=FaceTemplateRecord("played", noise.randbytes(600)),
        )
        for n in range(count)
    )  # fmt: skip
    return Roster(CENTRE, version, entries, stored_through)


def lease(roster_version: int, data_key: bytes = DATA_KEY) -> LeaseGranted:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    worker = Worker(WorkerId("w-1"), "मीना", "AWW", "hi")
    return LeaseGranted(b"", data_key, worker, CENTRE, {}, now + timedelta(hours=1), now, 0.0, roster_version)


@pytest.fixture
def keys():
    return PrivateKeys.generate(), PrivateKeys.generate()


@pytest.fixture
def make(tmp_path, keys, monkeypatch):
    """A kiosk's down-link and the server it talks to; called again, the kiosk after it was started anew."""
    monkeypatch.setattr(kiosk_end, "QUIET_S", 0.3)
    opened = []

    def made(server: PlayedServer | None = None) -> tuple[Downlink, PlayedServer]:
        who = Identity(DistrictId("namuna"), Origin("kiosk-a"), 1, keys[1], keys[0].public)
        server = server or PlayedServer(keys[0], who)
        documents = Documents(tmp_path / "documents.db")
        server.kiosk = Downlink(who, server, documents)
        server.kiosk.start()
        opened.append((server.kiosk, documents))
        return server.kiosk, server

    yield made
    for kiosk, documents in opened:
        kiosk.stop()
        documents.close()


@pytest.fixture
def store(tmp_path):
    opened = CentreStore(tmp_path / "centre.db", DATA_KEY)
    yield opened
    opened.close()


def test_document_of_many_parts_comes_lot_by_lot_and_no_part_twice(make):
    kiosk, server = make()
    server.has(roster_of(300), Kind.ROSTER, 9)
    server.say_status()
    assert kiosk.wait_for(Kind.ROSTER, 0, 10)
    count = len(server.documents[Kind.ROSTER])
    assert count > 2 * PARTS_AT_ONCE
    assert [part.index for part in server.sent] == list(range(count))
    assert server.statuses == -(-count // PARTS_AT_ONCE)
    assert kiosk.roster(DATA_KEY) == roster_of(300)


def test_lost_parts_are_asked_for_again_and_the_others_are_not(make):
    kiosk, server = make()
    server.has(roster_of(100), Kind.ROSTER, 9)
    lost = itertools.cycle((False, True, False))
    server.lose = itertools.chain(itertools.islice(lost, 40), itertools.repeat(False))
    server.say_status()
    assert kiosk.wait_for(Kind.ROSTER, 0, 20)
    assert kiosk.roster(DATA_KEY) == roster_of(100)
    count = len(server.documents[Kind.ROSTER])
    assert len(server.sent) < 2 * count


def test_kiosk_started_anew_in_the_middle_gets_only_what_is_missing(make):
    kiosk, server = make()
    server.has(roster_of(100), Kind.ROSTER, 9)
    for part in server.documents[Kind.ROSTER][:5]:
        server.deliver(part)
    kiosk.stop()
    again, server = make(server)
    assert again.progress(Kind.ROSTER).held == 5
    server.say_status()
    assert again.wait_for(Kind.ROSTER, 0, 10)
    assert [part.index for part in server.sent] == list(range(5, len(server.documents[Kind.ROSTER])))


def test_status_said_while_a_lot_is_on_its_way_asks_for_nothing(make):
    kiosk, server = make()
    server.has(roster_of(100), Kind.ROSTER, 9)
    server.answers = False
    server.deliver(server.documents[Kind.ROSTER][0])
    until_heard = threading.Event()
    while kiosk.progress(Kind.ROSTER) is None:
        until_heard.wait(0.01)
    assert kiosk.parts()[Kind.ROSTER].coming


def test_part_another_server_signed_is_not_taken(make, keys):
    kiosk, server = make()
    server.has(roster_of(1), Kind.ROSTER, 9)
    server.deliver(server.documents[Kind.ROSTER][0], signer=PrivateKeys.generate())
    assert not kiosk.wait_for(Kind.ROSTER, 0, 0.3)
    assert kiosk.progress(Kind.ROSTER) is None


def test_unreadable_document_is_thrown_away_and_asked_for_anew(make):
    kiosk, server = make()
    server.has(roster_of(2), Kind.ROSTER, 9, OTHER_KEY)
    server.say_status()
    assert kiosk.wait_for(Kind.ROSTER, 0, 5)
    server.has(roster_of(2), Kind.ROSTER, 9)
    assert kiosk.roster(DATA_KEY) is None
    assert kiosk.wait_for(Kind.ROSTER, 0, 5)
    assert kiosk.roster(DATA_KEY) == roster_of(2)


def test_newer_document_is_told_to_whoever_listens(make):
    kiosk, server = make()
    told = []
    kiosk.on_change(told.append)
    server.has(DistrictSettings(language="ur"), Kind.SETTINGS, 3)
    server.has(Messages((Message("m", "कल", datetime(2026, 11, 21, tzinfo=UTC)),)), Kind.MESSAGES, 4)
    assert kiosk.settings() == DistrictSettings()
    server.say_status()
    assert kiosk.wait_for(Kind.SETTINGS, 0, 5)
    assert kiosk.wait_for(Kind.MESSAGES, 0, 5)
    kiosk.stop()
    assert set(told) == {Kind.SETTINGS, Kind.MESSAGES}
    assert kiosk.settings().language == "ur"
    assert [message.text for message in kiosk.messages(DATA_KEY)] == ["कल"]


def test_held_parts_are_told_as_ranges():
    assert kiosk_end._ranges((0, 1, 2, 5, 7, 8)) == ((0, 2), (5, 5), (7, 8))


def test_waiting_ends_when_nothing_more_comes(make):
    kiosk, _ = make()
    assert not kiosk.wait_for(Kind.ROSTER, 0, 60, quiet_s=0.2)


def test_documents_that_could_not_be_read_for_a_while_do_not_end_the_down_link(make, monkeypatch):
    kiosk, server = make()
    failed, healthy = threading.Event(), Documents.gathering

    def broken(documents, kind):
        if threading.current_thread().name == "downlink" and not failed.is_set():
            failed.set()
            raise StoreError("the documents cannot be read")
        return healthy(documents, kind)

    monkeypatch.setattr(Documents, "gathering", broken)
    assert failed.wait(10)  # while nothing came
    server.has(roster_of(2), Kind.ROSTER, 9)
    server.say_status()
    assert kiosk.wait_for(Kind.ROSTER, 0, 10)


# --- the roster of a log-in -----------------------------------------------------------------------------------------


def test_first_log_in_waits_for_the_roster(make, store):
    kiosk, server = make()
    server.has(roster_of(100, version=9), Kind.ROSTER, 9)
    roster.settle(kiosk, store, lease(9), 0, DAY)
    assert len(store.roster()) == 100
    assert kiosk.version(Kind.ROSTER) == 9


def test_first_log_in_goes_on_with_the_parts_that_are_here(make, store):
    kiosk, server = make()
    server.has(roster_of(100), Kind.ROSTER, 9)
    for part in server.documents[Kind.ROSTER][:5]:
        server.deliver(part)
    roster.settle(kiosk, store, lease(9), 0, DAY)
    assert len(store.roster()) == 100
    assert {part.index for part in server.sent}.isdisjoint(range(5))


def test_log_in_with_a_roster_of_before_does_not_wait_for_a_slow_one(make, store, monkeypatch):
    monkeypatch.setattr(roster, "FRESH_S", 0.1)
    kiosk, server = make()
    server.has(roster_of(3), Kind.ROSTER, 1)
    roster.settle(kiosk, store, lease(1), 0, DAY)
    server.has(roster_of(50, version=2), Kind.ROSTER, 2)
    server.answers = False
    roster.settle(kiosk, store, lease(2), 0, DAY)
    assert len(store.roster()) == 3
    assert not roster.renew(kiosk, store, DATA_KEY)
    server.answers = True
    server.say_status()
    assert kiosk.wait_for(Kind.ROSTER, 1, 5)
    assert roster.renew(kiosk, store, DATA_KEY)
    assert len(store.roster()) == 50


def test_roster_lies_in_one_place_only_once_the_store_has_it(make, store, tmp_path):
    kiosk, server = make()
    server.has(roster_of(3), Kind.ROSTER, 1)
    roster.settle(kiosk, store, lease(1), 0, DAY)
    assert kiosk.roster(DATA_KEY) is None
    assert server.documents[Kind.ROSTER][0].content[:64] not in (tmp_path / "documents.db").read_bytes()


def test_store_that_was_lost_gets_its_roster_anew(make, store, tmp_path):
    kiosk, server = make()
    server.has(roster_of(3), Kind.ROSTER, 1)
    roster.settle(kiosk, store, lease(1), 0, DAY)
    fresh = CentreStore(tmp_path / "another.db", DATA_KEY)
    roster.settle(kiosk, fresh, lease(1), 0, DAY)
    assert len(fresh.roster()) == 3
    fresh.close()


def test_first_log_in_without_a_roster_says_that_the_server_is_out_of_reach(make, store, monkeypatch):
    monkeypatch.setattr(roster, "PATIENCE_S", 0.2)
    kiosk, _ = make()
    with pytest.raises(ServerUnreachable):
        roster.settle(kiosk, store, lease(1), 0, DAY)


def test_person_erased_on_the_server_is_gone_from_the_kiosk_with_the_next_roster(make, store):
    kiosk, server = make()
    server.has(roster_of(3), Kind.ROSTER, 1)
    roster.settle(kiosk, store, lease(1), 0, DAY)
    server.has(roster_of(2, version=2), Kind.ROSTER, 2)
    server.say_status()
    assert kiosk.wait_for(Kind.ROSTER, 1, 5)
    roster.renew(kiosk, store, DATA_KEY)
    assert set(store.roster()) == {PersonId("p-0"), PersonId("p-1")}
