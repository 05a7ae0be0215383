"""`python -m edge`: run the kiosk, or look at what it is connected to."""

from typing import TYPE_CHECKING, Annotated

import structlog
import typer

from edge import scale_commands
from edge.console import DEFAULT_CONFIG, Config, read_settings, refused
from edge.settings import KioskSettings
from provisioning.identity import KeysUnsafe
from provisioning.logs import set_up_logs

if TYPE_CHECKING:
    from edge.devices.camera import Camera
    from edge.devices.voice import Voice
    from edge.face.engine import FaceEngine
    from edge.face.headcount import HeadCounter

program = typer.Typer(
    help="The kiosk of one Anganwadi centre: touch-screen pages, camera, scale, encrypted store, link.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
scale_commands.add(program)
log = structlog.get_logger(__name__)

STOP_S = 3
"""How long open pages may keep the program from stopping."""


@program.callback()
def main() -> None:
    """The kiosk of one Anganwadi centre: touch-screen pages, camera, scale, encrypted store, link."""
    set_up_logs("kiosk")


@program.command()
def run(config: Config = DEFAULT_CONFIG) -> None:
    """Serve the pages on this machine's own address until stopped (Ctrl-C or SIGTERM)."""
    import uvicorn

    from edge.devices.scale_open import open_scale
    from edge.kiosk.app import create_app
    from edge.kiosk.session import Kiosk, StoreError
    from edge.no_dumps import DumpsNotForbidden, forbid_dumps

    try:
        forbid_dumps()
    except DumpsNotForbidden as error:
        raise refused(error) from error
    settings = read_settings(config)
    try:
        kiosk = Kiosk(settings)
    except (StoreError, FileNotFoundError, KeysUnsafe) as error:
        raise refused(error) from error
    app = create_app(
        kiosk, _camera(settings), _faces(settings), open_scale(settings.scale),
        voice=_voice(settings), heads=_heads(settings),
    )  # fmt: skip
    log.info("kiosk_serving", address=f"http://{settings.host}:{settings.port}", demo=settings.demo)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,  # its lines would name persons by their ids
        server_header=False,
        timeout_graceful_shutdown=STOP_S,
    )


@program.command()
def check(
    config: Config = DEFAULT_CONFIG,
    wait: Annotated[float, typer.Option(help="Seconds to give the broker and the scale to answer.")] = 5.0,
) -> None:
    """Say what camera, scale, face models and link are doing; exit 1 if one of them does not work.

    Stop the kiosk first: a camera and a scale serve one program at a time.
    """
    from edge.kiosk.diagnosis import diagnose, print_findings

    settings = read_settings(config)
    findings = diagnose(settings, wait)
    print_findings(findings)
    if not all(finding.works for finding in findings):
        raise typer.Exit(1)


def _camera(settings: KioskSettings) -> "Camera | None":
    """The camera of the settings; without one the kiosk serves all the same."""
    from edge.devices.camera import CameraError
    from edge.devices.camera_open import open_camera

    try:
        return open_camera(settings.camera)
    except CameraError as error:
        log.warning("camera_missing", reason=str(error))
        return None


def _faces(settings: KioskSettings) -> "FaceEngine | None":
    """The face models; without them the kiosk serves all the same."""
    from edge.face.engine import FaceEngine
    from models.manifest import ArtefactError

    try:
        return FaceEngine.load(settings.face.models_dir, profile=settings.face.profile)
    except ArtefactError as error:
        log.warning("models_missing", reason=str(error))
        return None


def _voice(settings: KioskSettings) -> "Voice | None":
    """What speaks; without it the worker reads aloud what the screen shows."""
    from edge.devices.voice import VoiceError
    from edge.devices.voice_open import open_voice

    try:
        return open_voice(settings.voice)
    except VoiceError as error:
        log.warning("voice_missing", reason=str(error))
        return None


def _heads(settings: KioskSettings) -> "HeadCounter | None":
    """What counts heads; without its model attendance is tapped all the same."""
    from edge.face.headcount import HeadCounter
    from models.manifest import ArtefactError

    try:
        return HeadCounter.load(settings.face.models_dir)
    except ArtefactError as error:
        log.warning("head_counter_missing", reason=str(error))
        return None


if __name__ == "__main__":
    program()
