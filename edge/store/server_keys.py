"""Whom the kiosk seals to: the server's keys it was made with, and the newest sealing key announced since.

The announcement is kept in the state folder as it came, twice, and checked again at every start: one damaged page must
not take a kiosk back to a key that the server may have deleted. A kiosk that slept across several rotations goes
straight to the newest.
"""

import threading
from pathlib import Path

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from anganwadi.ids import DistrictId
from anganwadi.wire import announcement
from anganwadi.wire.announcement import FIRST_NUMBER, Announcement, BadAnnouncement
from anganwadi.wire.keys import PublicKeys
from provisioning.files import write_private

FILE = "sealing-key.announcement"
"""The newest announcement, in the kiosk's state folder."""

log = structlog.get_logger(__name__)


class Sealing(msgspec.Struct, frozen=True):
    """The keys to seal to at one moment, and the number of the sealing key among them."""

    number: int
    keys: PublicKeys


class KnownServer:
    """The server's public keys, as `PublicKeys` gives them; the sealing key is the newest announced. Thread-safe.

    Two reads of it may straddle an announcement: whoever names a key and seals to it takes `sealing` once.
    """

    def __init__(
        self, made_with: PublicKeys, root: Ed25519PublicKey, district: DistrictId, file: Path
    ) -> None:
        """`made_with` are the keys the kiosk was made with, `root` is the district root's, `file` keeps what came."""
        self._root = root
        self._district = district
        self._files = (file, file.with_name(file.name + ".copy"))
        self._lock = threading.Lock()
        self._sealing = Sealing(FIRST_NUMBER, made_with)
        for each in self._files:
            if each.exists():
                self._recall(each)

    @property
    def sealing(self) -> Sealing:
        return self._sealing

    @property
    def number(self) -> int:
        """Which of the district's sealing keys this is."""
        return self._sealing.number

    @property
    def verify(self) -> bytes:
        return self._sealing.keys.verify

    @property
    def seal(self) -> bytes:
        return self._sealing.keys.seal

    @property
    def verify_key(self) -> Ed25519PublicKey:
        return self._sealing.keys.verify_key

    @property
    def seal_key(self) -> X25519PublicKey:
        return self._sealing.keys.seal_key

    @property
    def seal_id(self) -> bytes:
        return self._sealing.keys.seal_id

    def take(self, announced: bytes) -> bool:
        """Seal to the key announced from now on, if the root announced it and it is newer; whether it was adopted.

        It is on the disk before it is used. A disk that takes nothing leaves the kiosk with the key it has.
        """
        with self._lock:
            try:
                news = announcement.verify(announced, self._root, self._district)
            except BadAnnouncement as error:
                log.warning("announcement_refused", reason=str(error))
                return False
            if news.number <= self.number:
                return False
            try:
                for each in self._files:
                    write_private(each, announced)
            except OSError as error:
                log.warning("announcement_not_kept", reason=error.strerror)
                return False
            self._adopt(news)
            return True

    def _recall(self, file: Path) -> None:
        try:
            kept = announcement.verify(file.read_bytes(), self._root, self._district)
        except (BadAnnouncement, OSError) as error:
            log.warning("announcement_unreadable", reason=str(error))  # it comes again with the next status
            return
        if kept.number > self.number:
            self._adopt(kept)

    def _adopt(self, news: Announcement) -> None:
        keys = msgspec.structs.replace(self._sealing.keys, seal=news.seal_key)
        self._sealing = Sealing(news.number, keys)
        log.info("sealing_key_adopted", number=news.number)
