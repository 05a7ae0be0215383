"""How a try of a face is put together for the person it should be: burst, comparison, challenge."""

from collections.abc import Callable
from dataclasses import dataclass

from anganwadi.verification import Rung
from anganwadi.wire.login import RosterEntry
from edge.face.burst import Burst
from edge.face.engine import FaceEngine
from edge.face.liveness import Challenge
from edge.face.matching import verify
from edge.face.template import FaceTemplate
from edge.kiosk.centre_session import CentreSession
from edge.kiosk.face_try import Burst as AnyBurst
from edge.kiosk.face_try import Challenge as AnyChallenge
from edge.kiosk.face_try import FaceTry


@dataclass(frozen=True)
class FaceTools:
    """The steps of a try; the tests put played ones in their place."""

    new_burst: Callable[[FaceEngine], AnyBurst] = Burst
    new_challenge: Callable[[FaceEngine], AnyChallenge] = Challenge

    def begin(
        self, engine: FaceEngine, threshold: float, session: CentreSession, rung: Rung, shown: RosterEntry
    ) -> FaceTry:
        """A try of the face of `shown`, who is enrolled with the model in use."""
        assert shown.template is not None  # noqa: S101 - the rung needs it
        template, rotation = FaceTemplate.of_record(shown.template), session.rotation_of(shown.template)
        return FaceTry(
            rung,
            shown,
            self.new_burst(engine),
            lambda finding: verify(template, finding, threshold, rotation),
            lambda: self.new_challenge(engine),
        )
