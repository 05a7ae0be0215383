from datetime import date

import pytest

from anganwadi import events
from anganwadi.wire import chain, frame
from edge.store.centre import CentreStore
from edge.store.outbox import Outbox, StoreError
from edge.store.recorder import Recorder

DAY = date(2026, 11, 21)


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


def test_journal_ahead_of_the_outbox_is_dropped(recorder, outbox, centre, present, monkeypatch):
    recorder.record([present("p-1")], DAY, centre)

    def full(_):
        raise StoreError("no space")

    monkeypatch.setattr(outbox, "put", full)
    with pytest.raises(StoreError):
        recorder.record([present("p-2")], DAY, centre)
    centre.drop_after(outbox.state().recorded)
    assert [person_of(event) for _, event in centre.journal()] == ["p-1"]


def test_event_refused_by_a_full_disk_takes_no_place_in_the_chain(
    recorder, outbox, centre, present, monkeypatch
):
    def full(_):
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
    again.drop_before(date(2026, 11, 22))
    assert again.journal() == []
    again.close()
