"""Why a picture was not used, in words a worker can act on. The words on the screen are the kiosk's (gettext)."""

from enum import StrEnum


class Hint(StrEnum):
    """What to change before the next picture."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    TOO_FAR = "too_far"
    OFF_CENTRE = "off_centre"
    TURNED = "turned"
    BLURRED = "blurred"
    ANOTHER_FACE = "another_face"
    """During an enrolment: not the face it began with"""
