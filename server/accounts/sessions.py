"""A log-in's session: a random token in the browser's cookie, of which the database holds the hash alone."""

import hashlib
import secrets
from dataclasses import dataclass, field

from sqlalchemy import Engine

from server.accounts import queries
from server.accounts.scope import Officer, Role
from server.storage.engine import writing

COOKIE = "aangan_session"
TOKEN_BYTES = 32


@dataclass(frozen=True)
class Session:
    """Who is logged in, and the token her own pages put into every form (against cross-site request forgery)."""

    officer: Officer
    csrf: str = field(repr=False)


def start(engine: Engine, district: str, officer_id: str, *, now_ms: int, hours: float) -> str:
    """Begin a session and return its token, which only the browser keeps."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with writing(engine) as connection:
        queries.delete_expired_sessions(connection, district, now_ms)
        queries.add_session(
            connection,
            district,
            officer_id,
            token_hash=_hash(token),
            csrf=secrets.token_urlsafe(TOKEN_BYTES),
            expires_ms=now_ms + int(hours * 3_600_000),
        )
    return token


def find(engine: Engine, district: str, token: str, now_ms: int) -> Session | None:
    """The session of `token`, if it is one and has not expired."""
    with engine.connect() as connection:
        row = queries.session_by_hash(connection, district, _hash(token), now_ms)
    if row is None:
        return None
    officer = Officer(
        district_id=district,
        officer_id=row.officer_id,
        name=row.name,
        role=Role(row.role),
        scope=row.scope,
        language=row.language,
    )
    return Session(officer=officer, csrf=row.csrf)


def end(engine: Engine, district: str, token: str) -> None:
    with writing(engine) as connection:
        queries.delete_session(connection, district, _hash(token))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
