"""What the codes of a centre's day are called on pages: English msgids, translated where they are shown."""

from anganwadi.events import Meal
from anganwadi.growth import AcuteMalnutrition, NutritionClass
from anganwadi.verification import AttestationReason, DoorstepReason, Leaving, Rung
from anganwadi.wire.login import Notice
from provisioning.languages import msgid
from server.accounts.scope import Role

RUNGS = {
    Rung.FACE: msgid("Face"),
    Rung.FACE_RETRY: msgid("Face, second try"),
    Rung.NOMINEE_FACE: msgid("Nominee's face"),
    Rung.CARD: msgid("Card and PIN"),
    Rung.PHONE_OTP: msgid("Code by phone"),
    Rung.ATTESTATION: msgid("Worker vouches"),
    Rung.DOORSTEP: msgid("Delivered at home"),
}

RUNG_ICONS = {
    Rung.FACE: "face",
    Rung.FACE_RETRY: "face",
    Rung.NOMINEE_FACE: "person",
    Rung.CARD: "card",
    Rung.PHONE_OTP: "phone",
    Rung.ATTESTATION: "witness",
    Rung.DOORSTEP: "home",
}

REASONS = {
    AttestationReason.FACE_NOT_MATCHED.value: msgid("face not matched"),
    AttestationReason.NOT_ENROLLED.value: msgid("face not enrolled"),
    AttestationReason.CONSENT_DECLINED.value: msgid("did not consent to face"),
    AttestationReason.TOO_DARK.value: msgid("too dark"),
    AttestationReason.CAMERA_BROKEN.value: msgid("camera broken"),
    AttestationReason.FACE_COVERED.value: msgid("face covered"),
    AttestationReason.NOT_LOGGED_IN.value: msgid("nobody could log in"),
    Leaving.NO_STOCK.value: msgid("the ration ran out"),
    Leaving.FAMILY_LEFT.value: msgid("the family did not want to wait"),
    Leaving.STRANGER.value: msgid("somebody came who may not collect for her"),
    Leaving.OTHER.value: msgid("other reason"),
}
"""Why a worker vouched, and (as the kiosk codes it) why no ration was handed out."""

OTHER_REASON = REASONS[Leaving.OTHER.value]
"""For a reason that a newer kiosk may give: a code is never shown."""

DOORSTEP = {
    DoorstepReason.BEDRIDDEN.value: msgid("ill, cannot come"),
    DoorstepReason.NEWBORN.value: msgid("has just given birth"),
    DoorstepReason.DISABILITY.value: msgid("cannot walk so far"),
    DoorstepReason.FAR.value: msgid("lives far away"),
    DoorstepReason.OTHER.value: OTHER_REASON,
}
"""Why a ration is brought home."""

MEALS = {
    Meal.MORNING_SNACK.value: msgid("Morning snack"),
    Meal.HOT_COOKED_MEAL.value: msgid("Hot cooked meal"),
}

WITNESSES = {"AWW": msgid("the worker"), "AWH": msgid("the helper")}
"""Who saw a ration handed out, where it was not another woman, who is named."""

WEIGHT_CLASSES = {
    NutritionClass.SEVERE.value: msgid("Severely underweight"),
    NutritionClass.MODERATE.value: msgid("Moderately underweight"),
    NutritionClass.NORMAL.value: msgid("Normal weight"),
}

ACUTE = {
    AcuteMalnutrition.SAM.value: msgid("Severe acute malnutrition (SAM)"),
    AcuteMalnutrition.MAM.value: msgid("Moderate acute malnutrition (MAM)"),
}

NOTICES = {
    Notice.DISK_FULL.value: msgid("memory card full"),
    Notice.STORE_DAMAGED.value: msgid("memory card damaged"),
    Notice.EVENTS_LOST.value: msgid("records lost on the kiosk"),
    Notice.CLOCK_WRONG.value: msgid("clock wrong"),
    Notice.FORKED.value: msgid("records do not match: a copied card?"),
}
"""What a kiosk says is wrong with it."""

ROLES = {
    Role.SUPERVISOR: msgid("Supervisor"),
    Role.CDPO: msgid("CDPO"),
    Role.DPO: msgid("DPO"),
}
