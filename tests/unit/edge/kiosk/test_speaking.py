"""One sentence at a time, in the language of whoever is before the kiosk."""

import msgspec
import pytest

from edge.kiosk import speaking, words
from edge.kiosk.speaking import Speaker


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

        def monotonic(self) -> float:
            return self.now

    clock = Clock()
    monkeypatch.setattr(speaking, "time", clock)
    return clock


@pytest.fixture
def her(stage):
    return stage.kiosk.server.people[0].person


@pytest.fixture
def voice(stage):
    return stage.voice


def test_the_same_sentence_is_not_repeated_within_three_seconds(voice, her, clock):
    speaker = Speaker(voice)
    for seconds in (0, 2.9, 3.1):
        clock.now = 1000.0 + seconds
        speaker.prompt(her, words.MOVE["blink"].spoken)
    assert len(voice.said) == 2


def test_a_prompt_is_said_at_once_and_a_hint_waits_for_the_last_sentence(voice, her, clock):
    speaker = Speaker(voice)
    speaker.prompt(her, words.MOVE["blink"].spoken)
    speaker.hint(her, words.HINT["too_dark"][1])
    speaker.prompt(her, words.MOVE["turn_left"].spoken)
    assert len(voice.said) == 2
    clock.now += 2.1
    speaker.hint(her, words.HINT["too_dark"][1])
    assert len(voice.said) == 3


def test_a_language_the_kiosk_does_not_speak_is_said_in_hindi(voice, her):
    Speaker(voice).prompt(msgspec.structs.replace(her, language="bho"), words.NOTHING_LOST)
    assert voice.said[0][0] == "hi"


def test_without_a_voice_nothing_is_said_and_nothing_fails(her):
    Speaker(None).prompt(her, words.NOTHING_LOST)
