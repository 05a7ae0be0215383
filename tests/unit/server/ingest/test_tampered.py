"""Ten thousand frames that somebody meddled with, between five hundred honest ones: none of them is taken."""

import hashlib
import random
import struct
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from anganwadi.ids import CentreId, DistrictId, Origin
from anganwadi.wire import chain, sealing, topics
from anganwadi.wire.keys import PrivateKeys
from server.storage import origins, quarantine, tables
from server.storage.engine import writing
from tests.unit.server.ingest_district import CENTRE, DISTRICT, KIOSK, Pen

TAMPERED, HONEST, GROUP = 10_000, 500, 250
ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of Ed25519's group: a signature with this added to its second half is another that lax verifiers take."""

Sent = tuple[str, bytes]


class Meddler:
    """Everybody who could come between: the network, a broker, a stranger with a key, a copy of the kiosk's card."""

    def __init__(self, seed: int, pen: Pen, server: PrivateKeys, device: PrivateKeys) -> None:
        self.dice = random.Random(seed)
        self._pen = pen
        self._stranger = Pen(server, PrivateKeys.generate())
        self._clone = Pen(server, device)
        self.seen: list[bytes] = []

    def any(self) -> bytes:
        """An honest frame that went by."""
        return self.dice.choice(self.seen)

    # --- on the way, without any key

    def flipped(self) -> Sent:
        changed = bytearray(self.any())
        for at in self.dice.sample(range(len(changed) * 8), self.dice.randint(1, 3)):
            changed[at // 8] ^= 1 << at % 8
        return Pen.topic, bytes(changed)

    def truncated(self) -> Sent:
        whole = self.any()
        return Pen.topic, whole[: self.dice.randrange(len(whole))]

    def extended(self) -> Sent:
        return Pen.topic, self.any() + self.dice.randbytes(self.dice.randint(1, 80))

    def spliced(self) -> Sent:
        """The sealed part and signature of one frame behind the header of another."""
        head, tail = self.any(), self.any()
        if head == tail:
            return self.extended()
        cut, rest = (6 + struct.unpack_from(">H", each, 4)[0] for each in (head, tail))
        return Pen.topic, head[:cut] + tail[rest:]

    def malleable(self) -> Sent:
        whole = self.any()
        second = int.from_bytes(whole[-32:], "little") + ORDER
        return Pen.topic, whole[:-32] + second.to_bytes(32, "little")

    def to_another_topic(self) -> Sent:
        elsewhere = [
            (DISTRICT, Origin("kiosk-b")),
            (DistrictId("anderswo"), KIOSK),
            (DISTRICT, Origin("server")),
        ]
        return topics.up(*self.dice.choice(elsewhere), "frame"), self.any()

    def as_a_gap(self) -> Sent:
        return Pen.gap_topic, self.any()

    # --- a stranger with keys of his own

    def signed_by_another(self) -> Sent:
        return Pen.topic, self._stranger.at(self._next(), self._pen.head, self._raws())

    def signature_replaced(self) -> Sent:
        signed = self.any()[: -sealing.SIGNATURE_BYTES]
        key = self._stranger._device.sign_key
        return Pen.topic, signed + sealing.sign(b"aangan frame", signed, key)

    # --- the kiosk's own frames, made for somewhere else

    def of_another_epoch(self) -> Sent:
        return Pen.topic, self._clone.at(self._next(), self._pen.head, self._raws(), epoch=2)

    def of_another_district(self) -> Sent:
        elsewhere = DistrictId("anderswo")
        made = self._clone.at(self._next(), self._pen.head, self._raws(), district=elsewhere)
        return self.dice.choice([Pen.topic, topics.up(elsewhere, KIOSK, "frame")]), made

    def in_anothers_name(self) -> Sent:
        other = Origin(self.dice.choice(["kiosk-b", "server", "kiosk-c"]))
        made = self._clone.at(1, chain.genesis(DISTRICT, other, 1), self._raws(), origin=other)
        return topics.up(DISTRICT, other, "frame"), made

    # --- a copy of the kiosk's card

    def forked(self) -> Sent:
        """Other events at places that are stored."""
        first = self.dice.randint(1, self._pen.sequence)
        return Pen.topic, self._clone.at(first, self.dice.randbytes(32), self._raws())

    def of_another_past(self) -> Sent:
        """The next place, but behind another past."""
        return Pen.topic, self._clone.at(self._next(), self.dice.randbytes(32), self._raws())

    def _next(self) -> int:
        return self._pen.sequence + 1

    def _raws(self) -> list[bytes]:
        return self._pen.attendance(self.dice.randint(1, 2))


UNPROVEN: tuple[Callable[[Meddler], Sent], ...] = (
    Meddler.flipped, Meddler.truncated, Meddler.extended, Meddler.spliced, Meddler.malleable, Meddler.to_another_topic,
    Meddler.as_a_gap, Meddler.signed_by_another, Meddler.signature_replaced, Meddler.of_another_epoch,
    Meddler.of_another_district, Meddler.in_anothers_name,
)  # fmt: skip
BY_A_COPY = (Meddler.forked, Meddler.of_another_past)


@pytest.fixture
def others(enrolled, database):
    """A second kiosk, and the first one in an epoch to come: each with keys of its own."""
    with writing(database) as connection:
        for name, epoch, centre in ((Origin("kiosk-b"), 1, CentreId("09123456702")), (KIOSK, 2, CENTRE)):
            keys = PrivateKeys.generate().public
            origins.register(connection, DISTRICT, name, epoch, centre, keys)


def stream(meddler: Meddler, pen: Pen) -> Iterator[tuple[str, Sent]]:
    """Honest frames, and between them tampered ones, each with what it is."""
    dice = meddler.dice
    for n in range(HONEST):
        honest = pen.frame(pen.attendance(dice.randint(1, 3)))
        meddler.seen.append(honest)
        yield "honest", (Pen.topic, honest)
        for _ in range(TAMPERED // HONEST):
            how = dice.choice(UNPROVEN if n % 5 else UNPROVEN + BY_A_COPY)
            yield how.__name__, how(meddler)
        yield "replayed", (Pen.topic, meddler.any())


def test_of_ten_thousand_tampered_frames_none_is_taken_and_every_honest_one_is(
    ingest, others, pen, server_keys, device_keys
):
    meddler = Meddler(20261121, pen, server_keys, device_keys)
    sent = list(stream(meddler, pen))
    kinds = Counter(kind for kind, _ in sent)
    for start in range(0, len(sent), GROUP):
        group = sent[start : start + GROUP]
        ingest.worker.store([ingest.inbound(payload, topic) for _, (topic, payload) in group])

    assert sum(kinds.values()) - kinds["honest"] - kinds["replayed"] == TAMPERED
    assert min(kinds.values()) > 100, kinds
    assert ingest.acknowledged == len(sent)
    stored = ingest.rows(tables.events)
    assert {row.origin for row in stored} == {KIOSK}
    assert [row.sequence for row in stored] == list(range(1, pen.sequence + 1))
    assert {row.type for row in stored} == {"attendance"}
    running = chain.extend(chain.genesis(DISTRICT, KIOSK, 1), [row.event_hash for row in stored])
    assert running == pen.head == ingest.last_receipt().chain_head
    assert ingest.last_receipt().stored_through == pen.sequence
    _assert_each_is_noted_or_beyond_the_quota(ingest, sent)
    assert ingest.rows(tables.waiting) == []


def _assert_each_is_noted_or_beyond_the_quota(ingest, sent: list[tuple[str, Sent]]) -> None:
    tampered, copied = set(), set()
    for kind, (_, payload) in sent:
        hashed = hashlib.sha256(payload).digest()
        if kind in {how.__name__ for how in BY_A_COPY}:
            copied.add(hashed)
        elif kind not in ("honest", "replayed"):
            tampered.add(hashed)
    rows = ingest.rows(tables.quarantine)
    kept = {row.content_hash: row for row in rows if row.content_hash in copied}
    noted = [row for row in rows if row.content_hash not in copied]
    assert kept.keys() == copied
    assert all(row.alarm and row.frame for row in kept.values())
    assert {row.content_hash for row in noted} <= tampered
    assert all(row.frame is None for row in noted)
    assert max(Counter(row.origin for row in noted).values()) == quarantine.STRANGERS
