import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.store.mark import Mark, MarkFile

SLOTS = (0, 4096)


def mark(recorded: int) -> Mark:
    return Mark(b"g" * 32, recorded, b"h" * 32, 1, 0, 0, 0)


def marks(path, *numbers: int) -> None:
    file = MarkFile(path)
    for number in numbers:
        file.write(mark(number))
    file.close()


def read(path) -> tuple[Mark | None, bool]:
    file = MarkFile(path)
    file.close()
    return file.mark, file.whole


def test_newest_mark_is_read_again(tmp_path):
    assert read(tmp_path / "mark") == (None, True)
    marks(tmp_path / "mark", 1, 2, 3)
    assert read(tmp_path / "mark") == (mark(3), True)
    marks(tmp_path / "mark", 4)
    assert read(tmp_path / "mark") == (mark(4), True)


def test_file_never_grows(tmp_path):
    marks(tmp_path / "mark", 1)
    size = (tmp_path / "mark").stat().st_size
    marks(tmp_path / "mark", *range(2, 40))
    assert (tmp_path / "mark").stat().st_size == size


def test_write_cut_short_leaves_the_mark_before_it(tmp_path):
    marks(tmp_path / "mark", 1, 2)
    with (tmp_path / "mark").open("r+b") as file:
        file.seek(SLOTS[1])  # where the third goes
        file.write(b"\xa5" * 100)
    assert read(tmp_path / "mark") == (mark(2), False)


def test_block_that_was_erased_is_not_taken_for_one_never_written(tmp_path):
    marks(tmp_path / "mark", 1, 2, 3)
    with (tmp_path / "mark").open("r+b") as file:
        file.seek(SLOTS[1])
        file.write(bytes(512))
    assert read(tmp_path / "mark") == (mark(2), False)


def test_mark_that_was_forgotten_is_none(tmp_path):
    file = MarkFile(tmp_path / "mark")
    file.write(mark(1))
    file.write(None)
    file.close()
    assert read(tmp_path / "mark") == (None, True)


@given(spoilt=st.binary(min_size=1, max_size=600), at=st.integers(0, 4608), which=st.integers(1, 4))
def test_garbled_mark_is_the_newest_or_none_or_said_to_be_less_than_that(tmp_path_factory, spoilt, at, which):
    path = tmp_path_factory.mktemp("mark") / "mark"
    marks(path, *range(1, which + 1))
    with path.open("r+b") as file:
        file.seek(at)
        file.write(spoilt)
    found, whole = read(path)
    assert found in (None, mark(which)) or (found == mark(which - 1) and not whole)


def test_once_the_next_mark_is_written_none_was_newer(tmp_path):
    marks(tmp_path / "mark", 1, 2)
    with (tmp_path / "mark").open("r+b") as file:
        file.seek(SLOTS[1])
        file.write(b"\xa5" * 100)
    opened = MarkFile(tmp_path / "mark")
    assert not opened.whole
    opened.write(mark(3))
    assert (opened.mark, opened.whole) == (mark(3), True)
    opened.close()


def test_mark_that_could_not_be_written_leaves_one_that_may_be_too_old(tmp_path, monkeypatch):
    file = MarkFile(tmp_path / "mark")
    file.write(mark(1))

    def refuse(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.fdatasync", refuse)
    with pytest.raises(OSError, match="Input/output"):
        file.write(mark(2))
    assert (file.mark, file.whole) == (mark(1), False)
    file.close()
