"""The fault proxy does what it says: otherwise a run through it shows nothing."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.chaos.proxy import LOOPBACK, FaultProxy


class Echo:
    """Answers every byte, and remembers what each connection brought."""

    def __init__(self) -> None:
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port = self._listener.getsockname()[1]
        self.heard: list[bytearray] = []
        self.changed = threading.Condition()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.heard.append(bytearray())
            threading.Thread(target=self._answer, args=(connection, self.heard[-1]), daemon=True).start()

    def _answer(self, connection: socket.socket, heard: bytearray) -> None:
        with connection:
            try:
                while piece := connection.recv(4096):
                    with self.changed:
                        heard += piece
                        self.changed.notify_all()
                    connection.sendall(piece)
            except OSError:
                return

    def wait_for(self, wanted: list[bytes]) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: [bytes(each) for each in self.heard] == wanted, 5)

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def echo() -> Iterator[Echo]:
    started = Echo()
    yield started
    started.close()


@pytest.fixture
def line(echo: Echo) -> Iterator[FaultProxy]:
    with FaultProxy(LOOPBACK, echo.port) as proxy:
        yield proxy


def connect(line: FaultProxy) -> socket.socket:
    return socket.create_connection((LOOPBACK, line.port), timeout=5)


def receive(client: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count:
        piece = client.recv(count - len(got))
        if not piece:
            break
        got += piece
    return got


def is_ended(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def test_left_alone_it_carries_everything_and_counts_it(line: FaultProxy):
    sent = bytes(range(256)) * 400
    with connect(line) as client:
        threading.Thread(target=client.sendall, args=(sent,)).start()
        assert receive(client, len(sent)) == sent
    counted = line.counted()
    assert (counted.up, counted.down, counted.connections) == (len(sent), len(sent), 1)


def test_delay_holds_each_way(line: FaultProxy):
    line.shape(delay_s=0.15)
    with connect(line) as client:
        began = time.monotonic()
        client.sendall(b"x")
        assert receive(client, 1) == b"x"
    assert 0.3 <= time.monotonic() - began < 1.5


def test_bandwidth_is_shared_by_all_connections(line: FaultProxy):
    line.shape(bits_per_s=80_000)
    with connect(line) as one, connect(line) as other:
        began = time.monotonic()
        one.sendall(bytes(3000))
        other.sendall(bytes(3000))
        receive(one, 3000)
        receive(other, 3000)
    assert time.monotonic() - began >= 0.55


def test_slow_line_is_felt_by_the_sender(line: FaultProxy):
    line.shape(bits_per_s=8_000)
    with connect(line) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        client.settimeout(0.5)
        with pytest.raises(TimeoutError):
            client.sendall(bytes(2 << 20))


@pytest.mark.parametrize("reset", [False, True])
def test_cut_ends_what_is_there_and_lets_the_next_in(line: FaultProxy, reset: bool):
    with connect(line) as client:
        client.sendall(b"x")
        receive(client, 1)
        assert line.cut(reset=reset) == 1
        assert is_ended(client)
    with connect(line) as again:
        again.sendall(b"y")
        assert receive(again, 1) == b"y"


def test_half_open_swallows_and_says_nothing(line: FaultProxy, echo: Echo):
    with connect(line) as client:
        client.sendall(b"x")
        receive(client, 1)
        assert line.half_open() == 1
        client.sendall(b"lost")
        client.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.recv(1)
        with connect(line) as other:
            other.sendall(b"y")
            assert receive(other, 1) == b"y"
    assert echo.wait_for([b"x", b"y"])


def test_duplicate_delivers_and_leaves_the_sender_in_doubt(line: FaultProxy, echo: Echo):
    with connect(line) as client:
        client.sendall(b"before")
        receive(client, 6)
        assert line.duplicate() == 1
        client.sendall(b"letter")
        assert is_ended(client)
    with connect(line) as again:
        again.sendall(b"letter")
        receive(again, 6)
    assert echo.wait_for([b"beforeletter", b"letter"])


def test_closed_refuses_until_it_is_open(line: FaultProxy):
    line.close()
    with connect(line) as client:
        assert is_ended(client)
    line.open()
    with connect(line) as client:
        client.sendall(b"x")
        assert receive(client, 1) == b"x"


def test_dead_target_ends_the_connection(echo: Echo):
    with socket.create_server((LOOPBACK, 0)) as gone:
        port = gone.getsockname()[1]
    with FaultProxy(LOOPBACK, port) as line, connect(line) as client:
        assert is_ended(client)
