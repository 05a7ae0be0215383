"""What /metrics says of ingest: how much, what became of it, and which stage the CPU time goes into.

parse, verify, open and decode are done to one frame after the other; place, append and commit to a group of them, in
one transaction; receipt afterwards.
"""

from collections.abc import Mapping

import structlog
from prometheus_client import Counter, Gauge, Histogram

from server.ingest.placed import Placed
from server.ingest.reasons import FORKS

STAGES = ("parse", "verify", "open", "decode", "place", "append", "commit", "receipt")

EVENTS = Counter("aangan_events_stored", "Events appended to the log")
DOUBTED = Counter("aangan_events_quarantined", "Events not believed, each of which kept its place in the log")
FRAMES = Counter("aangan_frames", "Frames and gap letters by what became of them", ["outcome"])
COMMIT = Histogram("aangan_ingest_transaction_seconds", "Time from taking frames to their commit")
WAITING = Gauge("aangan_waiting_frames", "Frames that came ahead of a gap and wait")
ALARMS = Gauge("aangan_quarantine_alarms", "Forks and other alarms in quarantine that nobody has dealt with")
STAGE_CPU = Counter("aangan_ingest_stage_cpu_seconds", "CPU time of ingest by stage", ["stage"])

_CPU_OF = {stage: STAGE_CPU.labels(stage) for stage in STAGES}

log = structlog.get_logger(__name__)


def spent(stages: Mapping[str, float]) -> None:
    """Count CPU seconds by stage."""
    for stage, seconds in stages.items():
        _CPU_OF[stage].inc(seconds)


def count(placed: Placed) -> None:
    """Count what was committed, and tell the log what somebody must hear of."""
    EVENTS.inc(placed.events)
    DOUBTED.inc(placed.doubted)
    for outcome, frames in placed.outcomes.items():
        FRAMES.labels(outcome).inc(frames)
    for state, reason in placed.alarms:
        name = "fork_seen" if reason in FORKS else "alarm"
        log.error(name, origin=state.origin, epoch=state.epoch, reason=str(reason))
    for state, events, why in placed.lost:
        log.warning("events_lost_by_kiosk", origin=state.origin, count=events, reason=why)
    for reason, frames in placed.refused.items():
        log.warning("frames_quarantined", reason=str(reason), frames=frames)
