"""The scale that the settings ask for."""

from __future__ import annotations

from edge.devices import scale_and, scale_sics
from edge.devices.scale import Scale
from edge.devices.scale_and import AndScale
from edge.devices.scale_sics import SicsScale
from edge.settings import ScaleSettings


def open_scale(settings: ScaleSettings) -> Scale:
    """The scale of the settings, not yet started. A scale that is not there yet is found when it comes."""
    match settings.kind:
        case "sics":
            return SicsScale(settings.port, settings.baud or scale_sics.BAUD, settings.framing or "8N1")
        case "and":
            return AndScale(
                settings.port, settings.baud or scale_and.BAUD, settings.framing or scale_and.FRAMING
            )
