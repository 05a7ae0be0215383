"""A voice by espeak-ng: small, offline, with Hindi, Urdu and English. One process a sentence, the text on its stdin."""

from __future__ import annotations

import shutil
import subprocess
import threading
from pathlib import Path

import structlog

from edge.devices.voice import VoiceError

PROGRAM = "espeak-ng"
VOICES = {"hi": "hi", "ur": "ur", "en": "en-gb"}
LONGEST_S = 20.0
"""No sentence takes longer: the loudspeaker hangs."""

log = structlog.get_logger(__name__)


def espeak() -> str | None:
    """Where the program is; None if it is not installed."""
    return shutil.which(PROGRAM)


class EspeakVoice:
    """Speaks through the sound card, or with `wav` into a file instead."""

    def __init__(self, words_per_minute: int = 140, wav: Path | None = None) -> None:
        """Begin to wait for sentences.

        Raises:
            VoiceError: espeak-ng is not installed.
        """
        program = espeak()
        if program is None:
            raise VoiceError(
                f"{PROGRAM} is not installed: apt-get install {PROGRAM}, or set voice.kind to silent"
            )
        self._command = [program, "--stdin", "-b", "1", "-s", str(words_per_minute)]
        self._command += [] if wav is None else ["-w", str(wav)]
        self._waiting: tuple[str, str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._speaking = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)
        self._thread.start()

    def say(self, text: str, language: str) -> None:
        """Say this next; a language that has no voice is spoken as Hindi."""
        with self._changed:
            if not self._stopped:
                self._waiting = (text, VOICES.get(language, VOICES["hi"]))
                self._changed.notify_all()

    def stop(self) -> None:
        """Be quiet, now and from now on."""
        with self._changed:
            self._stopped, self._waiting = True, None
            self._changed.notify_all()
            if self._process is not None:
                self._process.kill()
        self._thread.join(LONGEST_S)

    def wait(self, timeout: float) -> bool:
        """Wait until everything is said; False if that took longer than `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._waiting is None and not self._speaking, timeout)

    def _run(self) -> None:
        while (sentence := self._next()) is not None:
            self._speak(*sentence)
            with self._changed:
                self._speaking = False
                self._changed.notify_all()

    def _next(self) -> tuple[str, str] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._waiting is not None)
            sentence, self._waiting = self._waiting, None
            self._speaking = sentence is not None
            self._changed.notify_all()
            return sentence

    def _speak(self, text: str, voice: str) -> None:
        try:
            code = self._pronounce(text, voice)
        except (OSError, subprocess.TimeoutExpired) as error:
            log.warning("voice_failed", reason=type(error).__name__)
            return
        if code:
            log.warning("voice_failed", reason=f"exit {code}")

    def _pronounce(self, text: str, voice: str) -> int:
        """Exit status of the program; 0 also if it was stopped."""
        with self._changed:
            if self._stopped:
                return 0
            self._process = subprocess.Popen(
                [*self._command, "-v", voice],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        try:
            self._process.communicate(text.encode(), timeout=LONGEST_S)
        finally:
            self._process.kill()
            code = self._process.wait()
        return 0 if self._stopped else code
