"""The voice: three languages, the newest sentence first, nothing on a command line, and never an error."""

import stat
import wave
from pathlib import Path

import numpy as np
import pytest

from edge.devices import voice_espeak, voice_open
from edge.devices.voice import VoiceError
from edge.devices.voice_espeak import EspeakVoice
from edge.settings import VoiceSettings

LIMIT_S = 20.0


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an espeak-ng that writes down its arguments and its text, and waits for the file `go`."""
    program = tmp_path / "espeak-ng"
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/arguments\ncat >> {tmp_path}/text\necho >> {tmp_path}/text\n'
        f"while [ ! -e {tmp_path}/go ]; do sleep 0.02; done\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


@pytest.mark.parametrize(
    ("language", "text"),
    [("hi", "कैमरे के पास आइए।"), ("ur", "کیمرے کے قریب آئیں۔"), ("en", "Come closer to the camera.")],
)
def test_each_of_the_three_languages_is_heard(tmp_path: Path, language: str, text: str):
    voice = EspeakVoice(wav=tmp_path / "said.wav")
    voice.say(text, language)
    assert voice.wait(LIMIT_S)
    voice.stop()
    with wave.open(str(tmp_path / "said.wav")) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(float)
        seconds = len(samples) / sound.getframerate()
    assert 0.5 < seconds < 10
    assert samples.std() > 500


def test_a_sentence_is_never_on_a_command_line(played: Path):
    (played / "go").touch()
    voice = EspeakVoice()
    voice.say("Sunita Devi", "ur")
    assert voice.wait(LIMIT_S)
    voice.stop()
    assert "Sunita Devi" in (played / "text").read_text()
    assert "Sunita" not in (played / "arguments").read_text()
    assert "-v ur" in (played / "arguments").read_text()


def test_the_newest_sentence_takes_the_place_of_those_that_wait(played: Path):
    voice = EspeakVoice()
    voice.say("first", "en")
    with voice._changed:
        assert voice._changed.wait_for(lambda: voice._waiting is None, LIMIT_S)
    voice.say("second", "en")
    voice.say("third", "en")
    (played / "go").touch()
    assert voice.wait(LIMIT_S)
    voice.stop()
    assert (played / "text").read_text().split() == ["first", "third"]


def test_a_stopped_voice_is_quiet_at_once_and_stays_so(played: Path):
    voice = EspeakVoice()
    voice.say("first", "en")
    voice.stop()
    voice.say("second", "en")
    assert voice.wait(0.0)
    assert not voice._thread.is_alive()


def test_a_loudspeaker_that_fails_is_no_error(played: Path):
    (played / "espeak-ng").write_text("#!/bin/sh\nexit 3\n")
    voice = EspeakVoice()
    voice.say("a " * 100_000, "en")
    assert voice.wait(LIMIT_S)
    (played / "espeak-ng").unlink()
    voice.say("second", "en")
    assert voice.wait(LIMIT_S)
    voice.stop()


def test_without_espeak_auto_is_silent_and_espeak_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(voice_open, "espeak", lambda: None)
    monkeypatch.setattr(voice_espeak, "espeak", lambda: None)
    assert voice_open.open_voice(VoiceSettings()) is None
    assert voice_open.open_voice(VoiceSettings(kind="silent")) is None
    with pytest.raises(VoiceError, match="apt-get install espeak-ng"):
        voice_open.open_voice(VoiceSettings(kind="espeak"))


def test_where_espeak_is_installed_auto_speaks(played: Path):
    voice = voice_open.open_voice(VoiceSettings())
    assert isinstance(voice, EspeakVoice)
    voice.stop()
