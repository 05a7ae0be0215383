"""What a grievance's codes are called on pages: English msgids, translated where they are shown."""

from anganwadi.bodies import GrievanceOutcome
from provisioning.languages import msgid

OUTCOMES = {
    GrievanceOutcome.SERVED_LATER: msgid("She received her ration later"),
    GrievanceOutcome.NOT_ENTITLED: msgid("It was not the beneficiary"),
    GrievanceOutcome.UNREACHABLE: msgid("The family could not be reached"),
    GrievanceOutcome.OTHER: msgid("Something else, in words"),
}
