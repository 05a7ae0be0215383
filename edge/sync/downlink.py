"""The kiosk's end of the down-link: gathers the parts of documents, asks for what is missing, and says what is new.

    downlink = Downlink(identity, uplink, documents)      # KioskStatus takes downlink.have() and downlink.parts()
    downlink.on_change(apply)                             # apply(kind), on this module's own thread
    downlink.start()
    downlink.roster(data_key)                             # None until one is complete, or once the store has taken it

The server sends a few parts for each status; when these are here, or nothing has come for a while, the kiosk sends its
status again. What is on the disk survives restarts, so that nothing comes twice.
"""

import queue
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

import msgspec
import structlog

from anganwadi.ids import SERVER_ORIGIN
from anganwadi.wire import downlink, letters
from anganwadi.wire.downlink import (
    PART,
    PARTS_AT_ONCE,
    BadDocument,
    DistrictSettings,
    Forms,
    Kind,
    Message,
    Messages,
    Name,
    Part,
)
from anganwadi.wire.login import MAX_RANGES, PartsHeld, Roster
from edge.store.documents import Documents, Gathering, Outcome
from edge.store.errors import StoreError
from edge.store.recorder import Identity

QUIET_S = 6.0
"""After how long without a part the kiosk asks again for what is missing."""

WAITING_LETTERS = 64
"""Letters that may wait to be read; what comes beyond is asked for again."""

log = structlog.get_logger(__name__)
T = TypeVar("T")


class Link(Protocol):
    """What the down-link needs of the uplink."""

    def listen(self, channel: str, listener: Callable[[bytes], None]) -> None: ...

    def say_status(self) -> None: ...


class Progress(msgspec.Struct, frozen=True):
    """How many parts of a document's next version have come."""

    held: int
    count: int


