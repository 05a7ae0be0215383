"""What codes are called on the screen: categories, classes, kinds of evidence, reasons, hints. English msgids."""

from collections.abc import Iterable

import msgspec

from anganwadi.events import Meal
from anganwadi.people import Category
from anganwadi.verification import AttestationReason, DoorstepReason, Leaving, Rung
from anganwadi.wire.login import Notice
from edge.kiosk.i18n import N_

CATEGORY = {
    Category.CHILD_0_6M: N_("Child under 6 months"),
    Category.CHILD_6_36M: N_("Child 6 months to 3 years"),
    Category.CHILD_3_6Y: N_("Child 3 to 6 years"),
    Category.SAM_6_36M: N_("Child 6 months to 3 years, severe malnutrition"),
    Category.SAM_3_6Y: N_("Child 3 to 6 years, severe malnutrition"),
    Category.PREGNANT: N_("Pregnant woman"),
    Category.LACTATING: N_("Nursing mother"),
    Category.ADOLESCENT: N_("Adolescent girl"),
    Category.NONE: N_("Registered at this centre"),
}

SERVICE = {
    "THR": N_("Take-home ration"),
    "THR_ENHANCED": N_("Take-home ration with extra nutrition"),
}

MEAL = {
    Meal.MORNING_SNACK: N_("Morning snack"),
    Meal.HOT_COOKED_MEAL: N_("Hot cooked meal"),
}

POST = {"AWW": N_("Anganwadi worker"), "AWH": N_("Anganwadi helper")}

OTHER_WITNESS = N_("Another woman who is here")

SHORT_MESSAGE = 140
"""Letters of a message that the start page shows in full."""

RUNG = {
    Rung.FACE: N_("Face"),
    Rung.FACE_RETRY: N_("Face, second try"),
    Rung.NOMINEE_FACE: N_("Face of a trusted person"),
    Rung.CARD: N_("Card"),
    Rung.PHONE_OTP: N_("Code from her phone"),
    Rung.ATTESTATION: N_("You vouch for her"),
    Rung.DOORSTEP: N_("At the doorstep"),
}

ATTESTATION: dict[AttestationReason, str] = {
    AttestationReason.FACE_NOT_MATCHED: N_("The face did not match"),
    AttestationReason.NOT_ENROLLED: N_("No face enrolled"),
    AttestationReason.CONSENT_DECLINED: N_("She does not want her face used"),
    AttestationReason.TOO_DARK: N_("Too dark here"),
    AttestationReason.CAMERA_BROKEN: N_("The camera does not work"),
    AttestationReason.FACE_COVERED: N_("Her face stays covered"),
}

SEALED_REASON = {
    AttestationReason.NOT_LOGGED_IN: ("lock", N_("Nobody can log in now")),
    AttestationReason.NOT_ENROLLED: ("face", ATTESTATION[AttestationReason.NOT_ENROLLED]),
    AttestationReason.CONSENT_DECLINED: ("cross", ATTESTATION[AttestationReason.CONSENT_DECLINED]),
    AttestationReason.FACE_COVERED: ("person", ATTESTATION[AttestationReason.FACE_COVERED]),
    AttestationReason.CAMERA_BROKEN: ("camera", ATTESTATION[AttestationReason.CAMERA_BROKEN]),
    AttestationReason.TOO_DARK: ("alert", ATTESTATION[AttestationReason.TOO_DARK]),
}
"""Icon and word for why the worker vouches where no face can be compared, so none can fail to match. The first is
offered here alone, and chosen unless she chooses another."""

LEAVING = {
    Leaving.STRANGER: ("failed", N_("It is not she, and nothing else speaks for her")),
    Leaving.NO_STOCK: ("stock", N_("The ration has run out")),
    Leaving.FAMILY_LEFT: ("clock", N_("The family did not want to wait")),
    Leaving.OTHER: ("alert", N_("Another reason")),
}
"""Icon and word for why somebody leaves without a ration."""

DOORSTEP = {
    DoorstepReason.BEDRIDDEN: ("health", N_("She is ill and cannot come")),
    DoorstepReason.NEWBORN: ("child", N_("She has just given birth")),
    DoorstepReason.DISABILITY: ("person", N_("She cannot walk so far")),
    DoorstepReason.FAR: ("place", N_("She lives far away")),
    DoorstepReason.OTHER: ("alert", N_("Another reason")),
}
"""Icon and word for why a ration is brought home."""

