"""What is in front of the replay camera: a small JSON file that the demo's script and the tests rewrite.

    {"face": "astronaut", "light": "day"}        astronaut | grace_hopper | null (an empty room)
                                                 day | dim (in the shade) | dark | backlight (a window behind)
    {"face": "astronaut", "shown_as": "print"}   live | print | screen | flat | replay (hardware.synthetic_face.attacks)
    {"face": "astronaut", "obeys": false}        does nothing of what the kiosk asks for
    {"card": "FYC4-1B4J-AV1H-CH95"}              a ration card is held before it, and hides whoever is there
    {"group": 12}                                so many people in rows, for a head count
    {"face": "astronaut", "fault": "unplugged"}  the camera fails;  "frozen": its picture stands still

No file is an empty room by day; a person is live and obeys unless the file says otherwise.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.devices.camera import CameraError
from edge.devices.camera_light import Light

ShownAs = Literal["live", "print", "screen", "flat", "replay"]


class Scene(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is there, in what light, and what is wrong with the camera."""

    face: Literal["astronaut", "grace_hopper"] | None = None
    light: Light = "day"
    fault: Literal["unplugged", "frozen"] | None = None
    shown_as: ShownAs = "live"
    obeys: bool = True
    card: Annotated[str, Meta(max_length=40)] | None = None
    group: Annotated[int, Meta(ge=0, le=24)] = 0


def write_scene(path: Path, scene: Scene) -> None:
    """Change what the replay camera sees; a reader sees the old scene or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(scene))
    Path(scratch).replace(path)


class SceneFile:
    """The scene on disk, read again when the file changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self._scene = Scene()

    def now(self) -> Scene:
        """The scene as the file has it at this moment.

        Raises:
            CameraError: the file is not a scene.
        """
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if stamp != self._stamp:
                self._scene = msgspec.json.decode(self._path.read_bytes(), type=Scene)
                self._stamp = stamp
        except FileNotFoundError:
            self._stamp, self._scene = None, Scene()
        except (OSError, msgspec.DecodeError) as error:
            raise CameraError(f"the replay camera's scene {self._path} is not valid: {error}") from error
        return self._scene
