"""What is recorded of a look: numbers and codes, the light in five words, and nothing that shows the face."""

import msgspec
import numpy as np
import pytest

from anganwadi.bodies import FaceLook
from anganwadi.verification import Light
from edge.devices.camera_light import Lens, developed
from edge.devices.camera_light import Light as RoomLight
from edge.devices.camera_motion import Portrait
from edge.face.engine import FaceEngine, FaceFinding
from edge.face.light import light_on
from edge.face.liveness import Liveness
from edge.face.liveness_moves import Move
from edge.face.measured import look_of
from hardware.synthetic_face.head import Pose


@pytest.mark.parametrize(
    ("face", "behind", "light"),
    [
        (20, 25, Light.DARK),
        (20, None, Light.DARK),
        (50, 60, Light.DIM),
        (120, 130, Light.NORMAL),
        (120, None, Light.NORMAL),
        (220, 130, Light.BRIGHT),
        (60, 230, Light.BACKLIT),
        (20, 160, Light.BACKLIT),
        (160, 230, Light.NORMAL),
    ],
)
def test_the_light_is_told_from_the_face_and_from_what_is_behind_it(
    face: float, behind: float | None, light: Light
):
    assert light_on(face, behind) is light


@pytest.mark.parametrize("name", ["astronaut", "grace_hopper"])
@pytest.mark.parametrize(
    ("room", "light"), [("day", Light.NORMAL), ("dim", Light.DIM), ("backlight", Light.BACKLIT)]
)
def test_the_light_of_a_room_is_recorded(
    engine: FaceEngine, portraits: dict[str, Portrait], name: str, room: RoomLight, light: Light
):
    lens = Lens(0.6, np.zeros((480, 640, 3), np.int8))
    finding = engine.look(developed(portraits[name].head.render(Pose()), lens, room, 1.0, 1.0))
    assert look_of(finding).light is light


def test_a_look_records_model_calibration_measures_and_challenge(engine: FaceEngine, stand):
    finding = engine.analyse(stand())
    liveness = Liveness(True, (Move.BLINK, Move.TURN_LEFT), 4.2, ("moire",), 0.8, None)
    look = look_of(finding, liveness, machine_s=0.35)
    assert (look.model, look.calibration) == (engine.model, engine.pipeline.calibration)
    assert (look.challenge, look.live, look.flags) == (("blink", "turn_left"), True, ("moire",))
    assert (look.challenge_ms, look.machine_ms) == (4200, 350)
    assert look.width is not None
    assert look.width > 90
    assert look.covered is not None
    assert look.covered < 0.1
    wire = msgspec.msgpack.encode(look)
    assert msgspec.msgpack.decode(wire, type=FaceLook) == look
    assert len(wire) < 400
    assert finding.template is not None
    assert finding.template.tobytes()[:16] not in wire


def test_a_look_without_a_face_records_the_model_alone():
    assert look_of(FaceFinding("no_face", "m")) == FaceLook(model="m", calibration="")
