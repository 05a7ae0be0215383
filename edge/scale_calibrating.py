"""The dialogue of a calibration: empty platform, masses one after the other, keep, and look whether it is right.

It knows the scale and two people's words, `say` and `ask`; the old calibration is in force until the scale has kept the
new one. Each refusal is said in the scale's words, and the step can be done again.
"""

import re
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from statistics import mean
from typing import Protocol

from anganwadi.ids import Grams
from edge.devices.scale import Reason, ScaleEmpty, ScaleOutOfRange, ScaleRefused, ScaleUnstable
from edge.devices.scale_calibration import Calibration, CalibrationNotNow, CalibrationRefused
from edge.devices.scale_checks import judge, limit
from edge.devices.scale_sics import SicsScale
from edge.devices.scale_sics_wire import RawAnswer

WARM_UP_S = 300.0  # board.WARM_UP_MS of the firmware
WINDOW_S = 2.5  # the scale looks back over two seconds: all it sees then was there when Enter was pressed
STILL_S = 10.0
WEIGH_S = 20.0
HEAVIEST_AT_LEAST = Grams(5_000)


class Talk(Protocol):
    """Who is calibrating."""

    def say(self, text: str) -> None:
        """Show a line."""
        ...

    def ask(self, text: str) -> str:
        """Show a line and give what is typed, Enter alone being empty."""
        ...

    def wait(self, text: str) -> None:
        """Show in place what is being waited for."""
        ...


def kilograms(text: str) -> Grams:
    """Read kilograms such as 5 or 5.000.

    Raises:
        ValueError: it is no mass in whole grams.
    """
    found = re.fullmatch(r"([0-9]{1,3})(?:[.,]([0-9]{1,3}))?", text.strip())
    grams = int(found[1]) * 1000 + int((found[2] or "").ljust(3, "0")) if found else 0
    if not grams:
        raise ValueError(f"{text!r} is no mass: type kilograms, such as 5 or 5.000")
    return Grams(grams)


def kg(grams: int) -> str:
    """Write grams as kilograms."""
    return f"{grams / 1000:.3f} kg"


def calibrate(scale: SicsScale, talk: Talk, today: date) -> bool:
    """Lead through a calibration; say whether the scale then reads a mass rightly.

    Raises:
        ScaleRefused: it is not an Aangan scale.
        ScaleError: the scale or its cable failed; the old calibration is in force unless the new one was said to be.
    """
    if scale.sensor() is None:
        raise ScaleRefused(Reason.NOT_OURS)
    talk.say(f"Scale {scale.identity().device_id}. Calibration in force: {in_words(scale.calibration())}.")
    talk.say(
        "You need a level floor, nobody near, and one or more known masses, the heaviest 5 kg or more: 20 kg, better "
        "5, 10 and 20 kg. Ctrl-C stops; the old calibration then stays in force."
    )
    _warm_up(scale, talk)
    empty = _take_empty(scale, talk)
    while True:
        heaviest = _take_masses(scale, talk, empty)
        try:
            scale.calibrate_finish(today)
            break
        except (CalibrationNotNow, CalibrationRefused) as error:
            talk.say(str(error))
            empty = _take_empty(scale, talk)
    talk.say(f"Kept. Calibration in force: {in_words(scale.calibration())}.")
    return _verify(scale, talk, heaviest)


def in_words(calibration: Calibration | None) -> str:
    """A calibration in a line."""
    if calibration is None:
        return "none"
    masses = ", ".join(kg(point.grams) for point in calibration.points if point.grams)
    at = "" if calibration.temperature_c is None else f" at {calibration.temperature_c} °C"
    return f"of {calibration.day}{at}, by {masses}"


def _warm_up(scale: SicsScale, talk: Talk) -> None:
    """Wait until the scale says that it is warm. It does not tell since when it is on, so the rest is a bound."""
    end = time.monotonic() + WARM_UP_S
    while not _sensor(scale).warm:
        rest = max(0, round(end - time.monotonic()))
        talk.wait(f"The scale is warming up: {rest // 60}:{rest % 60:02d} at most.")
        time.sleep(0.5)


def _take_empty(scale: SicsScale, talk: Talk) -> float:
    """Have the empty platform taken, and give its counts."""
    _until_taken(talk, "Empty the platform, then press Enter.", scale.calibrate_empty)
    counts = _counts(scale)
    talk.say(f"Empty: {counts:.0f} counts.")
    return counts


def _take_masses(scale: SicsScale, talk: Talk, empty: float) -> Grams:
    """Have masses taken until no more are there, and give the heaviest."""
    heaviest = Grams(0)
    while True:
        typed = talk.ask("A mass in kg, or Enter if there is no more:").strip()
        if not typed and heaviest >= HEAVIEST_AT_LEAST:
            return heaviest
        if not typed:
            talk.say(f"One mass of {kg(HEAVIEST_AT_LEAST)} or more is needed.")
            continue
        try:
            mass = kilograms(typed)
            request = f"Put {kg(mass)} in the middle, then press Enter."
            _until_taken(talk, request, partial(scale.calibrate_mass, mass))
        except (ValueError, CalibrationRefused) as error:
            talk.say(str(error))
            continue
        heaviest = max(heaviest, mass)
        above = _counts(scale) - empty
        shown = scale.live().grams
        before = "" if shown is None else f"; by the calibration in force {kg(shown)}"
        talk.say(f"{kg(mass)}: {above:+.0f} counts, {above * 1000 / mass:.0f} a kilogram{before}.")


def _verify(scale: SicsScale, talk: Talk, heaviest: Grams) -> bool:
    """Weigh one mass once more."""
    while True:
        typed = talk.ask(f"To verify, put one mass back on and type its kg (Enter: {kg(heaviest)}):").strip()
        time.sleep(WINDOW_S)
        try:
            mass = kilograms(typed) if typed else heaviest
            weight = scale.weigh(WEIGH_S)
            break
        except (ValueError, ScaleEmpty, ScaleUnstable, ScaleOutOfRange) as error:
            talk.say(str(error))
    right = judge(mass, weight.grams)
    verdict = "right" if right else "WRONG: calibrate again"
    talk.say(
        f"It reads {kg(weight.grams)}, {weight.grams - mass:+d} g; {limit(mass)} g are allowed: {verdict}."
    )
    return right


def _until_taken(talk: Talk, request: str, take: Callable[[], None]) -> None:
    """Ask for something and take its reading; while the scale cannot take it now, ask again.

    Raises:
        CalibrationRefused: what was measured cannot be.
    """
    while True:
        talk.ask(request)
        time.sleep(WINDOW_S)
        try:
            _while_it_settles(take)
            return
        except CalibrationNotNow as error:
            talk.say(str(error))


def _while_it_settles(take: Callable[[], None]) -> None:
    """Try for some seconds: a plate swings after a mass was put on it.

    Raises:
        CalibrationNotNow: it did not settle, or something else is in the way.
    """
    end = time.monotonic() + STILL_S
    while True:
        try:
            return take()
        except CalibrationNotNow as error:
            if error.why is not Reason.NOT_STILL or time.monotonic() > end:
                raise
            time.sleep(0.2)


def _counts(scale: SicsScale) -> float:
    """What the sensor reads, over its last two seconds."""
    return mean(_sensor(scale).counts or (0,))


def _sensor(scale: SicsScale) -> RawAnswer:
    sensor = scale.sensor()
    if sensor is None:
        raise ScaleRefused(Reason.NOT_OURS)
    return sensor
