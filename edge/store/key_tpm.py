"""The key provider of a kiosk with a TPM 2.0: between log-ins DK lies sealed in the TPM, and nowhere else.

On the disk lies one file a post: the TPM's own ciphertext, and the date at which the grace ends. The TPM's clock
stands still while the kiosk is off, so the date is looked at too, and the earlier end of the two holds.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import structlog

from anganwadi.wire.login import LeaseGranted
from edge.store import key_seal
from edge.store.key_provider import GraceOver, Locked, NothingKept, Released, TpmUnusable, WrongPin
from edge.store.key_seal import SealedKey
from provisioning.files import sync_folder, write_private
from provisioning.tpm import Tpm, TpmError

WRONG_PIN, LOCKED_OUT = 0x98E, 0x921
"""The TPM's response codes RC_AUTH_FAIL (of the first session) and RC_LOCKOUT: TCG, TPM 2.0 Library, part 2."""
TIME_OVER = 0x126
"""RC_POLICY, from a policy command that does not hold: here, that the clock is before the end of the grace."""

SUFFIX = ".tpm"

log = structlog.get_logger(__name__)


class _Kept(msgspec.Struct, frozen=True):
    """What lies on the disk for a post."""

    until: datetime
    sealed: SealedKey


class TpmKeys:
    """Keeps DK in the TPM, for each post under its worker's PIN. Thread-safe."""

    grace = True

    def __init__(self, folder: Path, tcti: str, now: Callable[[], datetime]) -> None:
        """`folder` takes the TPM's ciphertext, `tcti` names the TPM, `now` is the centre's time."""
        self._folder = folder
        self._tpm = Tpm(tcti)
        self._now = now
        self._lock = threading.Lock()

    def keep(self, lease: LeaseGranted, pin: str) -> None:
        """Keep the lease's DK under `pin` until its grace is over.

        Raises:
            TpmUnusable: the TPM does not answer or is not prepared, or the disk is full; nothing is kept.
        """
        post, grace = lease.worker.post, timedelta(hours=lease.grace_hours)
        with self._lock:
            self._forget(post)
            if not grace:
                return
            with self._working():
                if not self._tpm.lockout().prepared:
                    raise TpmUnusable("the TPM is not prepared: `python -m provisioning tpm prepare`")
                ends_ms = self._tpm.clock_ms() + grace // timedelta(milliseconds=1)
                sealed = key_seal.seal(self._tpm, lease.data_key, pin, ends_ms)
            self._write(post, _Kept(lease.server_time + grace, sealed))

    def release(self, post: str, pin: str) -> Released:
        """Have the TPM give DK out.

        Raises:
            NothingKept: nothing is kept for this post.
            GraceOver: no longer.
            WrongPin, Locked: it is not her PIN, or too many were not.
            TpmUnusable: the TPM does not answer, or is another.
        """
        with self._lock:
            kept = self._read(post)
            if kept is None:
                raise NothingKept
            if self._now() >= kept.until:
                self._forget(post)
                raise GraceOver
            with self._working():
                try:
                    return Released(key_seal.unseal(self._tpm, kept.sealed, pin), kept.until)
                except TpmError as error:
                    self._explain(error, post)
                    raise

    def forget(self, post: str | None = None) -> None:
        """Forget what is kept for `post`, or for all: without the files the TPM has nothing to open."""
        with self._lock:
            for each in self._posts(post):
                self._forget(each)

    def until(self, post: str | None = None) -> datetime | None:
        """Until when, by date, DK is kept for `post` or for any. What was kept too long is forgotten here, unless the
        TPM is at work."""
        now = self._now()
        ends = {each: kept.until for each in self._posts(post) if (kept := self._read(each)) is not None}
        if any(end <= now for end in ends.values()) and self._lock.acquire(blocking=False):
            try:
                self._forget_old(now)
            finally:
                self._lock.release()
        return max((end for end in ends.values() if end > now), default=None)

    def _forget_old(self, now: datetime) -> None:
        for post in self._posts(None):
            kept = self._read(post)
            if kept is None or kept.until <= now:
                self._forget(post)

    def _explain(self, error: TpmError, post: str) -> None:
        """Raise what the TPM's refusal means, if it is one.

        Raises:
            GraceOver, WrongPin, Locked
        """
        if error.code == TIME_OVER:
            self._forget(post)
            raise GraceOver from error
        if error.code in (WRONG_PIN, LOCKED_OUT):
            state = self._tpm.lockout()
            if error.code == LOCKED_OUT or state.wrong >= state.most:
                raise Locked(self._now() + timedelta(seconds=state.recovery_s)) from error
            raise WrongPin(state.most - state.wrong) from error

    @contextmanager
    def _working(self) -> Iterator[None]:
        try:
            with self._tpm.work():
                yield
        except TpmError as error:
            raise TpmUnusable(f"{error}: see that the TPM is there, and log in at the server") from error

    def _posts(self, only: str | None) -> list[str]:
        if only is not None:
            return [only]
        return [bytes.fromhex(path.stem).decode() for path in self._folder.glob("*" + SUFFIX)]

    def _file(self, post: str) -> Path:
        return self._folder / (post.encode().hex() + SUFFIX)

    def _read(self, post: str) -> _Kept | None:
        try:
            return msgspec.msgpack.decode(self._file(post).read_bytes(), type=_Kept)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            log.warning("kept_key_unreadable", reason=str(error))
            return None

    def _write(self, post: str, kept: _Kept) -> None:
        try:
            write_private(self._file(post), msgspec.msgpack.encode(kept))
        except OSError as error:
            raise TpmUnusable(f"nothing kept ({error.strerror}): free space on the card") from error

    def _forget(self, post: str) -> None:
        """Remove the file for good: a power cut must not bring it back."""
        try:
            self._file(post).unlink()
            sync_folder(self._folder)
        except FileNotFoundError:
            return
        except OSError as error:
            log.warning("kept_key_not_removed", reason=error.strerror)
