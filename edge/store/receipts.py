"""What a verified receipt may do to the outbox.

- One of an older generation was signed before the server was restored: it does nothing.
- One that receipts more than was recorded, or whose chain is not this kiosk's, tells of a fork: another card with this
  kiosk's name, or this card from before. It does nothing here either, and is told to the worker and the district.
- One of a higher generation may take back what was stored. Those events go up again, and what was forgotten as safe,
  and the server no longer has, becomes a gap.
- Else `stored_through` and `safe_through` only rise, and what is safe is forgotten.
"""

from sqlite_utils import Database

from anganwadi.wire import frame
from anganwadi.wire.frame import BadFrame
from anganwadi.wire.gap import GapReason
from anganwadi.wire.receipt import VerifiedReceipt
from edge.store.errors import ReceiptRejected
from edge.store.outbox_rows import OutboxState

KEEP_TIME_MS = 600_000
"""How much newer a receipt's time must be than the one on the disk to be written there for its own sake."""


class Forked(ReceiptRejected):
    """A genuine receipt for a chain that is not this kiosk's; nothing was forgotten on it."""


def apply(db: Database, receipt: VerifiedReceipt, now: OutboxState, *, overtaken: bool, at_ms: int) -> bool:
    """Take note of a receipt, inside the caller's transaction. Returns whether it said anything new.

    `overtaken` says that one with a later time was seen before; `at_ms` is the time now.

    Raises:
        ReceiptRejected: it does not fit; of a fork it is `Forked`.
    """
    _check(db, receipt, now)
    same = receipt.generation == now.generation
    held_news = not overtaken and receipt.stored_through >= now.stored_through and _hold(db, receipt)
    stored = max(receipt.stored_through, now.stored_through) if same else receipt.stored_through
    safe = max(receipt.safe_through, now.safe_through) if same else receipt.safe_through
    if same and (stored, safe) == (now.stored_through, now.safe_through):
        if receipt.server_ms > now.server_ms + KEEP_TIME_MS:
            _keep_time(db, receipt)
        return held_news
    if not same:
        _hold(db, receipt)
    db.execute(
        "update origin_state set generation = ?, stored_through = ?, safe_through = ?",
        [receipt.generation, stored, safe],
    )
    _keep_time(db, receipt)
    db.execute("delete from frames where last_sequence <= ?", [safe])
    db.execute("delete from gaps where last <= ?", [safe])
    _own_up(db, stored, now, at_ms)
    return True


def _keep_time(db: Database, receipt: VerifiedReceipt) -> None:
    db.execute("update origin_state set server_ms = max(server_ms, ?)", [receipt.server_ms])


def _check(db: Database, receipt: VerifiedReceipt, now: OutboxState) -> None:
    if receipt.generation < now.generation:
        raise ReceiptRejected("a receipt from before the server was restored")
    if receipt.safe_through > receipt.stored_through:
        raise ReceiptRejected("a receipt that calls safe what is not stored")
    if receipt.stored_through > now.recorded:
        raise Forked("a receipt for events this kiosk never recorded: the card may be a copy, or an old one")
    if receipt.chain_head not in _heads(db, receipt.stored_through, now, receipt.chain_head):
        raise Forked("the server's chain is not this kiosk's: tell the district, the card may be a copy")


def _heads(db: Database, at: int, now: OutboxState, unknown: bytes) -> list[bytes]:
    """What the chain's hash after event `at` may be here; `unknown` where this kiosk cannot tell any more.

    A server stores whole frames, so that a place within one is none that it can have reached with this kiosk's.
    """
    if at == 0:
        return [now.genesis]
    if at == now.recorded:
        return [now.chain_head]
    known = db.execute(
        "select chain_after from frames where last_sequence = ? union select chain_after from gaps where last = ?",
        [at, at],
    ).fetchall()
    if known:
        return [row[0] for row in known]
    first, before = _first_kept(db, now)
    if at < first:
        return [before or unknown] if at == first - 1 else [unknown]
    within_gap = db.execute("select 1 from gaps where first <= ? and last > ?", [at, at]).fetchone()
    return [unknown] if within_gap else []


def _first_kept(db: Database, now: OutboxState) -> tuple[int, bytes | None]:
    """The first event that a frame or a gap here tells of, and the chain's hash before it where that is known."""
    row = db.execute(
        "select first_sequence, frame from frames union all select first, null from gaps order by 1 limit 1"
    ).fetchone()
    if row is None:
        return now.recorded + 1, now.chain_head
    first, raw = row
    try:
        return first, None if raw is None else frame.parse(raw).header.chain_before
    except BadFrame:
        return first, None


def _own_up(db: Database, stored: int, now: OutboxState, at_ms: int) -> None:
    """Where the server has lost what it had called safe, say that it is gone here too."""
    first, before = _first_kept(db, now)
    if stored + 1 >= first:
        return
    if before is not None:
        db.execute(
            "insert into gaps values (?, ?, ?, ?, ?)",
            [stored + 1, first - 1, before, GapReason.FORGOTTEN, at_ms],
        )
    else:
        db.execute("update gaps set first = ? where first = ?", [stored + 1, first])


def _hold(db: Database, receipt: VerifiedReceipt) -> bool:
    """Note which frames the server holds in waiting, in this generation. Returns whether that is news."""
    known = db.execute("select generation, first, last from held order by first").fetchall()
    told = sorted({(receipt.generation, first, last) for first, last in receipt.held})
    if known == told:
        return False
    db.execute("delete from held")
    for row in told:
        db.execute("insert or replace into held values (?, ?, ?)", row)
    return True
