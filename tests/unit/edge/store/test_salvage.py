"""Rules of a salvage, for any damage: nothing readable is left out, every loss is told, no number is given twice."""

from hypothesis import given
from hypothesis import strategies as st

from edge.store.mark import Mark
from edge.store.outbox_rows import OutboxFrame
from edge.store.salvage import Found, salvage

GENESIS = bytes(32)


def after(sequence: int) -> bytes:
    return sequence.to_bytes(32, "big")


def found(first: int, last: int) -> Found:
    return Found(OutboxFrame(first, last, b"sealed", after(last)), after(first - 1))


def mark(recorded: int, stored: int = 0, safe: int = 0) -> Mark:
    return Mark(GENESIS, recorded, after(recorded), 1, stored, safe, 0)


@st.composite
def outboxes(draw: st.DrawFn) -> tuple[list[Found], Mark, int]:
    """What was found of some frames, each as the batch, as some of its singles, or as both; the mark; how many events
    were really recorded."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=8))
    pieces: list[Found] = []
    first = 1
    for size in sizes:
        last = first + size - 1
        if draw(st.booleans()):
            pieces.append(found(first, last))
        pieces += [found(n, n) for n in range(first, last + 1) if size > 1 and draw(st.booleans())]
        first = last + 1
    boundaries = [0, *(sum(sizes[:n]) for n in range(1, len(sizes) + 1))]
    safe = draw(st.sampled_from(boundaries))
    recorded = boundaries[-1]
    return draw(st.permutations(pieces)), mark(recorded, stored=safe, safe=safe), recorded


@given(outboxes())
def test_what_is_found_and_what_is_lost_make_up_what_was_recorded(outbox):
    pieces, known, recorded = outbox
    saved = salvage(pieces, [], known, GENESIS)
    ranges = [(each.first_sequence, each.last_sequence) for each in saved.frames]
    ranges += [(each.first, each.last) for each in saved.lost]
    covered = [n for first, last in sorted(ranges) for n in range(first, last + 1)]
    assert covered == list(range(known.safe_through + 1, recorded + 1))


@given(outboxes())
def test_nothing_readable_is_left_out(outbox):
    pieces, known, _ = outbox
    saved = salvage(pieces, [], known, GENESIS)
    lost = {n for each in saved.lost for n in range(each.first, each.last + 1)}
    readable = {n for each in pieces for n in range(each.kept.first_sequence, each.kept.last_sequence + 1)}
    assert not lost & readable


@given(outboxes())
def test_chain_is_known_after_every_loss_and_at_its_end(outbox):
    pieces, known, recorded = outbox
    saved = salvage(pieces, [], known, GENESIS)
    assert [each.chain_after for each in saved.lost] == [after(each.last) for each in saved.lost]
    assert (saved.state.recorded, saved.state.chain_head) == (recorded, after(recorded))


@given(outboxes(), st.integers(0, 40))
def test_no_number_that_was_seen_anywhere_is_given_again(outbox, marked):
    pieces, _, _ = outbox
    saved = salvage(pieces, [], mark(marked), GENESIS)
    assert saved.state.recorded >= max([marked, *(each.kept.last_sequence for each in pieces)])
    assert saved.certain


@given(outboxes())
def test_without_anything_that_tells_how_far_it_was_it_is_not_certain(outbox):
    pieces, _, _ = outbox
    assert not salvage(pieces, [], None, GENESIS).certain


def test_state_that_was_carved_is_believed_only_where_a_frame_ends_there():
    pieces = [found(1, 3), found(4, 6)]
    assert salvage(pieces, [mark(6, stored=6)], None, GENESIS).certain
    assert not salvage(pieces, [mark(5)], None, GENESIS).certain
    garbled = Mark(GENESIS, 6, b"x" * 32, 1, 0, 0, 0)
    assert not salvage(pieces, [garbled], None, GENESIS).certain


def test_what_a_carved_state_says_of_the_server_is_not_believed():
    saved = salvage([found(1, 3), found(4, 6)], [mark(6, stored=6, safe=3)], None, GENESIS)
    assert (saved.state.stored_through, saved.state.safe_through, len(saved.frames)) == (0, 0, 2)


def test_hash_that_nothing_signs_is_taken_from_the_next_frame():
    rotten = Found(OutboxFrame(1, 3, b"sealed", b"x" * 32), GENESIS)
    saved = salvage([rotten, found(4, 6)], [], mark(6), GENESIS)
    assert [each.chain_after for each in saved.frames] == [after(3), after(6)]
