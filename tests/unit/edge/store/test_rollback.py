"""An update may be rolled back: the previous version opens, writes and reads what this one left, and the other way."""

from datetime import date

import msgspec
import pytest

from anganwadi import events
from anganwadi.ids import CentreId, PersonId
from anganwadi.people import Person, Sex
from anganwadi.wire import chain, frame
from anganwadi.wire.frame import Clock
from anganwadi.wire.login import Roster, RosterEntry
from edge.store.centre import CentreStore, JournalRow
from tests.unit.edge.store.previous_version import PreviousCentre, PreviousOutbox
from tests.unit.edge.store.small_kiosk import DAY, DEVICE, IDENTITY, SERVER, SmallKiosk, arrived, event

RECORDED_MS = 1_763_700_000_000
KEY = b"k" * 32


def frame_of(first: int, raws: list[bytes], before: bytes) -> tuple[int, int, bytes, bytes]:
    header = frame.Header(
        SERVER.public.seal_id, IDENTITY.district, IDENTITY.origin, 1, first, len(raws), before,
        Clock(RECORDED_MS + first, 1, bytes(16), "ntp"),
    )  # fmt: skip
    sealed = frame.make(header, raws, SERVER.public, DEVICE)
    return first, first + len(raws) - 1, sealed, chain.extend(before, map(chain.event_hash, raws))


def record_previously(outbox: PreviousOutbox, count: int, *, batched: bool) -> None:
    """Record as the previous version did: singles, then the batch in their place."""
    recorded, head, *_ = outbox.state()
    raws = [events.encode(event(n)) for n in range(recorded + 1, recorded + count + 1)]
    before = head
    for n, raw in enumerate(raws, start=recorded + 1):
        single = frame_of(n, [raw], before)
        outbox.put(*single)
        before = single[3]
    if batched:
        outbox.replace(*frame_of(recorded + 1, raws, head))


@pytest.fixture
def previous(tmp_path):
    return lambda: PreviousOutbox(tmp_path / "outbox.db", IDENTITY.genesis)


def test_store_of_the_previous_version_is_opened_with_everything_in_it(tmp_path, previous):
    old = previous()
    record_previously(old, 3, batched=True)
    record_previously(old, 2, batched=False)
    old.close()
    kiosk = SmallKiosk(tmp_path)
    kiosk.record(2)
    kiosk.recorder.flush()
    assert arrived(kiosk.outbox) == {n: f"p-{n}" for n in range(1, 8)}
    assert kiosk.health.notices() == ()
    kiosk.close()


def test_when_an_older_versions_event_was_recorded_is_read_from_its_frame(tmp_path, previous):
    old = previous()
    record_previously(old, 3, batched=True)
    old.close()
    kiosk = SmallKiosk(tmp_path)
    state = kiosk.outbox.state()
    assert (state.unreceipted_since_ms, state.oldest_key) == (RECORDED_MS + 1, 1)
    kiosk.close()


def test_previous_version_opens_writes_and_reads_the_new_store_and_nothing_is_lost_on_the_way_back(
    tmp_path, previous
):
    new = SmallKiosk(tmp_path)
    new.record(5)
    new.outbox.apply(new.receipt(4, held=((5, 5),)))
    new.close()

    old = previous()
    assert [row[:2] for row in old.pending(9)] == [(5, 5)]
    record_previously(old, 4, batched=True)
    record_previously(old, 1, batched=False)
    old.apply(generation=2, stored=5, safe=4, server_ms=1)
    assert [row[:2] for row in old.pending(9)] == [(6, 9)]
    old.close()

    again = SmallKiosk(tmp_path)
    state = again.outbox.state()
    assert (state.recorded, state.generation, state.stored_through, state.safe_through) == (10, 2, 5, 4)
    assert [(each.first_sequence, each.last_sequence) for each in again.outbox.pending(9)] == [
        (6, 9),
        (10, 10),
    ]
    again.record(2)
    again.recorder.flush()
    again.outbox.apply(again.receipt(5, 4, generation=2))
    assert [(each.first_sequence, each.last_sequence) for each in again.outbox.pending(9)] == [
        (6, 9),
        (10, 10),
        (11, 12),
    ]
    assert again.health.notices() == ()
    again.close()


