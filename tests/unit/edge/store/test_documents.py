"""Parts in any order, twice, of several versions, or not all: a whole document or none, never a mixture."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anganwadi.ids import DistrictId, Origin
from anganwadi.wire import downlink
from anganwadi.wire.downlink import Kind, Name, Part
from edge.store.documents import Documents, Outcome


def parts_of(version: int, packed: bytes, kind: Kind = Kind.ROSTER) -> list[Part]:
    return downlink.cut(packed, Name(DistrictId("namuna"), Origin("kiosk-a"), kind, version))


def packed(version: int, count: int) -> bytes:
    """Bytes that fill `count` parts, other ones for every version."""
    return random.Random(version).randbytes(downlink.PART_BYTES * (count - 1) + 100)


@pytest.fixture
def documents(tmp_path):
    opened = Documents(tmp_path / "documents.db")
    yield opened
    opened.close()


def put_all(documents, parts):
    return [documents.put(part) for part in parts]


def test_document_is_there_once_its_last_part_is(documents):
    outcomes = put_all(documents, reversed(parts_of(5, packed(5, 3))))
    assert outcomes == [Outcome.KEPT, Outcome.KEPT, Outcome.COMPLETE]
    assert documents.have() == {Kind.ROSTER: 5}
    assert documents.get(Kind.ROSTER).content == packed(5, 3)
    assert documents.gathering(Kind.ROSTER) is None


def test_what_came_is_there_after_the_kiosk_was_started_anew(tmp_path):
    parts = parts_of(5, packed(5, 3))
    first = Documents(tmp_path / "documents.db")
    put_all(first, parts[:2])
    first.close()
    again = Documents(tmp_path / "documents.db")
    gathering = again.gathering(Kind.ROSTER)
    assert gathering is not None
    assert gathering.held == (0, 1)
    assert again.put(parts[2]) is Outcome.COMPLETE
    again.close()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_order_of_parts_of_any_versions_leaves_a_whole_document_or_the_one_before(tmp_path, data):
    (tmp_path / "documents.db").unlink(missing_ok=True)
    documents = Documents(tmp_path / "documents.db")
    counts = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3), label="parts of each version")
    every = [
        part
        for version, count in enumerate(counts, start=1)
        for part in parts_of(version, packed(version, count))
    ]
    newest = 0
    for part in data.draw(st.lists(st.sampled_from(every), max_size=30), label="as they come"):
        documents.put(part)
        kept = documents.get(Kind.ROSTER)
        if kept is not None:
            assert kept.content == packed(kept.version, counts[kept.version - 1])
            assert kept.version >= newest
            newest = kept.version
    for part in every:
        documents.put(part)
    assert documents.have() == {Kind.ROSTER: len(counts)}
    documents.close()


def test_older_version_never_takes_the_place_of_a_newer_one(documents):
    put_all(documents, parts_of(5, packed(5, 2)))
    assert put_all(documents, parts_of(4, packed(4, 1))) == [Outcome.IGNORED]
    put_all(documents, parts_of(7, packed(7, 3))[:1])
    assert put_all(documents, parts_of(6, packed(6, 1))) == [Outcome.IGNORED]
    assert documents.have() == {Kind.ROSTER: 5}


def test_other_content_under_the_same_version_begins_anew(documents):
    put_all(documents, parts_of(5, packed(5, 3))[:2])
    other = parts_of(5, packed(99, 3))
    assert put_all(documents, other) == [Outcome.KEPT, Outcome.KEPT, Outcome.COMPLETE]
    assert documents.get(Kind.ROSTER).content == packed(99, 3)


def test_parts_that_do_not_make_the_whole_are_thrown_away_and_the_version_before_stands(documents):
    put_all(documents, parts_of(5, packed(5, 2)))
    good = parts_of(6, packed(6, 2))
    bad = Part(good[0].kind, 6, 0, 2, good[0].digest, b"another content")
    assert put_all(documents, [bad, good[1]]) == [Outcome.KEPT, Outcome.DAMAGED]
    assert documents.gathering(Kind.ROSTER) is None
    assert documents.get(Kind.ROSTER).content == packed(5, 2)
    assert put_all(documents, good)[-1] is Outcome.COMPLETE


def test_kinds_do_not_mix(documents):
    put_all(documents, parts_of(5, packed(5, 2), Kind.ROSTER)[:1])
    assert put_all(documents, parts_of(5, packed(5, 1), Kind.FORMS)) == [Outcome.COMPLETE]
    assert documents.gathering(Kind.ROSTER).held == (0,)


def test_content_that_was_let_go_is_gone_but_its_version_is_remembered(documents, tmp_path):
    put_all(documents, parts_of(5, packed(5, 1)))
    documents.let_go(Kind.ROSTER, 4)
    assert documents.get(Kind.ROSTER) is not None
    documents.let_go(Kind.ROSTER, 5)
    assert documents.get(Kind.ROSTER) is None
    assert documents.have() == {Kind.ROSTER: 5}
    documents.close()
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert packed(5, 1)[:50] not in left


def test_forgotten_document_can_come_again_in_the_same_version(documents):
    put_all(documents, parts_of(5, packed(5, 1)))
    documents.forget(Kind.ROSTER)
    assert documents.have() == {}
    assert put_all(documents, parts_of(5, packed(5, 1))) == [Outcome.COMPLETE]


@pytest.mark.parametrize("damage", [b"not a database at all" * 50, None])
def test_damaged_file_is_made_anew(tmp_path, damage):
    path = tmp_path / "documents.db"
    first = Documents(path)
    put_all(first, parts_of(5, packed(5, 9)))
    first.close()
    raw = bytearray(path.read_bytes())
    raw[4096:12288] = random.Random(1).randbytes(8192)
    path.write_bytes(damage or bytes(raw))
    again = Documents(path)
    assert again.have() == {}
    assert put_all(again, parts_of(5, packed(5, 1))) == [Outcome.COMPLETE]
    again.close()
