"""What every request passes before a page sees it, and every answer carries: the pages are for this screen only.

- `Host` must be this machine's own name, so that a foreign name pointed at it (DNS rebinding) gets nothing.
- A POST that a browser sends from another site is refused. Scripts send neither `Origin` nor `Sec-Fetch-Site`.
- No answer is kept by a cache, framed, or allowed to run a script that is not a file of ours.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Gate:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        reason = refusal(str(scope["method"]), headers)
        static = str(scope["path"]).startswith("/static/")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.update(_HEADERS)
                if not static:
                    answer["Cache-Control"] = "no-store"
            await send(message)

        inner = self._app if reason is None else PlainTextResponse(reason, status_code=403)
        await inner(scope, receive, send_with_headers)


def refusal(method: str, headers: Headers) -> str | None:
    """Why a request does not come in; None where it may."""
    host = headers.get("host", "")
    if urlsplit(f"//{host}").hostname not in OWN_NAMES:
        return "This kiosk answers only on its own screen: open it as http://localhost."
    if method in SAFE_METHODS:
        return None
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return "This request came from another site and was refused."
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return "This request came from another site and was refused."
    return None
