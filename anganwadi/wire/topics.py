"""The MQTT topics. A kiosk may write below its own `up/` and read its own `down/`, by the broker's ACL."""

import msgspec

from anganwadi.ids import DistrictId, Origin, district_id, origin

PREFIX = "aangan/1"
"""The family of topics and its version."""


class BadTopic(ValueError):
    """A topic that is not of this family."""


class UpTopic(msgspec.Struct, frozen=True):
    """A parsed topic on which a kiosk speaks; `channel` is `frame`, `gap`, `login`, `otp` or `status`."""

    district: DistrictId
    origin: Origin
    channel: str


def up(district: DistrictId, device: Origin, channel: str) -> str:
    """The topic on which `device` sends."""
    return f"{PREFIX}/{district}/{device}/up/{channel}"


def down(district: DistrictId, device: Origin, channel: str) -> str:
    """The topic on which the server answers `device`: `receipt`, `lease`, `part`, `key`, `otp_answer`,
    `hello`."""
    return f"{PREFIX}/{district}/{device}/down/{channel}"


def parse_up(topic: str) -> UpTopic:
    """Take an up-topic apart.

    Raises:
        BadTopic: it is not of the form `up` makes.
    """
    parts = topic.split("/")
    if len(parts) != 6 or "/".join(parts[:2]) != PREFIX or parts[4] != "up":
        raise BadTopic("not a topic a kiosk speaks on")
    try:
        return UpTopic(district_id(parts[2]), origin(parts[3]), parts[5])
    except ValueError as error:
        raise BadTopic(str(error)) from error
