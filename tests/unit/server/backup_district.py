"""What the tests of backup, restore and erasure stand on: a district of one kiosk with its real outbox, a server that
stores what it sends, a recovery key, and a hand that decrypts a database's pages."""

import hashlib
import hmac
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from anganwadi.wire import receipt
from anganwadi.wire.keys import PrivateKeys
from anganwadi.wire.receipt import Receipt
from edge.store.outbox import Outbox, OutboxFrame
from provisioning import recovery
from server.settings import Database
from server.storage import backup, erasure_register, migrations, restore
from server.storage import engine as databases
from server.storage.backup import Made
from server.storage.restore import Restored
from tests.unit.server.ingest_district import DISTRICT, KIOSK, Ingest, Pen, fill

PAGE, RESERVED, SALT = 4096, 80, 16


class KioskAtWork:
    """A kiosk: records into its outbox, sends what is pending, takes receipts."""

    def __init__(self, folder: Path, server: PrivateKeys, device: PrivateKeys) -> None:
        self.pen = Pen(server, device)
        self.outbox = Outbox(folder / "outbox.db", self.pen.head, device=device.public)
        self._server = server

    def record(self, *raws: bytes) -> None:
        for raw in raws:
            sealed = self.pen.frame([raw])
            at = self.pen.sequence
            self.outbox.put([OutboxFrame(at, at, sealed, self.pen.head)])
        self.outbox.release()

    def attend(self, count: int) -> None:
        self.record(*self.pen.attendance(count))

    def sync(self, ingest: Ingest) -> Receipt | None:
        """Send what is pending until nothing is; the last receipt."""
        last = None
        while frames := self.outbox.pending(50):
            last = ingest.take(*(each.frame for each in frames))
            if last is not None:
                self.outbox.apply(self._verified(ingest))
        return last

    def hear(self, ingest: Ingest) -> None:
        """Take the receipt that a status letter is answered with."""
        from server.storage import origins

        with ingest.engine.connect() as connection:
            state = origins.find(connection, DISTRICT, KIOSK, 1)
            assert state is not None
            ingest.worker.receipt(state, origins.generation(connection, DISTRICT))
        self.outbox.apply(self._verified(ingest))

    def _verified(self, ingest: Ingest) -> receipt.VerifiedReceipt:
        return receipt.verify(ingest.published[-1][1], self._server.public, DISTRICT, KIOSK, 1)


class BackedUpDistrict:
    """A server that can be lost, and its backups."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.backups = folder / "off-box"
        self.backups.mkdir()
        self.keys, self.device = PrivateKeys.generate(), PrivateKeys.generate()
        self.recovery_files = folder / "recovery.key", folder / "recovery.pub"
        recovery.make(*self.recovery_files)
        self.private: X25519PrivateKey = recovery.read_private(self.recovery_files[0])
        self.kiosk = KioskAtWork(folder, self.keys, self.device)
        self.database = self._place("server")
        self.engine = self._migrated()
        fill(self.engine, self.keys, self.device)
        self.ingest = Ingest(self.engine, self.keys)

    def _place(self, name: str) -> Database:
        key_file = self.folder / f"{name}.key"
        key_file.write_text(hashlib.sha256(name.encode()).hexdigest())
        return Database(path=self.folder / f"{name}.db", key_file=key_file)

    def _migrated(self):
        engine = databases.connect(self.database)
        migrations.migrate(engine)
        return engine

    @property
    def file(self) -> databases.CipherFile:
        """The database's file and key."""
        return databases.configured_file(self.database)

    @property
    def register(self) -> erasure_register.ErasureRegister:
        return erasure_register.ErasureRegister(self.backups, DISTRICT, self.keys)

    def back_up(self, **given) -> Made:
        return backup.make(
            self.engine,
            DISTRICT,
            self.keys,
            self.private.public_key(),
            self.backups,
            server_files={"keys.msgpack": b"the server's keys"},
            **given,
        )

    def open(self, path: Path) -> restore.Opened:
        return restore.open_backup(path, DISTRICT, self.private, self.keys.public)

    def lose_and_restore(self, path: Path, name: str = "fresh", **given) -> Restored:
        """The server is lost with its disk; the backup goes onto a new one."""
        self.engine.dispose()
        self.database = self._place(name)
        erasures = erasure_register.read(
            erasure_register.path_in(self.backups, DISTRICT), DISTRICT, self.keys.public
        )
        restored = restore.restore(self.database, self.open(path), erasures, **given)
        self.engine = databases.connect(self.database)
        self.ingest = Ingest(self.engine, self.keys)
        return restored

    def close(self) -> None:
        self.engine.dispose()
        self.kiosk.outbox.close()


def decrypted(path: Path, key: str) -> bytes:
    """Every page of a SQLCipher 4 database, or of its write-ahead file, in the clear; independent of SQLCipher.

    A page is AES-256-CBC under the raw key, then its IV (16) and HMAC-SHA512 (64); the first one begins with the salt.
    """
    raw = path.read_bytes()
    if path.name.endswith("-wal"):
        frames = [raw[at + 24 : at + 24 + PAGE] for at in range(32, len(raw) - PAGE, 24 + PAGE)]
        return b"".join(
            _page(frame, key, int.from_bytes(raw[at : at + 4], "big"))
            for at, frame in zip(range(32, len(raw) - PAGE, 24 + PAGE), frames, strict=True)
        )
    pages = range(0, len(raw) // PAGE * PAGE, PAGE)
    return b"".join(_page(raw[at : at + PAGE], key, at // PAGE + 1) for at in pages)


def _page(page: bytes, key: str, number: int) -> bytes:
    start = SALT if number == 1 else 0
    iv = page[PAGE - RESERVED : PAGE - RESERVED + 16]
    opened = Cipher(algorithms.AES(bytes.fromhex(key)), modes.CBC(iv)).decryptor()
    return opened.update(page[start : PAGE - RESERVED]) + opened.finalize()


def authentic(path: Path, key: str, number: int = 1) -> bool:
    """Whether page `number` carries the HMAC that SQLCipher makes: proves that key and layout are understood here."""
    raw = path.read_bytes()
    page = raw[(number - 1) * PAGE : number * PAGE]
    salt = bytes(byte ^ 0x3A for byte in raw[:SALT])
    mac_key = hashlib.pbkdf2_hmac("sha512", bytes.fromhex(key), salt, 2, 32)
    start = SALT if number == 1 else 0
    said = hmac.new(mac_key, page[start : PAGE - 64] + number.to_bytes(4, "little"), "sha512").digest()
    return said == page[PAGE - 64 :]
