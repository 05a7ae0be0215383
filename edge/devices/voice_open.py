"""The voice that the settings ask for, and what `auto` means."""

from __future__ import annotations

import structlog

from edge.devices.voice import Voice
from edge.devices.voice_espeak import EspeakVoice, espeak
from edge.settings import VoiceSettings

log = structlog.get_logger(__name__)


def open_voice(settings: VoiceSettings) -> Voice | None:
    """A voice, or None for silence.

    Raises:
        VoiceError: espeak is asked for and not installed.
    """
    if settings.kind == "silent":
        return None
    if settings.kind == "auto" and espeak() is None:
        log.info("voice_silent", reason="espeak-ng is not installed")
        return None
    return EspeakVoice(settings.words_per_minute)
