"""What the groups of the report are called on pages: English msgids, translated where they are shown."""

from anganwadi.verification import Light
from provisioning.languages import msgid
from server.verification.ages import AgeBand
from server.verification.follow_up import Why
from server.verification.report import NOT_MEASURED

COLUMNS = {
    "people": (msgid("People"), msgid("with a ration of this month, given or tried")),
    "rations": (msgid("Rations"), msgid("handed out")),
    "face_share": (msgid("By face"), msgid("of the rations, on a face: her own or a trusted person's")),
    "looks": (msgid("Looks"), msgid("times a face was shown to the camera")),
    "false_reject": (
        msgid("Not known by face"),
        msgid("of those served whose own face was tried: the share served on other evidence"),
    ),
    "serve_p50_s": (
        msgid("Time, middle"),
        msgid("seconds from tapping the name to the ration: half took less"),
    ),
    "serve_p95_s": (msgid("Time, slowest"), msgid("seconds that 95 of 100 rations did not exceed")),
}
"""Heading and meaning of each column."""

SHARES = frozenset({"face_share", "false_reject"})
"""Columns of shares, written in hundredths; the others are numbers."""

AGES = {
    AgeBand.UNDER_18.value: msgid("under 18 years"),
    AgeBand.FROM_18.value: msgid("18 to 24 years"),
    AgeBand.FROM_25.value: msgid("25 to 34 years"),
    AgeBand.FROM_35.value: msgid("35 to 44 years"),
    AgeBand.FROM_45.value: msgid("45 to 59 years"),
    AgeBand.FROM_60.value: msgid("60 years and over"),
    AgeBand.UNKNOWN.value: msgid("age not known"),
}

LIGHTS = {
    Light.DARK.value: msgid("dark"),
    Light.DIM.value: msgid("dim"),
    Light.NORMAL.value: msgid("good light"),
    Light.BRIGHT.value: msgid("too bright"),
    Light.BACKLIT.value: msgid("light from behind"),
    NOT_MEASURED: msgid("light not measured"),
}

FAILURES = {
    "not_live": msgid("the moves asked for were not seen"),
    "not_matched": msgid("the face was not like the enrolled one"),
    "unusable": msgid("no picture was good enough"),
}

NOT_LIVE = {
    "timeout": msgid("the time ran out"),
    "wrong_move": msgid("another move than the one asked for"),
    "another_face": msgid("another face came in"),
    "several_faces": msgid("several faces"),
    "face_lost": msgid("the face left the picture"),
    "flat": msgid("the face turned like a flat picture"),
}
OTHER_NOT_LIVE = msgid("another reason")
"""For a reason that a newer kiosk may give: a code is never shown."""

WHY = {
    Why.DRAWN: msgid("drawn by lot"),
    Why.MANY_VOUCHED: msgid("many rations here on the worker's word"),
}