def test_what_the_previous_version_forgot_leaves_nothing_beside(tmp_path, previous):
    new = SmallKiosk(tmp_path)
    new.record(8)
    new.close()
    old = previous()
    old.apply(generation=1, stored=8, safe=8, server_ms=1)
    old.close()
    again = SmallKiosk(tmp_path)
    state = again.outbox.state()
    assert (state.unsafe_since_ms, state.oldest_key, again.outbox.gap()) == (None, None, None)
    again.close()


def test_hole_that_a_restored_server_left_under_the_previous_version_is_owned_up_to(tmp_path, previous):
    new = SmallKiosk(tmp_path)
    new.record(8)
    new.outbox.apply(new.receipt(4, 4))
    new.close()
    old = previous()
    old.apply(generation=2, stored=2, safe=2, server_ms=1)
    old.close()
    again = SmallKiosk(tmp_path)
    lost = again.outbox.gap()
    assert lost is not None
    assert (lost.first, lost.last) == (3, 4)
    assert lost.chain_after == frame.parse(again.outbox.pending(1)[0].frame).header.chain_before
    again.close()


def test_damaged_outbox_that_must_not_be_recorded_in_is_refused_by_the_previous_version(tmp_path, previous):
    kiosk = SmallKiosk(tmp_path)
    kiosk.record(4)
    kiosk.outbox._db.execute("update origin_state set genesis = x''")
    kiosk.close()
    with pytest.raises(ValueError, match="another kiosk or enrolment"):
        previous()


def person(person_id: str) -> RosterEntry:
    born = date(1998, 1, 1)
    return RosterEntry(
        person=Person(
            person_id=PersonId(person_id),
            centre_id=CentreId("09123456701"),
            household="H1",
            name="सुनीता",
            name_latin="Sunita",
            sex=Sex.FEMALE,
            born=born,
            registered=born,
        )
    )


def test_centre_store_goes_back_to_the_previous_version_and_forth(tmp_path):
    file = tmp_path / "centre.db"
    raw = events.encode(event(1))
    old = PreviousCentre(file, KEY)
    old.begin({"p-1": msgspec.msgpack.encode(person("p-1"))}, 0, "2026-11-01", 0)
    old.append(1, DAY.isoformat(), None, raw)
    old.close()

    new = CentreStore(file, KEY)
    assert list(new.roster()) == ["p-1"]
    new.append([JournalRow(2, DAY, None, raw)])
    new.keep("lease", b"facts")
    new.replace_roster(Roster(CentreId("09123456701"), 2, (person("p-1"), person("p-2")), 0))
    new.close()

    old = PreviousCentre(file, KEY)
    assert sorted(old.roster()) == ["p-1", "p-2"]
    assert [row[0] for row in old.journal()] == [1, 2]
    old.begin(old.roster(), 2, "2026-11-01", 0)
    old.append(3, DAY.isoformat(), None, raw)
    old.close()

    new = CentreStore(file, KEY)
    assert len(new.journal()) == 3
    assert new.kept("lease") == b"facts"
    new.close()


def test_migrations_only_ever_add(tmp_path):
    """What a released version writes by position keeps its columns, whatever is added beside."""
    kiosk = SmallKiosk(tmp_path)
    columns = {
        table: [row[1] for row in kiosk.outbox._db.execute(f"pragma table_info({table})").fetchall()]
        for table in ("frames", "origin_state")
    }
    assert columns == {
        "frames": ["first_sequence", "last_sequence", "frame", "chain_after", "ready"],
        "origin_state": [
            "only", "recorded", "genesis", "chain_head", "generation", "stored_through", "safe_through",
            "server_ms",
        ],
    }  # fmt: skip
    kiosk.close()
