"""A hidden mouth, nose or eye is seen; a covered head and spectacles are not held against her. Occluders are drawn."""

import cv2
import numpy as np
import pytest

from edge.face.engine import FaceEngine
from edge.face.hints import Hint

FACES = ("astronaut", "grace_hopper")
CLOTH = ((40, 90, 60), (150, 40, 60), (225, 215, 200))
EYES, MOUTH, NOSE = ((33, 133), (362, 263)), (61, 291), (1,)


class Drawn:
    """A face in a picture that things can be drawn before, measured in distances between her eyes."""

    def __init__(self, engine: FaceEngine, rgb: np.ndarray) -> None:
        face = engine.pipeline.place(rgb, engine.pipeline.detect(rgb)[0])
        assert face is not None
        self.rgb, self._points = rgb.copy(), face.mesh.vertices[:, :2]
        self.eyes = [self.at(corners) for corners in EYES]
        self.unit = float(np.linalg.norm(self.eyes[1] - self.eyes[0]))
        self.skin = tuple(int(level) for level in np.median(rgb[self._rows(), self._columns()], axis=0))

    def at(self, vertices: tuple[int, ...]) -> np.ndarray:
        return self._points[list(vertices)].mean(axis=0)

    def bar(self, start: np.ndarray, end: np.ndarray, wide: float, colour: tuple[int, ...]) -> None:
        one, other = np.round(start).astype(int).tolist(), np.round(end).astype(int).tolist()
        cv2.line(self.rgb, one, other, colour, max(1, round(wide * self.unit)), cv2.LINE_AA)

    def hand(self, where: np.ndarray) -> np.ndarray:
        """Four fingers that come from the side."""
        shade = tuple(round(level * 0.7) for level in self.skin)
        for finger in range(4):
            start = where + self.unit * np.array([-0.75, (finger - 1.5) * 0.3])
            end = start + self.unit * np.array([3.0, 0.3])
            self.bar(start, end, 0.3, shade)
            self.bar(start, end, 0.24, self.skin)
        return self.rgb

    def veil(self, colour: tuple[int, int, int]) -> np.ndarray:
        """A cloth over mouth and the tip of the nose."""
        top = round(float(self.at(NOSE)[1]))
        self.rgb[top : round(top + 2 * self.unit)] = colour
        return self.rgb

    def spectacles(self) -> np.ndarray:
        for eye in self.eyes:
            centre = tuple(np.round(eye).astype(int).tolist())
            axes = (round(0.4 * self.unit), round(0.3 * self.unit))
            cv2.ellipse(self.rgb, centre, axes, 0, 0, 360, (40, 30, 30), 2, cv2.LINE_AA)
        self.bar(self.eyes[0] + [0.4 * self.unit, 0], self.eyes[1] - [0.4 * self.unit, 0], 0.04, (40, 30, 30))
        return self.rgb

    def dupatta(self, colour: tuple[int, int, int]) -> np.ndarray:
        """A cloth over hair, ears and the forehead."""
        cloth = np.zeros(self.rgb.shape[:2], np.uint8)
        middle = (self.eyes[0] + self.eyes[1]) / 2 + [0, 0.5 * self.unit]
        centre = tuple(np.round(middle).astype(int).tolist())
        cv2.ellipse(cloth, centre, (round(1.8 * self.unit), round(2.4 * self.unit)), 0, 0, 360, (1,), -1)
        cv2.ellipse(cloth, centre, (round(1.0 * self.unit), round(1.2 * self.unit)), 0, 0, 360, (0,), -1)
        cloth[centre[1] :, round(middle[0] - self.unit) : round(middle[0] + self.unit)] = 0
        self.rgb[cloth > 0] = colour
        return self.rgb

    def _rows(self) -> list[int]:
        return [round(float(self._points[vertex, 1])) for vertex in (50, 280, 101, 330)]

    def _columns(self) -> list[int]:
        return [round(float(self._points[vertex, 0])) for vertex in (50, 280, 101, 330)]


@pytest.fixture(params=FACES)
def drawn(request: pytest.FixtureRequest, engine: FaceEngine, stand) -> Drawn:
    return Drawn(engine, stand(request.param, width=0.3, tilt=0))


def test_a_hand_before_mouth_nose_or_an_eye_is_nearly_always_seen(engine: FaceEngine, stand):
    seen = 0
    for face in FACES:
        for where in (MOUTH, NOSE, *EYES):
            drawn = Drawn(engine, stand(face, width=0.3, tilt=0))
            seen += engine.look(drawn.hand(drawn.at(where))).hint in {Hint.COVERED, Hint.NO_FACE}
    assert seen >= 7


@pytest.mark.parametrize("colour", CLOTH)
def test_a_cloth_over_mouth_and_nose_is_seen(engine: FaceEngine, drawn: Drawn, colour: tuple[int, int, int]):
    assert engine.analyse(drawn.veil(colour)).hint in {Hint.COVERED, Hint.NO_FACE}


@pytest.mark.parametrize("colour", CLOTH)
def test_a_cloth_over_hair_and_forehead_hides_nothing(
    engine: FaceEngine, drawn: Drawn, colour: tuple[int, int, int]
):
    assert engine.analyse(drawn.dupatta(colour)).status == "ok"


def test_spectacles_hide_nothing(engine: FaceEngine, drawn: Drawn):
    assert engine.analyse(drawn.spectacles()).status == "ok"


@pytest.mark.parametrize("face", FACES)
def test_an_uncovered_face_is_never_said_to_be_covered(engine: FaceEngine, stand, face: str):
    for seed in range(2):
        for turn in (-12, 0, 12):
            finding = engine.look(stand(face, seed, seconds=seed, turn=turn, nod=4 * seed))
            assert finding.quality is not None
            assert finding.quality.covered < 0.2
