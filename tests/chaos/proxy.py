"""A TCP proxy that misbehaves on command: what stands between a kiosk and its broker when a line is bad.

    with FaultProxy(broker_host, broker_port) as line:
        line.shape(delay_s=0.15, bits_per_s=64_000)
        ...connect to ("127.0.0.1", line.port)...
        line.cut()
        print(line.counted())

It sees bytes, not messages: inside TLS nothing can be told apart or repeated. The faults are

- delay and bandwidth: one line, shared by all connections, each direction by itself; a byte waits its turn, then the
  delay. Little is buffered ahead, so that the sender feels the line;
- cut: connections end, in good order (FIN) or with a reset (RST); `closed` refuses new ones as well;
- half-open: both ends believe in the connection, and nothing arrives any more. New connections work;
- duplicate: the next bytes upward are delivered, and then the line is cut before any answer comes back. The broker has
  what the sender must believe lost, so the sender's next connection delivers it a second time. Repeating bytes on TCP
  itself would only break TLS.

Counted is what was read from either end: the payload of TCP, without the headers of TCP and IP.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Self

import msgspec

LOOPBACK = "127.0.0.1"
PIECE = 1400
"""Bytes taken at once: about a packet, so that a slow line is shared finely."""
AHEAD_S = 0.25
"""How far ahead of the line's end bytes are taken from a sender."""
SOCKET_BUFFER = 8 << 10
"""Bytes the kernel may hold for us on either side of a shaped line."""
_PATIENCE_S = 5.0


class Counted(msgspec.Struct, frozen=True):
    """Bytes towards the target (`up`) and back (`down`), and how many connections there were."""

    up: int
    down: int
    connections: int

    @property
    def both(self) -> int:
        return self.up + self.down

    def since(self, earlier: "Counted") -> "Counted":
        return Counted(self.up - earlier.up, self.down - earlier.down, self.connections - earlier.connections)


class _Direction:
    """One direction of the line: when it is free for the next byte, and what it has carried."""

    def __init__(self) -> None:
        self.free_at = 0.0
        self.carried = 0

    def take(self, count: int, now: float, bits_per_s: float | None) -> float:
        """When so many bytes, given to the line now, have left it."""
        self.carried += count
        spent = 0.0 if bits_per_s is None else count * 8 / bits_per_s
        self.free_at = max(self.free_at, now) + spent
        return self.free_at


class _Connection:
    """Two sockets and what is done to what passes between them."""

    def __init__(self, near: tuple[asyncio.StreamReader, asyncio.StreamWriter], far: tuple[Any, Any]) -> None:
        self.near, self.far = near, far
        self.swallowing = False
        self.duplicating = False

    def close(self, *, reset: bool) -> None:
        self.swallowing = True
        for _, writer in (self.near, self.far):
            if reset:
                sock = writer.get_extra_info("socket")
                with suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            else:
                writer.close()


class FaultProxy:
    """Listens on a port of its own from `start` (or `with`) to `stop`. Every method may be called from any thread."""

    def __init__(self, host: str, port: int, *, listen_on: int = 0) -> None:
        self._target = (host, port)
        self._up, self._down = _Direction(), _Direction()
        self._delay_s = 0.0
        self._bits_per_s: float | None = None
        self._closed = False
        self._connections: set[_Connection] = set()
        self._accepted = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)
        self._server: asyncio.Server | None = None
        self.port = listen_on

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self._thread.start()
        self._await(self._listen())

    def stop(self) -> None:
        self._await(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_S)
        self._loop.close()

    def shape(self, *, delay_s: float = 0.0, bits_per_s: float | None = None) -> None:
        """From now on: so much delay one way, so many bits a second each way; None is without a limit."""
        self._delay_s, self._bits_per_s = delay_s, bits_per_s

    def cut(self, *, reset: bool = False) -> int:
        """End every connection, and say how many there were."""
        return self._tell(lambda each: each.close(reset=reset))

    def half_open(self) -> int:
        """Let every present connection stand and carry nothing more, either way."""
        return self._tell(lambda each: setattr(each, "swallowing", True))

    def duplicate(self) -> int:
        """On every present connection: deliver what next goes up, then cut before the answer."""
        return self._tell(lambda each: setattr(each, "duplicating", True))

    def close(self) -> None:
        """Cut, and refuse whoever comes, until `open`."""
        self._closed = True
        self.cut(reset=True)

    def open(self) -> None:
        self._closed = False

    def counted(self) -> Counted:
        return Counted(self._up.carried, self._down.carried, self._accepted)

    # --- on the loop's thread -------------------------------------------------------------------------------------

    def _await(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_S)

    def _tell(self, deed: Callable[[_Connection], None]) -> int:
        touched = len(self._connections)

        async def do() -> None:
            for each in tuple(self._connections):
                deed(each)

        self._await(do())
        return touched

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, LOOPBACK, self.port, limit=PIECE)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        assert self._server is not None
        self._server.close()
        for each in tuple(self._connections):
            each.close(reset=True)
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._closed:
                raise ConnectionRefusedError
            far = await asyncio.open_connection(*self._target, limit=PIECE)
        except OSError:
            writer.transport.abort()
            return
        self._accepted += 1
        connection = _Connection((reader, writer), far)
        for _, each in (connection.near, connection.far):
            each.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)
        self._connections.add(connection)
        try:
            with suppress(asyncio.CancelledError):  # the proxy ends: nobody asks for this task's outcome
                await asyncio.gather(
                    self._carry(connection, reader, far[1], self._up),
                    self._carry(connection, far[0], writer, self._down),
                )
        finally:
            self._connections.discard(connection)
            connection.close(reset=False)

    async def _carry(
        self,
        connection: _Connection,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        direction: _Direction,
    ) -> None:
        """Carry one direction of a connection until it ends, then end the other side of it."""
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivery = asyncio.create_task(self._deliver(connection, on_the_way, sink, direction))
        with suppress(OSError):
            while piece := await source.read(PIECE):
                now = self._loop.time()
                left = direction.take(len(piece), now, self._bits_per_s)
                on_the_way.put_nowait((left + self._delay_s, piece))
                await asyncio.sleep(max(0.0, left - now - AHEAD_S))
        on_the_way.put_nowait((self._loop.time() + self._delay_s, b""))
        await delivery

    async def _deliver(
        self,
        connection: _Connection,
        on_the_way: asyncio.Queue[tuple[float, bytes]],
        sink: asyncio.StreamWriter,
        direction: _Direction,
    ) -> None:
        with suppress(OSError):
            while True:
                due, piece = await on_the_way.get()
                await asyncio.sleep(max(0.0, due - self._loop.time()))
                if not piece:
                    break
                if connection.swallowing or (connection.duplicating and direction is self._down):
                    continue
                sink.write(piece)
                await sink.drain()
                if connection.duplicating:
                    connection.near[1].transport.abort()
                    connection.far[1].close()  # only now: what was written is still delivered
                    return
        if not connection.swallowing:
            sink.close()