MANUAL_WEIGHT = {
    "scale_broken": N_("The scale does not work"),
    "scale_away": N_("The scale is not here"),
    "child_restless": N_("The child does not stay still"),
    "weighed_elsewhere": N_("Weighed elsewhere today"),
}

HINT = {
    "no_face": ("face", N_("Look into the camera.")),
    "several_faces": ("person", N_("Who is collecting? Only one person before the camera, please.")),
    "too_dark": ("alert", N_("It is too dark. Turn her face to the light.")),
    "too_bright": ("alert", N_("It is too bright. Turn her away from the window or lamp.")),
    "backlit": ("alert", N_("The light is behind her. Turn her round, towards the light.")),
    "covered": ("person", N_("Uncover mouth and nose, only for a moment. The hair may stay covered.")),
    "too_far": ("up", N_("Come closer to the camera.")),
    "off_centre": ("person", N_("Move so that the whole face is in the picture.")),
    "turned": ("face", N_("Turn the face straight to the camera.")),
    "turn_more": ("refresh", N_("A little further.")),
    "turn_less": ("face", N_("Not so far.")),
    "blurred": ("clock", N_("Hold still for a moment.")),
    "another_face": ("alert", N_("This is another face than before. Only she may be before the camera.")),
    "camera": ("camera", N_("The camera gives no picture. Check its cable.")),
    "hold_still": ("clock", N_("Good. Hold still for a moment.")),
}
"""Icon and sentence for what a picture lacks."""

NOBODY = frozenset({"no_face"})
"""Hints that say that nobody may be there yet."""


class MoveWords(msgspec.Struct, frozen=True):
    """A move of the challenge: icon, word on the screen, sentence to say. An icon of a side is not mirrored: left is
    the person's own left, as in a looking-glass."""

    icon: str
    word: str
    spoken: str


MOVE = {
    "turn_left": MoveWords("back", N_("Left"), N_("Turn your head to the left.")),
    "turn_right": MoveWords("arrow", N_("Right"), N_("Turn your head to the right.")),
    "blink": MoveWords("eye", N_("Blink"), N_("Close your eyes and open them again.")),
}

NOTHING_LOST = N_("Nothing is lost. You receive your ration.")

POSE = {
    "straight": ("face", N_("Look straight into the camera.")),
    "slightly_left": ("back", N_("Now turn a little to the left.")),
    "slightly_right": ("arrow", N_("Now turn a little to the right.")),
}
"""Icon and sentence for the pose that the next picture of an enrolment needs; sides as in `MOVE`."""

WHY = {
    "timeout": N_("The time was over before the moves were seen."),
    "wrong_move": N_("The head moved in another way than was asked."),
    "another_face": N_("Another face came before the camera."),
    "flat": N_("The camera saw a flat picture and not a face."),
    "face_lost": N_("The face went out of the picture."),
    "several_faces": N_("Several people were before the camera."),
    "abandoned": N_("The face check was broken off."),
}
"""Why no live face was seen."""

STATE = {
    "logged_in": ("person", N_("Logged in")),
    "grace": ("key", N_("Logged in offline")),
    "sealed_only": ("lock", N_("Locked")),
}
"""Icon and word for who is logged in, short enough for the corner of every page."""

NOTICE = {
    Notice.FORKED: (
        N_("There seems to be a copy of this kiosk."),
        N_("Go on working. Call your supervisor today: somebody has to look at this kiosk."),
    ),
    Notice.DISK_FULL: (
        N_("The kiosk's memory is full."),
        N_("What was saved is safe. Call the help desk today. Until then write on paper what cannot be saved."),
    ),
    Notice.STORE_DAMAGED: (
        N_("The kiosk's memory card is damaged."),
        N_("Go on working. Call the help desk today: the card has to be changed."),
    ),
    Notice.EVENTS_LOST: (
        N_("Some records of this kiosk are lost."),
        N_("The district knows which. Call your supervisor: she says what to enter again."),
    ),
    Notice.CLOCK_WRONG: (
        N_("The kiosk's clock is wrong."),
        N_("Switch the internet box on, the clock then sets itself. If this stays until tomorrow, call the help desk."),
    ),
}  # fmt: skip
"""What happened and the one thing to do, the most urgent first."""


def by_urgency(notices: Iterable[Notice]) -> list[Notice]:
    return sorted(notices, key=list(NOTICE).index)
