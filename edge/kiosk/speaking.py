"""What the kiosk says aloud, in the language of whoever stands before it: one sentence at a time, and no chatter.

A prompt is said at once. A hint waits until the last sentence had its time, and is not repeated before `AGAIN_S`.
"""

import threading
import time

from anganwadi.people import Person
from edge.devices.voice import Voice
from edge.kiosk.i18n import LANGUAGES, say

AGAIN_S = 3.0
"""Before the same sentence is said again."""
SENTENCE_S = 2.0
"""What a sentence takes to be heard: no hint is said over it."""


class Speaker:
    """The kiosk's voice, if it has one. Thread-safe."""

    def __init__(self, voice: Voice | None) -> None:
        self._voice = voice
        self._lock = threading.Lock()
        self._last = ("", float("-inf"))

    @property
    def can_speak(self) -> bool:
        return self._voice is not None

    def stop(self) -> None:
        """Be quiet, now and from now on."""
        if self._voice is not None:
            self._voice.stop()

    def prompt(self, person: Person, msgid: str, **values: object) -> None:
        """Say this to her now."""
        self._say(person, msgid, 0.0, values)

    def hint(self, person: Person, msgid: str, **values: object) -> None:
        """Say this to her, unless something else was just said."""
        self._say(person, msgid, SENTENCE_S, values)

    def _say(self, person: Person, msgid: str, pause: float, values: dict[str, object]) -> None:
        if self._voice is None:
            return
        language = tongue(person)
        text = say(language, msgid, **values)
        with self._lock:
            last, at = self._last
            now = time.monotonic()
            if now - at < (AGAIN_S if text == last else pause):
                return
            self._last = (text, now)
        self._voice.say(text, language)


def tongue(person: Person) -> str:
    """The language to speak to somebody in: her own, if the kiosk speaks it, else Hindi."""
    return person.language if person.language in LANGUAGES else "hi"
