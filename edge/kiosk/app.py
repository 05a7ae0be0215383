"""The kiosk's web app: the task modules' routes behind the gate, with the devices they share.

    app = create_app(Kiosk(settings), camera, FaceEngine.load(models_dir), SicsScale("auto"))

Camera, models, voice and head counter may be missing (None): the pages then go on without.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

import structlog
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from edge.devices.camera import Camera
from edge.devices.scale import Scale
from edge.devices.voice import Voice
from edge.face.engine import FaceEngine
from edge.face.headcount import HeadCounter
from edge.kiosk import (
    attendance,
    checklist,
    closing,
    doorstep,
    faces,
    head_count,
    home,
    login,
    meals,
    messages,
    problems,
    ration,
    ration_card,
    ration_code,
    ration_face,
    ration_word,
    sealed,
    state,
    weigh,
    weigh_care,
    weigh_check,
    weigh_choose,
    weigh_measures,
    weigh_result,
)
from edge.kiosk import (
    camera as camera_pages,
)
from edge.kiosk.desk import Desk
from edge.kiosk.face_tools import FaceTools
from edge.kiosk.gate import Gate
from edge.kiosk.session import Kiosk
from edge.kiosk.viewfinder import Viewfinder

STATIC = Path(__file__).parent / "static"
TIDY_S = 5.0
"""Time between two looks at what has run out."""
PAGES = (
    login, home, state, messages, checklist, sealed, head_count, attendance, meals, weigh,
    weigh_choose, weigh_check, weigh_measures, weigh_care, weigh_result, faces, ration, ration_face,
    ration_card, ration_code, ration_word, doorstep, camera_pages, closing,
)  # fmt: skip

log = structlog.get_logger(__name__)


def create_app(
    kiosk: Kiosk, camera: Camera | None, face_engine: FaceEngine | None, scale: Scale, *,
    voice: Voice | None = None, heads: HeadCounter | None = None, tools: FaceTools | None = None,
) -> FastAPI:  # fmt: skip
    """The app. Its life starts the scale and, at the end, logs out and lets kiosk and devices go."""
    desk = Desk(kiosk, Viewfinder(camera), face_engine, scale, voice, heads, tools)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(scale.start)
        tidying = asyncio.create_task(_tidy(desk))
        try:
            yield
        finally:
            tidying.cancel()
            try:
                with suppress(asyncio.CancelledError):
                    await tidying
            finally:
                await asyncio.to_thread(_shut, desk)

    app = FastAPI(title="Aangan kiosk", lifespan=life, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = desk
    problems.install(app)
    for pages in PAGES:
        app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Gate)
    return app


async def _tidy(desk: Desk) -> None:
    while True:
        await asyncio.sleep(TIDY_S)
        try:
            await asyncio.to_thread(desk.tidy)
        except Exception:  # whatever it was, the next idle log-in must be ended too
            log.exception("tidy_failed")


def _shut(desk: Desk) -> None:
    """Log out, then let scale and kiosk go; each is done though another fails."""
    with ExitStack() as last_first:
        last_first.callback(desk.kiosk.close)
        last_first.callback(desk.scale.close)
        last_first.callback(desk.speaker.stop)
        last_first.callback(desk.leave)
