"""Whoever stands before a played kiosk: a camera that shows one grey level, and an engine that knows people by it."""

import msgspec
import numpy as np

from edge.devices.camera import CameraError, Frame
from edge.face.engine import FaceFinding
from edge.face.hints import Hint
from edge.face.liveness import ChallengeStep, Liveness, Move, Why
from edge.face.quality import Quality

ROOM, DARK, HER, STRANGER = 0, 5, 60, 120
"""What stands before the played camera, as the brightness of its picture."""


class PlayedCamera:
    """A camera that shows one grey level: who or what is there."""

    simulated = True

    def __init__(self) -> None:
        self.shows = ROOM
        self.broken = False
        self.starts = self.stops = 0
        self.heard: list[str] = []
        self._sequence = 0

    def hear(self, prompt: str) -> None:
        self.heard.append(prompt)

    def start(self) -> None:
        self.starts += 1
        if self.broken:
            raise CameraError("the cable is out")

    def stop(self) -> None:
        self.stops += 1

    def frame(self, after: int | None = None) -> Frame:
        if self.broken:
            raise CameraError("the cable is out")
        self._sequence += 1
        return Frame(np.full((24, 32, 3), self.shows, np.uint8), self._sequence * 1.0, self._sequence)


class PlayedEngine:
    """Knows people by the grey level of the picture; they hold their heads as they are asked to."""

    model = "played-1"
    threshold = 0.54
    parts = (192,)

    def __init__(self, camera: PlayedCamera) -> None:
        self._camera = camera
        self._looks = 0

    def look(self, rgb: np.ndarray) -> FaceFinding:
        level = int(rgb[0, 0, 0])
        if level in (ROOM, DARK):
            return FaceFinding("no_face", self.model, Hint.NO_FACE if level == ROOM else Hint.TOO_DARK)
        asked = self._camera.heard[-1] if self._camera.heard else "straight"
        yaw = {"slightly_left": 12.0, "slightly_right": -12.0}.get(asked, 0.0)
        measured = Quality(width=160, brightness=100, contrast=40, sharpness=80, turn=0, yaw=yaw)
        return FaceFinding("ok", self.model, quality=measured, calibration="played", box=(level, 0, 1, 1))

    def embedded(self, finding: FaceFinding) -> FaceFinding:
        if finding.box is None:
            return finding
        self._looks += 1
        vector = np.random.default_rng(finding.box[0]).normal(size=192)
        vector += np.random.default_rng(self._looks).normal(scale=0.1, size=192)
        template = (vector / np.linalg.norm(vector)).astype(np.float32)
        return msgspec.structs.replace(finding, template=template)

    def analyse(self, rgb: np.ndarray) -> FaceFinding:
        return self.embedded(self.look(rgb))


class PlayedBurst:
    """Two usable pictures are a burst."""

    def __init__(self, engine: PlayedEngine) -> None:
        self._engine = engine
        self._found: list[FaceFinding] = []

    @property
    def done(self) -> bool:
        return len(self._found) >= 2

    def take(self, rgb: np.ndarray, at: float) -> str | None:
        finding = self._engine.analyse(rgb)
        if finding.template is not None:
            self._found.append(finding)
        return finding.hint

    def best(self) -> FaceFinding | None:
        return self._found[-1] if self._found else None


class PlayedChallenge:
    """Asks to turn left, then to blink, two pictures each; `passes` and `why` say how it ends, `never` that it does
    not."""

    passes, never = True, False
    why: Why | None = None
    same = True

    def __init__(self, _: object) -> None:
        self._taken = 0

    def take(self, rgb: np.ndarray, at: float) -> ChallengeStep:
        self._taken += 1
        done = self._taken >= 5 and not self.never
        move = None if done else Move.TURN_LEFT if self._taken < 3 else Move.BLINK
        why = self.why if done and not self.passes else None
        return ChallengeStep(
            move, done, done and self.passes, why, None, 12.0 - self._taken, self._taken // 3, 2
        )

    def result(self) -> Liveness:
        return Liveness(self.passes, (Move.TURN_LEFT, Move.BLINK), 0.002, ("glare",), 0.9, self.why)

    def holds(self, face: np.ndarray) -> bool:
        return self.same


class PlayedVoice:
    """What was said, in which language."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def say(self, text: str, language: str) -> None:
        self.said.append((language, text))

    def stop(self) -> None: ...


class PlayedHeads:
    """Counts as many heads as the test says."""

    number = 23

    def count(self, rgb: np.ndarray) -> int:
        return self.number
