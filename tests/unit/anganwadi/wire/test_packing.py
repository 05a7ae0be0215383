import tracemalloc

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from anganwadi.wire import packing

LIMIT = 1 << 20
MAGIC = b"\x28\xb5\x2f\xfd"


def by_hand(said: int, *blocks: tuple[int, bytes], window: int = 0x50) -> bytes:
    """A zstd frame that says it holds `said` bytes; each block repeats one byte so many times."""
    head = MAGIC + bytes((0b1000_0000, window)) + said.to_bytes(4, "little")
    last = len(blocks) - 1
    return head + b"".join(
        (count << 3 | 0b010 | (n == last)).to_bytes(3, "little") + byte
        for n, (count, byte) in enumerate(blocks)
    )


@given(st.binary(min_size=1, max_size=2000))
def test_what_was_packed_comes_out_again(plain):
    assert packing.unpack(packing.pack(plain), LIMIT) == plain


def test_frame_made_by_hand_is_read():
    assert packing.unpack(by_hand(1000, (1000, b"a")), LIMIT) == b"a" * 1000


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        packing.pack(b""),
        b"garbage",
        zstandard.ZstdCompressor(write_content_size=False).compress(b"x" * 100),
        packing.pack(bytes(LIMIT + 1)),
        by_hand(2**32 - 1, (1000, b"a")),
        by_hand(1000, (1000, b"a"), window=0xFF),
        by_hand(10, (1000, b"a")),
        by_hand(2000, (1000, b"a")),
        packing.pack(b"one") + packing.pack(b"two"),
        packing.pack(b"one") + b"\0",
        packing.pack(b"one")[:-1],
        b"\x50\x2a\x4d\x18\x04\0\0\0skip" + packing.pack(b"one"),
    ],
    ids=[
        "nothing", "nothing packed", "garbage", "no content size", "more than the limit", "says 4 GiB",
        "window of terabytes", "says less than it holds", "says more", "two frames", "something after it", "cut",
        "skippable frame first",
    ],
)  # fmt: skip
def test_what_is_not_one_frame_within_the_limit_is_refused(packed):
    with pytest.raises(packing.CannotUnpack):
        packing.unpack(packed, LIMIT)


@pytest.mark.parametrize("said", [0, 10, LIMIT])
def test_bomb_takes_no_memory_beyond_the_limit(said):
    bomb = by_hand(said, *[(1 << 17, b"a")] * 20_000)  # 2.6 GB
    tracemalloc.start()
    with pytest.raises(packing.CannotUnpack):
        packing.unpack(bomb, LIMIT)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2 * LIMIT
