"""A claim: one person's ration of one calendar month, what was looked at for it, and how it was handed out.

It is the unit of every figure here. A stranger who is turned away in the morning and the woman herself who is known at
noon are one claim, that ended on her face.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from anganwadi.verification import Rung
from server.storage.registers import BY_FACE, OWN_FACE


class Look(msgspec.Struct, frozen=True):
    """A face was shown. `live` is None where no moves were asked for, `light` where it was not measured."""

    rung: Rung
    accepted: bool
    score: float | None
    light: str | None
    live: bool | None
    why_not: str | None
    challenge_ms: int | None
    machine_ms: int | None

    @property
    def failure(self) -> str | None:
        """Why it was not accepted; None where it was."""
        if self.accepted:
            return None
        if self.live is False:
            return "not_live"
        return "unusable" if self.score is None else "not_matched"


class Claim(msgspec.Struct):
    """`rung` is the evidence that the ration stands on, None while it is not handed out; `serve_ms` the time from
    tapping her name to that, where it was taken. `light` is that of the first look at which it was measured."""

    centre_id: str
    person_id: str
    month: str
    looks: list[Look] = []
    own_face_tried: bool = False
    light: str | None = None
    rung: Rung | None = None
    serve_ms: int | None = None

    def add(self, look: Look) -> None:
        """Put a look behind the others."""
        self.looks.append(look)
        self.own_face_tried = self.own_face_tried or look.rung in OWN_FACE
        self.light = self.light or look.light

    @property
    def by_face(self) -> bool:
        return self.rung in BY_FACE

    @property
    def own_face_failed(self) -> bool:
        """She was served, but not on her own face, though it was looked at."""
        return self.rung is not None and self.own_face_tried and self.rung not in OWN_FACE


def claims_of(rations: Iterable[Any], looks: Iterable[Any]) -> list[Claim]:
    """The claims of these rows of `queries.handed_out` and `queries.looks`, both in order of time. Of a ration that was
    recorded twice the first counts."""
    found: dict[tuple[str, str, str], Claim] = {}

    def claim(centre: str, person: str, day: str) -> Claim:
        key = (centre, person, day[:7])
        if key not in found:
            found[key] = Claim(*key)
        return found[key]

    for centre, person, day, rung, *seen in looks:
        claim(centre, person, day).add(Look(_RUNGS[rung], *seen))
    for centre, person, day, rung, serve_ms in rations:
        ration = claim(centre, person, day)
        if ration.rung is None:
            ration.rung, ration.serve_ms = _RUNGS[rung], serve_ms
    return list(found.values())


_RUNGS = {rung.value: rung for rung in Rung}
