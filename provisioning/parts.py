"""What a stack needs before it can start, and one line with the remedy for each thing that is missing."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from hardware.scale_simulator import MicroPythonMissing, micropython
from models import manifest
from models.settings import settings as model_settings
from provisioning.broker import NoMosquitto, find_mosquitto

HOUSE = Path(__file__).resolve().parents[1]
VAR = HOUSE / "var"
_PROGRAMS = {
    "edge.__main__": "the kiosk's program",
    "server.__main__": "the server's program",
    "hardware.panel": "the hardware panel",
}
_BUILT = (
    "edge/kiosk/static/built/htmx.min.js",
    "server/web/static/built/htmx.min.js",
    "server/web/static/built/phone/app.js",
)


class PartsMissing(RuntimeError):
    """Something is not there yet; the text has one line for each thing, with its remedy."""


def require_all() -> None:
    """Make sure that nothing is missing.

    Raises:
        PartsMissing: something is.
    """
    found = list(missing())
    if found:
        raise PartsMissing("\n".join(found))


def missing() -> Iterator[str]:
    """What is missing, a line each."""
    try:
        find_mosquitto()
    except NoMosquitto as error:
        yield str(error)
    try:
        micropython()
    except MicroPythonMissing as error:
        yield str(error)
    for module, what in _PROGRAMS.items():
        if importlib.util.find_spec(module) is None:
            yield f"{what} is missing ({module.replace('.', '/')}.py): it is not in this copy of Aangan"
    wanted = manifest.read()
    for folder, artefacts in (
        (model_settings().models_dir, wanted.model),
        (model_settings().faces_dir, wanted.face),
    ):
        for artefact in artefacts:
            if problem := artefact.check(folder):
                yield f"{problem}: {manifest.FETCH}"
    for path in _BUILT:
        if not (HOUSE / path).is_file():
            yield f"the page assets are not built ({path} is missing): `make setup`, or `npm ci && npm run build`"
            break
