"""A worker's PIN: setting it, and checking it: Argon2id, five wrong tries, then a quarter of an hour's wait."""

import re
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from anganwadi.ids import CentreId, DistrictId, WorkerId
from anganwadi.wire.login import Worker
from server.storage import tables
from server.storage.engine import writing

MAX_WRONG = 5
LOCK_FOR = timedelta(minutes=15)

workers, centres = tables.centre_workers, tables.centres
_PIN = re.compile(r"[0-9]{4,6}")
_hasher = PasswordHasher()


class PinRefused(Exception):
    """The PIN was not taken: `reason` is `wrong_pin`, `locked` or `unknown_worker`."""

    def __init__(self, reason: str, tries_left: int = 0, locked_until: datetime | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.tries_left = tries_left
        self.locked_until = locked_until


class BadPin(ValueError):
    """Not 4 to 6 digits."""

    def __init__(self) -> None:
        super().__init__("a PIN has 4 to 6 digits, and nothing else")


class NoSuchCentre(LookupError):
    """The district has no centre of this code."""

    def __init__(self, centre: str) -> None:
        super().__init__(f"the district has no centre {centre}")


class NoSuchPost(LookupError):
    """Nobody holds this post at the centre; `held` are the posts somebody holds."""

    def __init__(self, centre: str, post: str, held: list[str]) -> None:
        super().__init__(
            f"nobody holds the post {post} at centre {centre}; held are: {', '.join(held) or 'none'}"
        )


def hash_pin(pin: str) -> str:
    """The PIN as it is kept."""
    return _hasher.hash(pin)


def set_pin(engine: sa.Engine, district: DistrictId, centre: CentreId, post: str, pin: str) -> None:
    """Give the worker of `post` at `centre` a new PIN; she may try it at once, whatever wrong tries went before.

    Raises:
        BadPin: `pin` is not 4 to 6 digits.
        NoSuchCentre, NoSuchPost: there is nobody to give it to.
    """
    if not _PIN.fullmatch(pin):
        raise BadPin
    here = (workers.c.district_id == district) & (workers.c.centre_id == centre)
    with engine.connect() as connection:
        known = connection.execute(
            sa.select(centres.c.centre_id).where(
                centres.c.district_id == district, centres.c.centre_id == centre
            )
        ).one_or_none()
        rows = connection.execute(sa.select(workers).where(here).order_by(workers.c.post)).all()
    if known is None:
        raise NoSuchCentre(centre)
    row = next((row for row in rows if row.post == post), None)
    if row is None:
        raise NoSuchPost(centre, post, [row.post for row in rows])
    _write(engine, row, pin_hash=hash_pin(pin), wrong_pins=0, locked_until_ms=None)


def check(
    engine: sa.Engine, district: DistrictId, centre: CentreId, post: str, pin: str, now: datetime
) -> Worker:
    """The worker of `post` at `centre`, if `pin` is hers. Counts wrong tries. One caller at a time.

    Checking a PIN is slow by design, so it happens outside any transaction.

    Raises:
        PinRefused: it is not, or she may not try now.
    """
    with engine.connect() as connection:
        row = connection.execute(
            sa.select(workers).where(
                workers.c.district_id == district, workers.c.centre_id == centre, workers.c.post == post
            )
        ).one_or_none()
    if row is None:
        raise PinRefused("unknown_worker")
    if row.locked_until_ms is not None and _ms(now) < row.locked_until_ms:
        raise PinRefused("locked", locked_until=datetime.fromtimestamp(row.locked_until_ms / 1000, UTC))
    try:
        _hasher.verify(row.pin_hash, pin)
    except VerifyMismatchError:
        raise _count_wrong(engine, row, now) from None
    _write(engine, row, wrong_pins=0, locked_until_ms=None)
    return Worker(WorkerId(row.worker_id), row.name, row.post, row.language)


def _count_wrong(engine: sa.Engine, row: sa.Row, now: datetime) -> PinRefused:
    wrong = row.wrong_pins + 1
    if wrong < MAX_WRONG:
        _write(engine, row, wrong_pins=wrong, locked_until_ms=None)
        return PinRefused("wrong_pin", tries_left=MAX_WRONG - wrong)
    until = now + LOCK_FOR
    _write(engine, row, wrong_pins=0, locked_until_ms=_ms(until))
    return PinRefused("locked", locked_until=until)


def _write(engine: sa.Engine, row: sa.Row, **values: object) -> None:
    with writing(engine) as connection:
        connection.execute(
            sa.update(workers)
            .where(workers.c.district_id == row.district_id, workers.c.worker_id == row.worker_id)
            .values(**values)
        )


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