class Downlink:
    """The documents of one kiosk, as they come. Thread-safe."""

    def __init__(self, identity: Identity, link: Link, documents: Documents) -> None:
        self._identity = identity
        self._link = link
        self._documents = documents
        self._listeners: list[Callable[[Kind], None]] = []
        self._expected: dict[Kind, int] = {}  # how many parts of the last lot are still to come
        self._last_heard = time.monotonic()
        self._wanted = False  # whether something is missing that no part has come of
        self._changed = threading.Condition()
        self._inbox: queue.Queue[bytes | None] = queue.Queue(WAITING_LETTERS)
        self._thread = threading.Thread(target=self._run, name="downlink", daemon=True)
        link.listen(PART, self._on_letter)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Take in what has come, then end. The documents are the caller's to close."""
        if self._thread.is_alive():
            self._inbox.put(None)
            self._thread.join(timeout=5)

    def on_change(self, listener: Callable[[Kind], None]) -> None:
        """Call `listener` with the kind of each document that is complete in a new version, on the down-link's
        thread."""
        self._listeners.append(listener)

    # --- what is here ---------------------------------------------------------------------------------------------

    def have(self) -> dict[str, int]:
        """The versions that are complete, for `KioskStatus.have`."""
        return {str(kind): version for kind, version in self._documents.have().items()}

    def parts(self) -> dict[str, PartsHeld]:
        """What has come of the next versions, for `KioskStatus.parts`. Where no part is on its way any more, saying it
        asks for the next ones."""
        told: dict[str, PartsHeld] = {}
        with self._changed:
            quiet = self._quiet_s() >= QUIET_S
            for kind in Kind:
                now = self._documents.gathering(kind)
                if now is None:
                    self._expected.pop(kind, None)
                    continue
                coming = not quiet and self._expected.get(kind, 0) > 0
                if not coming:
                    self._expected[kind] = min(PARTS_AT_ONCE, now.missing)
                told[str(kind)] = PartsHeld(now.version, _ranges(now.held), coming)
            if any(not each.coming for each in told.values()):
                self._last_heard = time.monotonic()
        return told

    def version(self, kind: Kind) -> int:
        """The version that is here; 0 for none."""
        return self._documents.have().get(kind, 0)

    def progress(self, kind: Kind) -> Progress | None:
        """How far the next version has come; None where none is coming."""
        now = self._documents.gathering(kind)
        return None if now is None else Progress(len(now.held), now.count)

    def roster(self, data_key: bytes) -> Roster | None:
        """The newest roster, unless there is none or `let_go` was called for it."""
        return self._read(Kind.ROSTER, Roster, data_key)

    def messages(self, data_key: bytes) -> tuple[Message, ...]:
        """What the office wrote to this centre, oldest first."""
        found = self._read(Kind.MESSAGES, Messages, data_key)
        return () if found is None else found.messages

    def settings(self) -> DistrictSettings:
        """What the district set for this kiosk."""
        return self._read(Kind.SETTINGS, DistrictSettings) or DistrictSettings()

    def forms(self) -> Forms:
        """The forms that are filled at this centre."""
        return self._read(Kind.FORMS, Forms) or Forms()

    def wait_for(self, kind: Kind, newer_than: int, limit_s: float, quiet_s: float | None = None) -> bool:
        """Wait until a version beyond `newer_than` is complete, `limit_s` seconds at most, and, where `quiet_s` is
        given, no longer than that without a further part. Returns whether it is."""
        until = time.monotonic() + limit_s
        with self._changed:
            began = time.monotonic()
            asks_at = began + QUIET_S
            while self.version(kind) <= newer_than:
                now = time.monotonic()
                ends = until if quiet_s is None else min(until, max(began, self._last_heard) + quiet_s)
                if now >= ends:
                    return False
                if now >= asks_at:
                    self._wanted, asks_at = True, now + QUIET_S
                self._changed.wait(min(ends, asks_at) - now)
        return True

    def let_go(self, kind: Kind, version: int) -> None:
        """Forget the bytes of this version, not that it came: its reader has put it where it lives."""
        self._documents.let_go(kind, version)

    def forget(self, kind: Kind) -> None:
        """Forget that the document ever came, and ask for it."""
        self._documents.forget(kind)
        self._link.say_status()

    def _read(self, kind: Kind, form: type[T], data_key: bytes | None = None) -> T | None:
        kept = self._documents.get(kind)
        if kept is None:
            return None
        name = Name(self._identity.district, self._identity.origin, kind, kept.version)
        try:
            return downlink.unseal(kept.content, form, name, data_key)
        except BadDocument as error:
            log.warning("document_unreadable", kind=kind, version=kept.version, reason=str(error))
            self.forget(kind)
            return None

    # --- what comes -----------------------------------------------------------------------------------------------

    def _on_letter(self, letter: bytes) -> None:
        try:
            self._inbox.put_nowait(letter)
        except queue.Full:
            log.warning("downlink_flooded")

    def _run(self) -> None:
        while True:
            try:
                letter = self._inbox.get(timeout=QUIET_S / 4)
            except queue.Empty:
                self._step(self._ask_if_quiet)
                continue
            if letter is None:
                return
            self._step(partial(self._take, letter))

    def _step(self, step: Callable[[], None]) -> None:
        """One letter, listener or look must not end the down-link."""
        try:
            step()
        except StoreError as error:
            log.warning("documents_failed", reason=str(error))
        except Exception:  # whatever it was, the next letter is to be read
            log.exception("downlink_failed")

    def _take(self, letter: bytes) -> None:
        who = self._identity
        try:
            part = letters.read(letter, PART, Part, SERVER_ORIGIN, who.server, who.device)
        except letters.BadLetter as error:
            log.warning("part_rejected", reason=str(error))
            return
        with self._changed:
            outcome = self._documents.put(part)
            if outcome is Outcome.IGNORED:
                return
            self._last_heard = time.monotonic()
            ask = self._count(part, self._documents.gathering(part.kind))
            self._changed.notify_all()
        if outcome is Outcome.COMPLETE:
            self._wanted = False
            log.info("document_complete", kind=part.kind, version=part.version)
            for listener in self._listeners:
                listener(part.kind)
        elif outcome is Outcome.DAMAGED:
            log.warning("document_damaged", kind=part.kind, version=part.version)
            self._wanted = True
        if ask:
            self._link.say_status()

    def _count(self, part: Part, now: Gathering | None) -> bool:
        """Count a part off its lot. Returns whether the next lot is to be asked for."""
        if now is None:
            self._expected.pop(part.kind, None)
            return False
        if len(now.held) == 1:
            self._expected[part.kind] = min(PARTS_AT_ONCE, now.count)
        self._expected[part.kind] = max(0, self._expected.get(part.kind, 1) - 1)
        return self._expected[part.kind] == 0

    def _ask_if_quiet(self) -> None:
        with self._changed:
            missing = self._wanted or any(self._documents.gathering(kind) for kind in Kind)
            asks = missing and self._quiet_s() >= QUIET_S
        if asks:
            self._wanted = False
            self._link.say_status()

    def _quiet_s(self) -> float:
        return time.monotonic() - self._last_heard


def _ranges(numbers: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Rising numbers as ranges (first, last), the first `MAX_RANGES` of them."""
    ranges: list[tuple[int, int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return tuple(ranges[:MAX_RANGES])
