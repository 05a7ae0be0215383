"""SQL of officers, sessions and the access log. Every function works inside the caller's transaction."""

from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update

from server.storage.tables import access_log, officers, sessions

AnyRow = Row[*tuple[Any, ...]]


def officer_by_mobile(connection: Connection, district: str, mobile: str) -> AnyRow | None:
    return connection.execute(
        select(officers).where(officers.c.district_id == district, officers.c.mobile == mobile)
    ).one_or_none()


def begin_code(connection: Connection, district: str, mobile: str, *, now_ms: int, not_since_ms: int) -> bool:
    """Move the officer to her next one-time password, unless she is locked or has one from after `not_since_ms`."""
    changed = connection.execute(
        update(officers)
        .where(
            officers.c.district_id == district,
            officers.c.mobile == mobile,
            _unlocked(now_ms),
            or_(officers.c.otp_issued_ms.is_(None), officers.c.otp_issued_ms <= not_since_ms),
        )
        .values(otp_counter=officers.c.otp_counter + 1, otp_issued_ms=now_ms)
    )
    return changed.rowcount == 1


def spend_try(
    connection: Connection, district: str, mobile: str, *, now_ms: int, issued_after_ms: int
) -> bool:
    """Count a try as wrong before it is looked at, so that no two requests share one. False where none is left."""
    changed = connection.execute(
        update(officers)
        .where(
            officers.c.district_id == district,
            officers.c.mobile == mobile,
            _unlocked(now_ms),
            officers.c.otp_issued_ms > issued_after_ms,
        )
        .values(wrong_otps=officers.c.wrong_otps + 1)
    )
    return changed.rowcount == 1


def use_up_code(connection: Connection, officer: AnyRow, *, locked_until_ms: int | None) -> None:
    """End the current one-time password: it was right (`locked_until_ms` None), or the tries are spent."""
    connection.execute(
        update(officers)
        .where(officers.c.district_id == officer.district_id, officers.c.officer_id == officer.officer_id)
        .values(otp_issued_ms=None, wrong_otps=0, locked_until_ms=locked_until_ms)
    )


def add_session(
    connection: Connection, district: str, officer_id: str, *, token_hash: bytes, csrf: str, expires_ms: int
) -> None:
    connection.execute(
        insert(sessions).values(
            district_id=district,
            token_hash=token_hash,
            officer_id=officer_id,
            csrf=csrf,
            expires_ms=expires_ms,
        )
    )


def session_by_hash(connection: Connection, district: str, token_hash: bytes, now_ms: int) -> AnyRow | None:
    """The session's csrf and its officer, if it has not expired."""
    return connection.execute(
        select(
            sessions.c.csrf,
            officers.c.officer_id,
            officers.c.name,
            officers.c.role,
            officers.c.scope,
            officers.c.language,
        )
        .join(
            officers,
            and_(
                officers.c.district_id == sessions.c.district_id,
                officers.c.officer_id == sessions.c.officer_id,
            ),
        )
        .where(
            sessions.c.district_id == district,
            sessions.c.token_hash == token_hash,
            sessions.c.expires_ms > now_ms,
        )
    ).one_or_none()


def delete_session(connection: Connection, district: str, token_hash: bytes) -> None:
    connection.execute(
        delete(sessions).where(sessions.c.district_id == district, sessions.c.token_hash == token_hash)
    )


def delete_expired_sessions(connection: Connection, district: str, now_ms: int) -> None:
    connection.execute(
        delete(sessions).where(sessions.c.district_id == district, sessions.c.expires_ms <= now_ms)
    )


def set_language(connection: Connection, district: str, officer_id: str, language: str) -> None:
    connection.execute(
        update(officers)
        .where(officers.c.district_id == district, officers.c.officer_id == officer_id)
        .values(language=language)
    )


def add_access(
    connection: Connection,
    district: str,
    *,
    access_id: str,
    officer_id: str,
    action: str,
    subject: str,
    at_ms: int,
) -> None:
    connection.execute(
        insert(access_log).values(
            district_id=district,
            access_id=access_id,
            officer_id=officer_id,
            action=action,
            subject=subject,
            at_ms=at_ms,
        )
    )


def _unlocked(now_ms: int) -> Any:
    return or_(officers.c.locked_until_ms.is_(None), officers.c.locked_until_ms <= now_ms)
