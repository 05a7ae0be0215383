"""What lies between the opener and the writer: one group that grows, is bounded, and loses nothing."""

import threading
import time

import pytest

from server.ingest import between
from server.ingest.between import Between
from server.ingest.inbound import Inbound
from server.ingest.opening import Item, Stranger


def item(n: int = 0) -> Item:
    return Item(Inbound("", b"%d" % n, lambda: None), Stranger("", None))


def test_group_grows_until_the_writer_takes_it():
    lying = Between()
    items = [item(n) for n in range(3)]
    for each in items:
        lying.put(each, more=False)
    assert lying.take(1.0) == items
    assert lying.take(0.01) == []


def test_what_was_put_before_the_end_is_taken_before_it():
    lying = Between()
    last = item()
    lying.put(last, more=False)
    lying.end()
    assert lying.take(1.0) == [last]
    assert lying.take(1.0) is None


def test_opener_waits_while_the_group_is_full(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(between, "MOST_FRAMES", 2)
    lying = Between()
    lying.put(item(), more=True)
    lying.put(item(), more=True)
    third = threading.Thread(target=lying.put, args=(item(3),), kwargs={"more": False})
    third.start()
    assert len(lying.take(1.0) or []) == 2
    third.join(timeout=5)
    assert [each.message.payload for each in lying.take(1.0) or []] == [b"3"]


def test_writer_lingers_only_while_more_is_about_to_come(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(between, "LINGER_S", 30.0)
    lying = Between()
    lying.put(item(1), more=True)
    later = threading.Timer(0.05, lying.put, args=(item(2),), kwargs={"more": False})
    later.start()
    began = time.monotonic()
    assert len(lying.take(1.0) or []) == 2
    assert time.monotonic() - began < 20


def test_nothing_is_opened_while_the_writer_is_alone():
    lying = Between()
    through = threading.Event()

    def open_one() -> None:
        lying.wait_for_turn()
        through.set()

    with lying.alone():
        opener = threading.Thread(target=open_one)
        opener.start()
        assert not through.wait(0.05)
    assert through.wait(5)
    opener.join()
