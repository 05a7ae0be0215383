"""What the kiosk's parts are doing, for somebody with a screwdriver: `python -m edge check`.

Each part is tried by itself, as the kiosk uses it, and says in one line what it is or what to do.
"""

import time
from collections.abc import Callable

import msgspec
from rich.console import Console
from rich.table import Table

from edge.devices.camera import CameraError
from edge.devices.camera_open import open_camera
from edge.devices.scale import ScaleError, ScaleState
from edge.devices.scale_open import open_scale
from edge.face.engine import FaceEngine
from edge.kiosk.session import Kiosk, StoreError
from edge.kiosk.viewfinder import Viewfinder
from edge.settings import KioskSettings
from models.manifest import ArtefactError
from provisioning.identity import KeysUnsafe

_STEP_S = 0.1


class Finding(msgspec.Struct, frozen=True):
    """One part: whether it works, whether it is a simulated one, and what is to be said of it."""

    part: str
    works: bool
    says: str
    simulated: bool = False


def diagnose(settings: KioskSettings, wait_s: float) -> list[Finding]:
    """Try every part, giving scale and broker `wait_s` seconds."""
    return [_camera(settings), _scale(settings, wait_s), _models(settings), _link(settings, wait_s)]


def print_findings(findings: list[Finding]) -> None:
    """A table on standard output."""
    table = Table("part", "state", "what it says", title="Aangan kiosk")
    for finding in findings:
        state = "[green]works[/green]" if finding.works else "[red]does not work[/red]"
        table.add_row(finding.part, state + (" (simulated)" if finding.simulated else ""), finding.says)
    Console().print(table)


def _camera(settings: KioskSettings) -> Finding:
    try:
        camera = open_camera(settings.camera)
        viewfinder = Viewfinder(camera)
        frame = viewfinder.frame()
        viewfinder.off()
    except CameraError as error:
        return Finding("camera", False, str(error))
    height, width = frame.rgb.shape[:2]
    return Finding("camera", True, f"{camera.describe()}, {width}x{height}", camera.simulated)


def _scale(settings: KioskSettings, wait_s: float) -> Finding:
    with open_scale(settings.scale) as scale:
        _wait_until(lambda: scale.live().state not in {ScaleState.DISCONNECTED, ScaleState.ERROR}, wait_s)
        live = scale.live()
        try:
            who = scale.identity()
        except ScaleError as error:
            return Finding("scale", False, str(error))
    calibrated = who.calibration_date.isoformat() if who.calibration_date else "unknown"
    says = f"{who.model} {who.device_id}, firmware {who.firmware}, calibrated {calibrated}: {live.state}"
    return Finding("scale", live.state is not ScaleState.ERROR, says + _advice(live.help), who.simulated)


def _models(settings: KioskSettings) -> Finding:
    try:
        engine = FaceEngine.load(settings.face.models_dir, profile=settings.face.profile)
        return Finding("face models", True, engine.model)
    except ArtefactError as error:
        return Finding("face models", False, str(error))


def _link(settings: KioskSettings, wait_s: float) -> Finding:
    try:
        kiosk = Kiosk(settings)
    except (StoreError, FileNotFoundError, KeysUnsafe) as error:
        return Finding("link", False, str(error))
    try:
        _wait_until(lambda: kiosk.link().connected, wait_s)
        link = kiosk.link()
    finally:
        kiosk.close()
    where = f"{settings.broker.host}:{settings.broker.port}"
    counts = f"{link.recorded} events recorded, {link.receipted} receipted, {link.safe} backed up"
    if not link.connected:
        return Finding(
            "link", False, f"no connection to the broker at {where}: check cable and router; {counts}"
        )
    return Finding("link", True, f"connected to {where}; {counts}")


def _advice(help_text: str | None) -> str:
    return f" ({help_text})" if help_text else ""


def _wait_until(condition: Callable[[], bool], limit_s: float) -> None:
    """Wait for `condition`, but no longer than `limit_s`."""
    deadline = time.monotonic() + limit_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(_STEP_S)
