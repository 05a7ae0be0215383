"""The kiosk with its sealing off: frames hold their events in the clear, the centre's store has no key, pages and
pictures are kept. Only for showing that the search of a kiosk's disk finds what is there to be found.

    python -m tests.e2e.unsealed_kiosk run --config kiosk.toml
"""

import struct
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import msgspec
from fastapi import FastAPI
from sqlcipher3 import dbapi2 as sqlcipher
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from anganwadi.wire import frame
from anganwadi.wire.keys import PrivateKeys, PublicKeys
from edge.__main__ import program
from edge.kiosk import app as kiosk_app


def in_the_clear(header: frame.Header, events: Sequence[bytes], _: PublicKeys, __: PrivateKeys) -> bytes:
    head = msgspec.msgpack.encode(header)
    return b"".join((frame.MAGIC, b"\0", struct.pack(">H", len(head)), head, *events))


class WithoutKey(sqlcipher.Connection):
    def execute(self, sql: str, *given: Any) -> Any:
        return super().execute("select 1" if sql.startswith("pragma key") else sql, *given)


class Kept:
    """Lets the browser keep the pages it is shown, but for the pieces they ask for anew."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def keeping(message: Message) -> None:
            if (
                message["type"] == "http.response.start"
                and Headers(scope=scope).get("sec-fetch-mode") == "navigate"
            ):
                MutableHeaders(scope=message)["Cache-Control"] = "max-age=3600"
            await send(message)

        await self._app(scope, receive, keeping)


def with_pages_kept(*parts: Any, **more: Any) -> FastAPI:
    app = create_app(*parts, **more)
    app.add_middleware(Kept)
    return app


def keeping_the_picture(*given: Any) -> Any:
    """Encodes a picture of the live view and leaves it behind, as a kiosk must not."""
    done, jpeg = encode(*given)
    (Path(tempfile.gettempdir()) / "live.jpg").write_bytes(jpeg.tobytes())
    return done, jpeg


encode = cv2.imencode
cv2.imencode = keeping_the_picture
create_app = kiosk_app.create_app
kiosk_app.create_app = with_pages_kept
frame.make = in_the_clear
sqlcipher.connect = partial(sqlcipher.connect, factory=WithoutKey)

if __name__ == "__main__":
    program()
