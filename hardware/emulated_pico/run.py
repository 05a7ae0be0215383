"""Boot a UF2 in an emulated Pico with an HX711 on its pins: `python run.py IMAGE CONTROL DOUT SCK`.

It prints the pseudo-terminal that is the Pico's USB serial port, and runs until its standard input closes. CONTROL is
the JSON file of `hardware scale`, of which only `load_kg` is read. The emulator is in a virtual environment of its own
(var/firmware/venv), since its dependencies are no business of the kiosk.
"""
# pyright: reportMissingImports=false

import asyncio
import contextlib
import json
import sys
from pathlib import Path

from hx711 import Hx711
from port import SerialPort
from rp2040py.boards import BoardSpec
from rp2040py.device import MicroPythonDevice


class Platform:
    """What stands on the platform, by the control file; while there is none, or half of one, nothing changes."""

    def __init__(self, control: Path) -> None:
        self._control = control
        self._load_kg = 0.0

    def load_kg(self) -> float:
        """Read the load anew."""
        with contextlib.suppress(OSError, ValueError):
            self._load_kg = float(json.loads(self._control.read_text()).get("load_kg") or 0)
        return self._load_kg


class Pico(MicroPythonDevice):
    """A Pico into whose port nobody types by himself: the kiosk speaks first."""

    def _post_boot_handshake(self) -> None:
        return


async def run(image: Path, control: Path, dout: int, sck: int) -> None:
    """Boot, open the port, say where it is, and run until the standard input closes."""
    platform = Platform(control)
    pico = Pico(board=BoardSpec(extras=(lambda: Hx711(dout, sck, platform.load_kg),), image=image))
    port = SerialPort(pico.cdc, pico.simulator)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, stopped.set)
    async with pico:
        await port.start()
        print(port.slave_path, flush=True)  # noqa: T201
        await stopped.wait()
        await port.stop()


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
