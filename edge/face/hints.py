"""Why a picture was not used, in words a worker can act on. The words on the screen are the kiosk's (gettext)."""

from enum import StrEnum


class Hint(StrEnum):
    """What to change before the next picture."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    """Two faces of about one size: who is collecting?"""
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BACKLIT = "backlit"
    """The light is behind her, and her face in the dark"""
    TOO_FAR = "too_far"
    OFF_CENTRE = "off_centre"
    COVERED = "covered"
    """Something is before mouth, nose or eyes"""
    TURNED = "turned"
    TURN_MORE = "turn_more"
    """When a turn was asked for: not far enough"""
    TURN_LESS = "turn_less"
    """When a small turn was asked for: too far"""
    BLURRED = "blurred"
    ANOTHER_FACE = "another_face"
    """During an enrolment: not the face it began with"""
