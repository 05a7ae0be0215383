"""What is said of a child's growth: classes, steps of care, danger signs, the line to tell the mother. English msgids.

The feeding advice follows the national guidelines on infant and young child feeding: breast milk alone for six months,
then thick and varied food besides. It needs the eye of a native reader and of a health worker in each language.
"""

from anganwadi.cmam import Appetite, Step
from anganwadi.faltering import Faltering
from anganwadi.growth import AcuteMalnutrition, NutritionClass
from edge.kiosk.i18n import N_

MILK_ALONE_MONTHS = 6

IMPLAUSIBLE = N_("Cannot be right")

UNDERWEIGHT: dict[NutritionClass | None, str] = {
    NutritionClass.NORMAL: N_("Weight is right for the age"),
    NutritionClass.MODERATE: N_("Underweight"),
    NutritionClass.SEVERE: N_("Severely underweight"),
    None: IMPLAUSIBLE,
}

STUNTING: dict[NutritionClass | None, str] = {
    NutritionClass.NORMAL: N_("Height is right for the age"),
    NutritionClass.MODERATE: N_("Short for the age"),
    NutritionClass.SEVERE: N_("Very short for the age"),
    None: IMPLAUSIBLE,
}

# From five years the same words stand for the body mass index.
WASTING: dict[NutritionClass | None, str] = {
    NutritionClass.NORMAL: N_("Weight is right for the height"),
    NutritionClass.MODERATE: N_("Thin"),
    NutritionClass.SEVERE: N_("Very thin"),
    None: IMPLAUSIBLE,
}

ACUTE: dict[AcuteMalnutrition | None, str] = {
    AcuteMalnutrition.NONE: N_("No acute malnutrition"),
    AcuteMalnutrition.MAM: N_("Moderate acute malnutrition (MAM)"),
    AcuteMalnutrition.SAM: N_("Severe acute malnutrition (SAM)"),
    None: IMPLAUSIBLE,
}

FALTERING = {
    Faltering.LOST: N_("Lost weight since last time"),
    Faltering.NO_GAIN: N_("No gain for a month"),
    Faltering.FELL: N_("Fell to a lower band of the chart"),
}

STEP = {
    Step.NRC: ("health", N_("To the Nutrition Rehabilitation Centre today")),
    Step.MEDICAL_OFFICER: ("health", N_("To the medical officer")),
    Step.CENTRE: ("visit", N_("Care at the centre")),
    Step.NONE: ("calendar", N_("Weigh again next month")),
}
"""Icon and word for where the child goes now."""

SIGN = {
    "not_feeding": ("meal", N_("Cannot drink or breastfeed")),
    "vomits_everything": ("alert", N_("Vomits everything")),
    "convulsions": ("alert", N_("Fits")),
    "lethargic": ("eye", N_("Very sleepy, hard to wake")),
    "fever_or_cold": ("health", N_("High fever, or cold body")),
    "breathing": ("health", N_("Fast or hard breathing")),
    "diarrhoea": ("alert", N_("Watery stools, dried out")),
    "skin_wounds": ("child", N_("Open wounds on the skin")),
}
"""Icon and word for each of `cmam.danger_signs`."""

APPETITE = {
    Appetite.PASSED: ("check", N_("Eats well")),
    Appetite.FAILED: ("cross", N_("Does not eat")),
    Appetite.NOT_TESTED: ("clock", N_("Not tested")),
}

COUNSEL_NRC = N_(
    "Your child is in danger and needs the Nutrition Rehabilitation Centre today. Take this slip with you."
)
COUNSEL_DOCTOR = N_(
    "Your child is very weak. Let the doctor see the child within five days, and feed every two hours."
)
COUNSEL_WEAK = {
    True: N_(
        "Your child needs more milk: breastfeed often, day and night, at least eight times. Come again in two weeks."
    ),
    False: N_(
        "Your child needs more food: one thick meal more every day, with oil. Come again in two weeks."
    ),
}
COUNSEL_FALTERING = {
    True: N_("Your child has not gained enough: breastfeed more often, day and night. Was the child ill?"),
    False: N_(
        "Your child has not gained enough: one meal more every day, thick and with oil. Was the child ill?"
    ),
}
COUNSEL_UNKNOWN = N_("Bring your child again next month, so that we see how the child grows.")
COUNSEL_WELL = {
    True: N_("Your child grows well. Mother's milk alone until six months, not even water."),
    False: N_("Your child grows well. Go on with many kinds of food, four times a day."),
}
"""What to tell the mother, by whether the child is under six months."""
