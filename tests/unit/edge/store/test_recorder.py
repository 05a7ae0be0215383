from datetime import date

import pytest

from anganwadi import events
from anganwadi.ids import CentreId, PersonId
from anganwadi.people import Person, Sex
from anganwadi.wire import chain, frame
from anganwadi.wire.login import Notice, Roster, RosterEntry
from edge.store.centre import CentreStore, JournalRow
from edge.store.outbox import Outbox, StoreError
from edge.store.recorder import Recorder

DAY = date(2026, 11, 21)
NOBODY = Roster(CentreId("09123456701"), 1, (), 0)


def person_of(event: events.Event) -> str:
    assert isinstance(event.body, events.AttendanceMarked)
    return event.body.person_id


def opened(outbox, server_keys, device):
    """Every event in the pending frames, checked to be one unbroken chain."""
    head, found = None, []
    for each in outbox.pending(100):
        parsed = frame.parse(each.frame)
        parsed.authenticate(device.public)
        raws = [bytes(raw) for raw in parsed.open(server_keys)]
        assert head is None or parsed.header.chain_before == head
        head = chain.extend(parsed.header.chain_before, [chain.event_hash(raw) for raw in raws])
        assert head == each.chain_after
        found += [person_of(events.decode(raw)) for raw in raws]
    return found


def test_three_events_become_one_batch_and_the_rest_waits(
    recorder, outbox, centre, present, server_keys, identity
):
    accepted = recorder.record([present(f"p-{n}") for n in range(4)], DAY, centre)
    assert [each.sequence for each in accepted] == [1, 2, 3, 4]
    assert [(each.first_sequence, each.last_sequence) for each in outbox.pending(9)] == [(1, 3), (4, 4)]
    assert opened(outbox, server_keys, identity.device) == ["p-0", "p-1", "p-2", "p-3"]


def test_single_goes_up_as_it_is_after_a_crash(
    tmp_path, recorder, outbox, centre, present, server_keys, identity
):
    recorder.record([present("p-1")], DAY, centre)
    recorder.record([present("p-2")], DAY, centre)
    assert outbox.pending(9) == []
    again = Outbox(tmp_path / "outbox.db", identity.genesis)
    assert opened(again, server_keys, identity.device) == ["p-1", "p-2"]
    Recorder(again, identity, 3, 60).record([present("p-3")], DAY, centre)
    again.close()
    third = Outbox(tmp_path / "outbox.db", identity.genesis)
    assert opened(third, server_keys, identity.device) == ["p-1", "p-2", "p-3"]
    third.close()


def test_flush_sends_off_what_is_open(recorder, outbox, centre, present):
    recorder.record([present("p-1"), present("p-2")], DAY, centre)
    recorder.flush()
    assert [(each.first_sequence, each.last_sequence) for each in outbox.pending(9)] == [(1, 2)]
    assert not recorder.flush_if_due()


def test_batch_is_due_after_its_seconds(outbox, identity, centre, present):
    recorder = Recorder(outbox, identity, batch_events=50, batch_seconds=1e-9)
    recorder.record([present("p-1")], DAY, centre)
    assert recorder.flush_if_due()


def test_journal_that_a_crash_left_ahead_of_the_outbox_is_dropped(recorder, outbox, centre, present):
    recorder.record([present("p-1")], DAY, centre)
    centre.append([JournalRow(2, DAY, None, events.encode(present("p-2")))])
    centre.begin(NOBODY, outbox.state().recorded, DAY)
    assert [person_of(event) for _, event in centre.journal()] == ["p-1"]


def test_event_refused_by_a_full_disk_takes_no_place_in_the_chain(
    recorder, outbox, centre, present, monkeypatch
):
    def full(*_, **__):
        raise StoreError("no space")

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "put", full)
        with pytest.raises(StoreError):
            recorder.record([present("p-1")], DAY, centre)
    assert [each.sequence for each in recorder.record([present("p-2")], DAY, centre)] == [1]


def test_no_readable_byte_of_an_event_is_on_the_disk(tmp_path, recorder, centre, present):
    recorder.record([present("p-feedface")], DAY, centre)
    recorder.flush()
    centre.close()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert written
    assert b"p-feedface" not in written
    assert b"attendance" not in written


def test_centre_store_under_another_key_starts_empty(tmp_path, centre, present, recorder):
    recorder.record([present("p-1")], DAY, centre)
    centre.close()
    other = CentreStore(tmp_path / "centre.db", b"o" * 32)
    assert other.journal() == []
    other.close()


def test_centre_store_remembers_under_its_key(tmp_path, centre, present, recorder):
    recorder.record([present("p-1")], DAY, centre)
    centre.close()
    again = CentreStore(tmp_path / "centre.db", b"k" * 32)
    assert len(again.journal()) == 1
    again.begin(NOBODY, 1, date(2026, 11, 22))
    assert again.journal() == []
    again.close()


def test_event_is_accepted_although_its_batch_cannot_be_packed(
    recorder, outbox, centre, present, monkeypatch
):
    def full(*_, **__):
        raise StoreError("no space")

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "replace", full)
        assert len(recorder.record([present(f"p-{n}") for n in range(3)], DAY, centre)) == 3
    recorder.flush()
    assert [(each.first_sequence, each.last_sequence) for each in outbox.pending(9)] == [(1, 3)]


