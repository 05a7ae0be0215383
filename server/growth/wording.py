"""What the figures of growth are called on pages: English msgids, translated where they are shown."""

from provisioning.languages import msgid
from server.growth.children import Band
from server.growth.prevalence import ALL, BOYS, GIRLS
from server.growth.urgency import Why

COVERAGE = {
    "weighed": (msgid("Weighed"), "weigh"),
    "length": (msgid("Length or height"), "height"),
    "muac": (msgid("Arm (MUAC)"), "health"),
}
"""Heading and icon of what was measured."""

INDICATORS = {
    "severely_underweight": (msgid("Severely underweight"), msgid("weight for age below -3")),
    "moderately_underweight": (msgid("Moderately underweight"), msgid("weight for age from -3 to below -2")),
    "sam": (msgid("SAM"), msgid("weight for height below -3, arm under 115 mm, or swollen feet")),
    "mam": (msgid("MAM"), msgid("weight for height from -3 to below -2, or arm of 115 to 124 mm")),
    "severely_stunted": (msgid("Severely stunted"), msgid("height for age below -3")),
    "moderately_stunted": (msgid("Moderately stunted"), msgid("height for age from -3 to below -2")),
}
"""Heading and meaning of each kind of malnutrition."""

GROUPS = {
    ALL: msgid("All below five years"),
    GIRLS: msgid("Girls"),
    BOYS: msgid("Boys"),
    Band.FROM_0.value: msgid("0 to 5 months"),
    Band.FROM_6.value: msgid("6 to 23 months"),
    Band.FROM_24.value: msgid("24 to 59 months"),
    Band.FROM_60.value: msgid("60 to 71 months"),
}

WHY = {
    Why.NRC: (msgid("Sent to the NRC, not seen again"), "home", "bad"),
    Why.SEEN_BY: (msgid("Should have been seen by the doctor"), "clock", "bad"),
    Why.OEDEMA: (msgid("Swollen feet (oedema)"), "alert", "bad"),
    Why.SAM: (msgid("Severe acute malnutrition (SAM)"), "alert", "bad"),
    Why.UNDERWEIGHT: (msgid("Severely underweight"), "weigh", "bad"),
    Why.LOST: (msgid("Lost weight"), "chart", "warn"),
    Why.NO_GAIN: (msgid("Gained nothing in a month"), "chart", "warn"),
    Why.FELL: (msgid("Fell across a line of the chart"), "chart", "warn"),
    Why.VISIT: (msgid("Visit overdue"), "visit", "warn"),
}
"""Words, icon and tone of why a child is to be seen, in order of urgency."""

DIGITS = {
    "weight": (msgid("Weight: the 100 g"), "weigh"),
    "length": (msgid("Length or height: the mm"), "height"),
    "length_cm": (msgid("Length or height: the whole cm"), "height"),
    "muac": (msgid("Arm (MUAC): the mm"), "health"),
}

SHARES = {
    "by_hand": msgid("Weights typed in by hand"),
    "in_arms": msgid("Weights from the scale, taken in somebody's arms"),
    "differed": msgid("Weights whose readings lay more than 100 g apart"),
    "without_length": msgid("Children weighed, but without length or height"),
    "confirmed_weights": msgid("Weights unlike the last one, confirmed by the worker"),
    "confirmed_lengths": msgid("Lengths unlike the last one, confirmed by the worker"),
}

INDEXES = {
    "waz": msgid("Weight for age (WAZ)"),
    "haz": msgid("Height for age (HAZ)"),
    "whz": msgid("Weight for height (WHZ)"),
}
