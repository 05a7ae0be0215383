"""The image of `make firmware` in an emulated Pico, on a pseudo-terminal. `make test-firmware` runs these tests."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hardware.pin_table import read_pin_table
from hardware.scale_simulator import write_control

ROOT = Path(__file__).resolve().parents[2]
IMAGE = ROOT / "var" / "firmware" / "aangan-scale.uf2"
EMULATOR = ROOT / "var" / "firmware" / "venv" / "bin" / "python"
POINTS = "0:84217,5000:136647,20000:293937"

PutOn = Callable[[float], None]


@pytest.fixture(scope="session")
def control(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("platform") / "control.json"
    write_control(path)
    return path


@pytest.fixture(scope="session")
def put_on(control: Path) -> PutOn:
    """Put a load in kilograms on the platform."""
    return lambda kg: write_control(control, load_kg=kg)


@pytest.fixture
def new_port(control: Path) -> Iterator[str]:
    """The serial port of a Pico that boots the image for the first time, fresh from the factory."""
    with emulated_pico(control) as port:
        yield port


@pytest.fixture(scope="session")
def port(control: Path) -> Iterator[str]:
    """The serial port of a Pico that was calibrated in the workshop, and then started again."""
    with emulated_pico(control, POINTS) as port:
        yield port


@contextmanager
def emulated_pico(control: Path, *points: str) -> Iterator[str]:
    pins = {pin.constant: str(pin.number) for pin in read_pin_table().gpio}
    program = ROOT / "hardware" / "emulated_pico" / "run.py"
    wired = [pins["DOUT_PIN"], pins["SCK_PIN"], pins["MAINTENANCE_PIN"]]
    command = [EMULATOR, program, IMAGE, control, *wired, *points]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as pico:
        assert pico.stdin is not None
        assert pico.stdout is not None
        try:
            port = pico.stdout.readline().strip()
            assert port, f"the Pico did not boot {IMAGE}"
            yield port
        finally:
            pico.stdin.close()
            pico.wait(20)
