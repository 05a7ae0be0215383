"""The picamera2 driver against the signatures of the real wheel.

picamera2 cannot be imported without libcamera, so its classes are read with `ast` from the pinned wheel. A stand-in
camera binds every call of the driver to the real signature: a parameter that is not there fails here and not on a Pi.
"""

import ast
import inspect
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.devices.camera import CameraError
from edge.devices.camera_picamera2 import PIXELS, STREAM, Picamera2Camera
from edge.devices.camera_settings import Picamera2Settings
from models import manifest
from models.fetch import fetch
from models.settings import settings

Methods = dict[str, inspect.Signature]


@pytest.fixture(scope="module")
def wheel() -> Path:
    """The pinned wheel, checked by sha256, brought if it is missing."""
    pinned = manifest.read().contract
    fetch(settings().cache_dir, pinned)
    return settings().cache_dir / pinned[0].name


def _methods(wheel: Path, module: str, name: str) -> Methods:
    """The methods of a class of the wheel; overloads give way to the implementation that follows them."""
    with zipfile.ZipFile(wheel) as archive:
        tree = ast.parse(archive.read(module))
    (definition,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name]
    return {node.name: _signature(node) for node in definition.body if isinstance(node, ast.FunctionDef)}


def _signature(node: ast.FunctionDef) -> inspect.Signature:
    kind = inspect.Parameter
    static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
    positional = node.args.args if static else node.args.args[1:]
    without = len(positional) - len(node.args.defaults)
    parameters = [
        kind(arg.arg, kind.POSITIONAL_OR_KEYWORD, default=kind.empty if index < without else None)
        for index, arg in enumerate(positional)
    ]
    for arg, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        parameters.append(kind(arg.arg, kind.KEYWORD_ONLY, default=kind.empty if default is None else None))
    return inspect.Signature(parameters)


class Recorder:
    """A stand-in for `Picamera2` whose every call must fit the real signature; remembers what was called."""

    def __init__(self, camera: Methods, request: Methods, picture: np.ndarray, cameras: int = 1) -> None:
        self.camera, self.request, self.picture, self.cameras = camera, request, picture, cameras
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.fails: Exception | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> "Recorder":
        """`Picamera2(...)`: the constructor."""
        self._bind("__init__", args, kwargs)
        return self

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            bound = self._bind(name, args, kwargs)
            if name == "global_camera_info":
                return [{"Model": "imx708", "Num": number} for number in range(self.cameras)]
            return bound if name == "create_video_configuration" else None

        return call

    @contextmanager
    def captured_request(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        self._bind("captured_request", args, kwargs)
        if self.fails is not None:
            raise self.fails
        recorder = self

        class Request:
            def make_array(self, *args: Any, **kwargs: Any) -> np.ndarray:
                recorder.request["make_array"].bind(*args, **kwargs)
                return recorder.picture.copy()

        yield Request()

    def _bind(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        assert name in self.camera, f"Picamera2 has no {name}"
        bound = dict(self.camera[name].bind(*args, **kwargs).arguments)
        self.calls.append((name, bound))
        return bound

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]


@pytest.fixture
def device(wheel: Path) -> Recorder:
    padded = np.zeros((480, 672, 3), np.uint8)
    padded[:, :, 0] = 200
    return Recorder(
        _methods(wheel, "picamera2/picamera2.py", "Picamera2"),
        _methods(wheel, "picamera2/request.py", "CompletedRequest"),
        padded,
    )


def test_every_call_of_the_drivers_life_fits_the_real_signatures(device: Recorder):
    with Picamera2Camera(Picamera2Settings(), lambda: device) as camera:
        frame = camera.frame()
        assert frame.rgb.shape == (480, 640, 3)
        assert tuple(frame.rgb[0, 0]) == (200, 0, 0)
        assert "imx708" in camera.describe()
    names = device.names()
    once = [name for index, name in enumerate(names) if name not in names[:index]]
    assert once == [
        *("global_camera_info", "__init__", "create_video_configuration", "configure", "start"),
        *("captured_request", "stop", "close"),
    ]


def test_the_main_stream_is_asked_for_in_the_format_that_numpy_sees_as_rgb(device: Recorder, wheel: Path):
    with Picamera2Camera(Picamera2Settings(), lambda: device) as camera:
        camera.frame()
    (configuration,) = [bound for name, bound in device.calls if name == "create_video_configuration"]
    assert configuration[STREAM] == {"size": (640, 480), "format": PIXELS}
    with zipfile.ZipFile(wheel) as archive:
        tree = ast.parse(archive.read("picamera2/request.py"))
    (names,) = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "_get_pil_mode"
    ]
    (orders,) = [ast.literal_eval(node) for node in ast.walk(names) if isinstance(node, ast.Dict)]
    assert orders[PIXELS] == "RGB"


@pytest.mark.parametrize("failure", [TimeoutError(), RuntimeError("camera frontend has timed out")])
def test_a_camera_that_stops_delivering_is_an_error_with_the_remedy(device: Recorder, failure: Exception):
    device.fails = failure
    with (
        Picamera2Camera(Picamera2Settings(), lambda: device) as camera,
        pytest.raises(CameraError, match="cable"),
    ):
        camera.frame()
    assert device.names()[-2:] == ["stop", "close"]


def test_no_camera_on_the_ribbon_is_said_before_anything_is_opened(device: Recorder):
    device.cameras = 0
    with pytest.raises(CameraError, match="ribbon cable"):
        Picamera2Camera(Picamera2Settings(), lambda: device).start()
    assert device.names() == ["global_camera_info"]


def test_a_wrong_parameter_would_be_caught(device: Recorder):
    with pytest.raises(TypeError, match="buffers"):
        device.create_video_configuration(buffers=3)
    with pytest.raises(AssertionError, match="no capture_picture"):
        device.capture_picture()


def test_without_picamera2_the_driver_says_how_to_get_it():
    with pytest.raises(CameraError, match="apt install python3-picamera2"):
        Picamera2Camera(Picamera2Settings()).start()
