"""Why something is in quarantine: the sentences that officers read, the same for every row of a kind."""

from enum import StrEnum


class Reason(StrEnum):
    # of a message that no device proved its own
    OTHER_TOPIC = "the topic is not the header's device"
    NOT_ENROLLED = "no such device and epoch is enrolled"
    OUR_OWN = "the server's own events do not come from outside"
    # of a device's frame or letter
    RETIRED = "retired: nothing more is taken of this device"
    OTHER_EVENT = "a fork: another event stands at this place, the device may be a copy"
    OTHER_PAST = "a fork: what the device recorded before is not what is stored"
    LATE = "came after its place was given up"
    OTHER_EPOCH = "a gap of another epoch than the device's"
    NOT_STORED = "a letter that could not be stored"
    TOO_MUCH_LOST = "more events lost than a device may lose in an epoch"
    # of one event
    OTHER_CENTRE = "an event of another centre than the device's"
    SERVER_ONLY = "an event that only the server may record"
    SIMULATED = "an event from simulated devices outside a demo district"
    FUTURE = "an event more than a day in the future"
    PAST = "an event more than 400 days in the past"
    UNPROVEN_WORKER = "an event without a proven worker, of a kind that needs one"
    UNKNOWN_WORKER = "a worker who is not one of the centre's"
    UNKNOWN_PERSON = "a person whom nobody registered"
    OTHERS_PERSON = "a person registered at another centre"
    OTHERS_RECORD = "a record of one person under another's id"
    NO_ID = "a person id of letters that no id has"
    ELSEWHERE = "a registration at another centre than the device's"


FORKS = (Reason.OTHER_EVENT, Reason.OTHER_PAST)
"""Somebody may have copied a device: an alarm."""

NEVER_TAKEN = (Reason.SERVER_ONLY, Reason.OTHERS_RECORD, Reason.NO_ID)
"""What nobody can release, however sure she is."""

NOT_KEPT = (Reason.OTHERS_RECORD, Reason.NO_ID)
"""Records that say who somebody is, but not under an id by which she could be erased: only their place is kept."""
