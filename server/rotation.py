"""The rotation of sealing keys: the ring's files, the tables and the root's word brought together.

A key is deleted only once every device that is not retired said that it holds nothing sealed to it any more.
"""

import contextlib
from pathlib import Path

import msgspec
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from anganwadi.ids import SERVER_ORIGIN, DistrictId, Origin
from anganwadi.wire import announcement, frame
from anganwadi.wire.announcement import FIRST_NUMBER, Announcement
from anganwadi.wire.frame import BadFrame
from anganwadi.wire.keys import key_id
from provisioning.files import write_public
from server.keys import KeyRing
from server.storage import quarantine, sealing_keys, tables
from server.storage.engine import writing
from server.storage.sealing_keys import Need


class NotOurs(ValueError):
    """A genuine announcement, but of a key this server does not wait to give out; the text says why."""


class NoSuchDevice(LookupError):
    """No such device is enrolled, or none that is not retired."""


class KeyOverview(msgspec.Struct, frozen=True):
    """A sealing key for the list: `announced_ms` 0 where nobody announced it, `state` in a word or two."""

    number: int
    seal_id: bytes
    announced_ms: int
    state: str
    needed_by: int


class Pruned(msgspec.Struct, frozen=True):
    """Which keys are gone now, and what kept older ones than the newest from being deleted: devices, and how many
    frames in quarantine, by the number of the key they are sealed to."""

    deleted: list[int]
    waiting_for: list[Need]
    quarantined: dict[int, int]


class Retired(msgspec.Struct, frozen=True):
    """A device that is done with; `missing` are events it said it recorded that never came."""

    epoch: int
    missing: int


def ask(ring: KeyRing, district: DistrictId, now_ms: int, request: Path, at_least: int = 0) -> Announcement:
    """Make the next sealing key and write what the root is to sign; asked again, for the same key."""
    number = ring.add(at_least)
    asked = Announcement(district, number, ring.numbers[number], now_ms)
    write_public(request, announcement.encode(asked))
    return asked


def announce(
    engine: sa.Engine, ring: KeyRing, district: DistrictId, root: Ed25519PublicKey, signed: bytes, now_ms: int
) -> int:
    """Give out the key that the root announced; its number.

    Raises:
        BadAnnouncement: the root did not announce it.
        NotOurs: its private half is not here, or a newer one is given out already.
    """
    news = announcement.verify(signed, root, district)
    if ring.numbers.get(news.number) != news.seal_key:
        raise NotOurs(
            f"the private half of sealing key {news.number} is not here: `python -m server keys new`"
        )
    if news.number < ring.newest_number:
        raise NotOurs(f"sealing key {ring.newest_number} is given out already, {news.number} is older")
    with writing(engine) as connection:
        first = ring.numbers.get(FIRST_NUMBER)
        if first is not None:
            sealing_keys.note(connection, district, FIRST_NUMBER, first, b"", 0)
        sealing_keys.note(connection, district, news.number, news.seal_key, signed, now_ms)
    ring.announce(news.number, signed)
    return news.number


def overview(connection: sa.Connection, ring: KeyRing, district: DistrictId) -> list[KeyOverview]:
    """Every key there is or was, the oldest first."""
    given_out = {key.number: key for key in sealing_keys.given_out(connection, district)}
    here, newest = ring.numbers, ring.newest_number
    needs = sealing_keys.needs(connection, district)

    def state(number: int) -> str:
        if number not in here:
            return "deleted"
        if number > newest:
            return "unannounced"
        return "newest" if number == newest else "opens"

    return [
        KeyOverview(
            number=number,
            seal_id=key_id(here[number] if number in here else given_out[number].seal_key),
            announced_ms=given_out[number].announced_ms if number in given_out else 0,
            state=state(number),
            needed_by=sum(need.oldest_key <= number <= newest for need in needs),
        )
        for number in sorted(here.keys() | given_out.keys())
    ]


def prune(
    engine: sa.Engine, ring: KeyRing, district: DistrictId, now_ms: int, *, despite_quarantine: bool = False
) -> Pruned:
    """Delete every key older than the newest that no device needs, and no frame in quarantine that may be released yet.

    With `despite_quarantine` such frames are given up: else whoever has a copied card could keep a key alive for ever.
    """
    newest = ring.newest_number
    with writing(engine) as connection:
        needs = sealing_keys.needs(connection, district)
        quarantined = _quarantined(connection, ring, district)
        oldest = min((need.oldest_key for need in needs), default=newest)
        kept = set() if despite_quarantine else quarantined.keys()
        unneeded = [n for n in sorted(ring.numbers) if n < min(oldest, newest) and n not in kept]
        for number in unneeded:
            ring.delete(number)
        for key in sealing_keys.given_out(connection, district):
            if key.number < newest and key.number not in ring.numbers:
                sealing_keys.mark_deleted(connection, district, key.number, now_ms)
    left = {number: frames for number, frames in quarantined.items() if number in ring.numbers}
    return Pruned(unneeded, [need for need in needs if need.oldest_key < newest], left)


def _quarantined(connection: sa.Connection, ring: KeyRing, district: DistrictId) -> dict[int, int]:
    """How many frames nobody released yet are sealed to each key older than the newest."""
    numbers = {key_id(public): number for number, public in ring.numbers.items()}
    found: dict[int, int] = {}
    for payload in quarantine.unreleased_frames(connection, district):
        with contextlib.suppress(BadFrame):  # a letter, or no frame at all: no key will help
            number = numbers.get(frame.parse(payload).header.key_id)
            if number is not None and number < ring.newest_number:
                found[number] = found.get(number, 0) + 1
    return found


def retire(
    engine: sa.Engine, district: DistrictId, device: Origin, epoch: int | None, now_ms: int
) -> list[Retired]:
    """Be done with a device in one epoch, or in all.

    Raises:
        NoSuchDevice: none such is enrolled, or it is retired already, or it is the server itself.
    """
    origins = tables.origins
    meant = [
        origins.c.district_id == district,
        origins.c.origin == device,
        origins.c.origin != SERVER_ORIGIN,
        origins.c.retired_ms.is_(None),
    ]
    if epoch is not None:
        meant.append(origins.c.epoch == epoch)
    with writing(engine) as connection:
        found = connection.execute(
            sa.select(origins.c.epoch, origins.c.recorded, origins.c.stored_through).where(*meant)
        ).all()
        if not found:
            raise NoSuchDevice(f"no device {device} that is not retired is enrolled")
        connection.execute(sa.update(origins).where(*meant).values(retired_ms=now_ms))
    return [Retired(each.epoch, max(0, (each.recorded or 0) - each.stored_through)) for each in found]
