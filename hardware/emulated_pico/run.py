"""Boot a UF2 in an emulated Pico with an HX711 on its pins: `python run.py IMAGE CONTROL DOUT SCK JUMPER [POINTS]`.

It prints the pseudo-terminal that is the Pico's USB serial port, and runs until its standard input closes. CONTROL is
the JSON file of `hardware scale`, of which only `load_kg` is read. POINTS, such as `0:84217,20000:293937` in grams and
counts, is the calibration the scale comes with: it is written by the image's own program at MicroPython's prompt, which
the maintenance jumper gives, and the Pico is started again without the jumper. So nobody waits here for a warm scale.

The emulator is in a virtual environment of its own (var/firmware/venv), since its dependencies are no business of the
kiosk.
"""
# pyright: reportMissingImports=false

import asyncio
import contextlib
import json
import sys
from pathlib import Path
from typing import Final

from hx711 import Hx711
from port import SerialPort
from rp2040py.boards import BoardSpec
from rp2040py.device import MicroPythonDevice
from rp2040py.rp2040 import RP2040

SENSOR: Final = 4  # the ADC's channel of the temperature sensor
SENSOR_STEPS: Final = round(0.706 / 3.3 * 4095)  # 27 degrees (RP2040 data sheet, 4.9.5)
CALIBRATE: Final = """
import board, calibration, main
points = [tuple(int(part) for part in point.split(":")) for point in "{points}".split(",")]
calibration.save(board.CALIBRATION_FILE, calibration.Calibration(main.device_id(), "2026-01-31", 27, points))
"""


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


class Jumper:
    """The maintenance jumper, as an external device: joined to ground, or open."""

    def __init__(self, pin: int) -> None:
        self._number = pin

    def attach(self, rp2040: RP2040) -> None:
        """Solder it to the chip, open."""
        self._pin = rp2040.gpio[self._number]
        self.join(False)

    def join(self, joined: bool) -> None:
        """Put it on, or take it off."""
        self._pin.set_input_value(not joined)


class Pico(MicroPythonDevice):
    """A Pico into whose port nobody types by himself: the kiosk speaks first."""

    def _post_boot_handshake(self) -> None:
        return


async def run(image: Path, control: Path, dout: int, sck: int, jumper_pin: int, points: str) -> None:
    """Boot, calibrate if there are points, open the port, say where it is, and run until the standard input closes."""
    platform, jumper = Platform(control), Jumper(jumper_pin)
    extras = (lambda: Hx711(dout, sck, platform.load_kg), lambda: jumper)
    pico = Pico(board=BoardSpec(extras=extras, image=image))
    pico.mcu.adc.channel_values[SENSOR] = SENSOR_STEPS
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, stopped.set)
    jumper.join(bool(points))
    async with pico:
        if points:
            said, error = await pico.aexec(CALIBRATE.format(points=points))
            if said or error:
                raise RuntimeError((said + error).decode())
            jumper.join(False)
            await pico.ahard_reset()
        port = SerialPort(pico.cdc, pico.simulator)
        await port.start()
        print(port.slave_path, flush=True)  # noqa: T201
        await stopped.wait()
        await port.stop()


if __name__ == "__main__":
    image, control, dout, sck, jumper, *points = sys.argv[1:]
    asyncio.run(run(Path(image), Path(control), int(dout), int(sck), int(jumper), "".join(points)))