def test_log_out_with_a_full_disk_forgets_what_was_readable_and_sends_the_singles(
    recorder, outbox, centre, present, monkeypatch
):
    def full(*_, **__):
        raise StoreError("no space")

    recorder.record([present("p-1"), present("p-2")], DAY, centre)
    monkeypatch.setattr(outbox, "replace", full)
    recorder.let_go()
    assert recorder._open_batch == []
    assert [each.first_sequence for each in outbox.pending(9)] == [1, 2]


def test_outbox_of_another_enrolment_is_refused(tmp_path, recorder):
    with pytest.raises(StoreError, match="another kiosk or enrolment"):
        Outbox(tmp_path / "outbox.db", b"g" * 32)


def entry(template: events.FaceTemplateRecord | None) -> RosterEntry:
    born = date(1998, 1, 1)
    woman = Person(
        person_id=PersonId("p-1"),
        centre_id=CentreId("09123456701"),
        household="H1",
        name="सुनीता",
        name_latin="Sunita",
        sex=Sex.FEMALE,
        born=born,
        registered=born,
    )
    return RosterEntry(person=woman, template=template)


def test_face_the_server_already_knows_of_leaves_the_journal_so_that_an_erasure_there_holds(
    recorder, centre, present
):
    face = events.PersonRecord(person_id=PersonId("p-1"), template=events.FaceTemplateRecord("m", b"\1\2"))
    given = present("p-1")
    carried = events.new_event(
        face, centre_id=given.centre_id, worker_id=given.worker_id, at=given.at, simulated=False
    )
    recorder.record([carried, given], DAY, centre)
    centre.begin(Roster(CentreId("09123456701"), 2, (entry(None),), 2), 2, DAY)
    assert [type(event.body) for _, event in centre.journal()] == [events.AttendanceMarked]


def test_erased_face_leaves_roster_and_journal_at_once(recorder, centre, present):
    template = events.FaceTemplateRecord("m", b"\1\2")
    given = present("p-1")
    carried = events.new_event(
        events.PersonRecord(person_id=PersonId("p-1"), template=template),
        centre_id=given.centre_id, worker_id=given.worker_id, at=given.at, simulated=False,
    )  # fmt: skip
    centre.begin(Roster(CentreId("09123456701"), 1, (entry(template),), 0), 0, DAY)
    recorder.record([carried], DAY, centre)
    centre.forget_face(entry(None), erased_at=2)
    assert centre.roster()[PersonId("p-1")].template is None
    assert centre.journal() == []


def test_damaged_cache_is_made_anew_and_keeps_nobody_out(tmp_path, recorder, centre, present):
    recorder.record([present(f"p-{n}") for n in range(40)], DAY, centre)
    centre.close()
    file = tmp_path / "centre.db"
    damaged = bytearray(file.read_bytes())
    damaged[9000:9400] = bytes(400)
    file.write_bytes(damaged)
    again = CentreStore(file, b"k" * 32)
    again.begin(NOBODY, 40, DAY)
    again.close()


def test_journal_entry_of_a_newer_version_is_passed_over(recorder, centre, present):
    recorder.record([present("p-1")], DAY, centre)
    centre._db.execute("insert into journal values (2, '2026-11-21', null, x'c0')")
    assert len(centre.journal()) == 1


def test_journal_that_finds_the_card_full_tells_the_worker_and_nothing_is_accepted(
    recorder, outbox, centre, present
):
    centre._db.execute("pragma max_page_count = 1")
    happened = [present("p-" + "x" * 3000 + str(n)) for n in range(9)]
    with pytest.raises(StoreError, match="card is full"):
        recorder.record(happened, DAY, centre)
    assert outbox.health.notices() == (Notice.DISK_FULL,)
    assert outbox.state().recorded == 0
    centre._db.execute("pragma max_page_count = 100000")
    recorder.record([present("p-1")], DAY, centre)
    assert outbox.health.notices() == ()


def test_events_are_recorded_with_nobody_logged_in_and_leave_no_readable_trace(
    tmp_path, recorder, outbox, present, server_keys, identity
):
    recorder.record([present("p-feedface")], DAY, None)
    recorder.let_go()
    assert opened(outbox, server_keys, identity.device) == ["p-feedface"]
    assert b"p-feedface" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_what_was_not_accepted_does_not_stay_in_the_journal(recorder, outbox, centre, present, monkeypatch):
    def full(*_, **__):
        raise StoreError("full")

    with monkeypatch.context() as broken:
        broken.setattr(outbox, "put", full)
        with pytest.raises(StoreError):
            recorder.record([present("p-1"), present("p-2")], DAY, centre)
    assert centre.journal() == []


def test_numbers_given_with_nobody_logged_in_are_told_until_the_journal_is_tidy(
    recorder, outbox, centre, present
):
    recorder.record([present("p-1")], DAY, centre)
    recorder.record([present("p-2"), present("p-3")], DAY, None)
    recorder.let_go()
    assert outbox.unjournalled() == [2, 3]
    outbox.journal_is_tidy([2])
    assert outbox.unjournalled() == [3]
