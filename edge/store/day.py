"""What happened at the centre on one day, folded from its events."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from anganwadi import events
from anganwadi.events import Event, Meal
from anganwadi.ids import PersonId


@dataclass
class DayState:
    """One day as the kiosk shows it. A later mark of the same child replaces an earlier one."""

    day: date
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    present: set[PersonId] = field(default_factory=set)
    absent: set[PersonId] = field(default_factory=set)
    meals: dict[Meal, int] = field(default_factory=dict)
    weights: dict[PersonId, events.Weighed] = field(default_factory=dict)
    measures: dict[PersonId, events.Measured] = field(default_factory=dict)
    care: dict[PersonId, events.CareDecided] = field(default_factory=dict)
    rations: dict[PersonId, events.RationCollected] = field(default_factory=dict)
    handed_out: dict[PersonId, datetime] = field(default_factory=dict)
    """When each of `rations` was recorded, UTC."""
    refusals: dict[PersonId, events.RationRefused] = field(default_factory=dict)
    head_count: events.HeadCounted | None = None
    """The latest."""
    face_tries: dict[PersonId, list[events.FaceNotMatched]] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.closed_at is None

    def add(self, event: Event) -> None:
        """Fold one event in. Events that say nothing of a day are passed over."""
        match event.body:
            case events.CentreOpened():
                self.opened_at, self.closed_at = self.opened_at or event.at, None
            case events.CentreClosed():
                self.closed_at = event.at
            case events.AttendanceMarked(person_id=person, present=present):
                (self.present if present else self.absent).add(person)
                (self.absent if present else self.present).discard(person)
            case events.MealServed(meal=meal, count=count):
                self.meals[meal] = count
            case events.Weighed() as weighed:
                self.weights[weighed.person_id] = weighed
            case events.Measured() as measured:
                self.measures[measured.person_id] = measured
            case events.CareDecided() as care:
                self.care[care.person_id] = care
            case events.RationCollected() as ration:
                self.rations[ration.person_id] = ration
                self.handed_out[ration.person_id] = event.at
            case events.RationRefused() as refusal:
                self.refusals[refusal.person_id] = refusal
            case events.HeadCounted() as counted:
                self.head_count = counted
            case events.FaceNotMatched() as not_matched:
                self.face_tries.setdefault(not_matched.person_id, []).append(not_matched)
            case _:
                pass


def fold(day: date, happened: Iterable[Event]) -> DayState:
    """The state of `day` after these events of it, in order."""
    state = DayState(day)
    for event in happened:
        state.add(event)
    return state
