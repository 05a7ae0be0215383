"""What a voice is to the kiosk: it says a sentence in a language, when it can.

    voice = open_voice(settings.voice)          # edge.devices.voice_open; None is silence
    voice.say("...", "hi")

Sentences may hold a name, so that they are never logged and never on a command line, which every process can read.
"""

from __future__ import annotations

from typing import Protocol


class VoiceError(Exception):
    """The voice that the settings ask for is not there; the text says what to do."""


class Voice(Protocol):
    """A voice of any kind. Thread-safe."""

    def say(self, text: str, language: str) -> None:
        """Say this, in the language `hi`, `ur` or `en`, when what is being said is over.

        Returns at once and never raises. What waits and is not yet begun gives way to what is newer.
        """
        ...

    def stop(self) -> None:
        """Be quiet, now and from now on."""
        ...
