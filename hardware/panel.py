"""What stands before the kiosk, by hand: a page that loads the simulated scale and fills the replay camera's picture.

It writes the two files that the simulated parts read, whole by rename, and reads them back to show what is set. It
speaks to neither the kiosk nor the server, and answers on this machine only.
"""

import json
from pathlib import Path
from typing import Annotated, Literal

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.middleware.trustedhost import TrustedHostMiddleware

from hardware.scale_simulator import Fault, replace_json

PAGE = Path(__file__).with_name("panel.html")
HEAVIEST_KG = 250


class ScaleState(BaseModel):
    """What stands on the simulated platform, by how much it wriggles, and which fault the scale has."""

    model_config = ConfigDict(extra="forbid")

    load_kg: Annotated[float, Field(ge=0, le=HEAVIEST_KG)] = 0.0
    motion_kg: Annotated[float, Field(ge=0, le=20)] = 0.0
    fault: Fault | None = None


class CameraState(BaseModel):
    """Who stands before the replay camera or is held up to it, in what light, and what is wrong with it."""

    model_config = ConfigDict(extra="forbid")

    face: Literal["astronaut", "grace_hopper"] | None = None
    light: Literal["day", "dim", "dark", "backlight"] = "day"
    fault: Literal["unplugged", "frozen"] | None = None
    shown_as: Literal["live", "print", "screen", "flat", "replay"] = "live"
    obeys: bool = True
    card: Annotated[str, Field(max_length=40)] | None = None
    group: Annotated[int, Field(ge=0, le=24)] = 0


def create_panel(scale_control: Path, camera_scene: Path) -> FastAPI:
    """Make the panel over the two files; neither needs to be there yet."""
    app = FastAPI(title="Aangan: simulated parts", docs_url="/docs", redoc_url=None)
    # A web page elsewhere must not reach this one through a name that resolves to loopback.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    def page() -> str:
        return PAGE.read_text(encoding="utf-8")

    @app.get("/healthz", include_in_schema=False)
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/scale")
    def scale() -> ScaleState:
        """What is on the simulated scale."""
        return ScaleState.model_validate(_read(scale_control))

    @app.put("/scale")
    def put_scale(state: ScaleState) -> ScaleState:
        """Put something else on it."""
        replace_json(scale_control, state.model_dump())
        return state

    @app.get("/camera")
    def camera() -> CameraState:
        """Who stands before the replay camera."""
        return CameraState.model_validate(_read(camera_scene))

    @app.put("/camera")
    def put_camera(state: CameraState) -> CameraState:
        """Let somebody else step in."""
        replace_json(camera_scene, state.model_dump())
        return state

    return app


def _read(path: Path) -> dict[str, object]:
    """Give what is in the file, or nothing if it is not there yet."""
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return content if isinstance(content, dict) else {}
