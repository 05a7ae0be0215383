"""What a kiosk and the server say to each other at log-in and in between, each inside a sealed letter.

The kiosk makes a key pair for a log-in alone. The server checks the PIN and answers with a lease to that key: the data
key (DK) under which the kiosk's roster and history lie, held in RAM until logout. The roster itself is a document of
the down-link (`anganwadi.wire.downlink`) and comes apart from the lease.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from anganwadi.anthropometry import Position
from anganwadi.events import FaceTemplateRecord
from anganwadi.ids import CentreId, Grams, Millimetres, WorkerId
from anganwadi.people import Person

LOGIN = "login"
LEASE = "lease"
STATUS = "status"

DATA_KEY_BYTES = 32
MAX_RANGES = 64
Version = Annotated[int, Meta(ge=0, lt=2**53)]
"""The version of a document; 0 for none."""


class LoginRequest(msgspec.Struct, frozen=True):
    """Somebody at the kiosk typed a PIN. `post` is `AWW` (worker) or `AWH` (helper); `log_in_key` the raw X25519 public
    key that the answer is sealed to; `nonce` 16 random bytes that the answer repeats; `have` the version of the roster
    that the kiosk has, 0 for none."""

    post: Annotated[str, Meta(max_length=8)]
    pin: Annotated[str, Meta(max_length=16)]
    log_in_key: Annotated[bytes, Meta(min_length=32, max_length=32)]
    nonce: Annotated[bytes, Meta(min_length=16, max_length=16)]
    at: Annotated[datetime, Meta(tz=True)]
    have: Version = 0

    def __repr__(self) -> str:
        return f"LoginRequest(post={self.post!r}, pin=<hidden>)"


class Worker(msgspec.Struct, frozen=True):
    worker_id: WorkerId
    name: str
    post: str
    language: str


class LeaseGranted(msgspec.Struct, frozen=True, tag="granted"):
    """The PIN was right. `data_key` opens the kiosk's encrypted store until `expires`; `centre_names` by language.

    For `grace_hours` from now a kiosk with a TPM may let the same worker in again without the server; 0 forbids it.
    `roster_version` is that of the newest roster: a kiosk that has it need not wait for one.
    """

    nonce: bytes
    data_key: bytes
    worker: Worker
    centre_id: CentreId
    centre_names: dict[str, str]
    expires: datetime
    server_time: datetime
    grace_hours: float = 0.0
    roster_version: int = 0

    def __repr__(self) -> str:
        return "LeaseGranted(<hidden>)"


class LeaseRefused(msgspec.Struct, frozen=True, tag="refused"):
    """The PIN was wrong (`wrong_pin`, with the tries left), the log-in is locked (`locked`, until when), or no such
    worker is registered at this centre (`unknown_worker`)."""

    nonce: bytes
    reason: str
    tries_left: int = 0
    locked_until: datetime | None = None


class LeaseAnswer(msgspec.Struct, frozen=True):
    """The letter's content: one of the two."""

    answer: LeaseGranted | LeaseRefused


class PastWeight(msgspec.Struct, frozen=True):
    day: date
    grams: Grams


class PastMeasure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was measured of a child on a day besides the weight, as in `Measured`."""

    day: date
    length: Millimetres | None = None
    position: Position | None = None
    muac: Millimetres | None = None
    oedema: bool | None = None


class Care(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The care that was last decided for a child, as in `CareDecided`."""

    day: date
    step: str
    seen_by: date | None = None
    visits: tuple[date, ...] = ()


class RotationSecret(msgspec.Struct, frozen=True):
    """A centre's secret orthogonal matrix, by number: its templates are turned by it and fit no other centre's."""

    number: Annotated[int, Meta(ge=1, lt=2**31)]
    secret: Annotated[bytes, Meta(min_length=32, max_length=32)]

    def __repr__(self) -> str:
        return f"RotationSecret(number={self.number}, secret=<hidden>)"


class RosterEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One person as the kiosk needs her: her record, her face template if she consented, her past weights and measures,
    the care decided for her, the ration cycles she already collected, whether a card was issued and the Argon2id hash
    of its PIN, whether her ration is to be brought home."""

    person: Person
    template: FaceTemplateRecord | None = None
    weights: tuple[PastWeight, ...] = ()
    measures: tuple[PastMeasure, ...] = ()
    care: Care | None = None
    cycles: tuple[str, ...] = ()
    card_issued: bool = False
    card_pin: Annotated[str, Meta(max_length=200)] | None = None
    doorstep: bool = False


class Roster(msgspec.Struct, frozen=True):
    """All people of a centre at `version`; it replaces whatever roster the kiosk had.

    `rotation` is what its templates are turned by, and those enrolled from now on.

    `stored_through`: the identities and faces that the kiosk itself recorded up to this sequence are in `entries`, or
    were erased since.
    """

    centre_id: CentreId
    version: int
    entries: tuple[RosterEntry, ...]
    stored_through: int
    rotation: RotationSecret | None = None


class Notice(StrEnum):
    """Something is wrong with a kiosk, and somebody has to do something about it."""

    DISK_FULL = "disk_full"
    STORE_DAMAGED = "store_damaged"
    EVENTS_LOST = "events_lost"
    CLOCK_WRONG = "clock_wrong"
    FORKED = "forked"


class PartsHeld(msgspec.Struct, frozen=True, array_like=True):
    """Which parts of a document's `version` have come down so far, as ranges (first, last) of their numbers.

    `coming` says that those sent last are still on their way: the server need not send any now.
    """

    version: Version
    held: Annotated[tuple[tuple[int, int], ...], Meta(max_length=MAX_RANGES)]
    coming: bool = False


class KioskStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What a kiosk says of itself when it connects and now and then; the server answers with its receipt.

    `unreceipted_since_ms` and `unsafe_since_ms` are when the oldest event was recorded that the server has not
    receipted, or has in no backup. `sealing_key` is the number of the newest sealing key it has adopted, `oldest_key`
    that of the oldest one a frame it still holds is sealed to. `notices` are codes of what is wrong with it. `have`
    are the versions of the documents it has, `parts` those parts it has of the next versions.
    """

    epoch: int
    recorded: Annotated[int, Meta(ge=0, lt=2**62)]
    unreceipted_since_ms: Annotated[int, Meta(ge=0, lt=2**62)] | None = None
    unsafe_since_ms: Annotated[int, Meta(ge=0, lt=2**62)] | None = None
    sealing_key: Annotated[int, Meta(ge=1, lt=2**31)] = 1
    oldest_key: Annotated[int, Meta(ge=1, lt=2**31)] = 1
    notices: Annotated[tuple[Notice, ...], Meta(max_length=16)] = ()
    have: Annotated[dict[str, Version], Meta(max_length=16)] = {}
    parts: Annotated[dict[str, PartsHeld], Meta(max_length=16)] = {}
