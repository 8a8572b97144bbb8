from __future__ import annotations

import numpy as np
import pytest

from bench.turns_disturbances import FAR_DB, SOUNDS, Deaf, far_talker, met
from bench.turns_speech import LEVEL, LINE, Room, Spoken, frames, level, noise
from bench.turns_yielding import Outcome, over_bot
from tests.turns.signals import voice
from voicebot.config import TurnSettings
from voicebot.media.audio import SAMPLE_RATE
from voicebot.turns.events import SpeechStarted
from voicebot.turns.turntaker import TurnTaker

CALLER = Spoken(voice(2500, LEVEL), "Are you open today?", "en")
BOT = Spoken(voice(6000, LEVEL, seed=3, pitch=200), "We are open.", "en")


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def heard_over_the_bot(sound: np.ndarray) -> Outcome:
    line = sound + noise(len(sound), LINE, rng())
    return over_bot(line, BOT, Deaf(), Room(None, rng()), 0.0, turns=met(CALLER))


@pytest.mark.parametrize("name", ["hum and line noise", "breathing", "keyboard", "keys (DTMF)"])
def test_what_has_no_pitch_or_is_a_tone_starts_no_speech(name: str):
    turns = TurnTaker(TurnSettings(), "en")
    sound = SOUNDS[name](10.0, rng()) + noise(10 * SAMPLE_RATE, LINE, rng())
    events = [event for frame in frames(sound) for event in turns.push(frame)]
    assert not [event for event in events if isinstance(event, SpeechStarted)]


@pytest.mark.parametrize(
    "name", ["hum and line noise", "breathing", "keyboard", "keys (DTMF)", "plucked chords"]
)
def test_no_noise_takes_the_word_from_the_bot(name: str):
    outcome = heard_over_the_bot(SOUNDS[name](6.0, rng()))
    assert outcome.confirmed_ms is None


@pytest.mark.parametrize("below", FAR_DB[1:])
def test_somebody_far_away_does_not_take_the_word_of_a_bot_that_knows_its_caller(below: float):
    far = far_talker(Spoken(voice(6000, LEVEL, seed=8, pitch=150), "", "en"), below, rng())
    outcome = heard_over_the_bot(far)
    assert outcome.confirmed_ms is None


def test_a_far_talker_is_as_far_below_as_was_asked_for():
    far = far_talker(CALLER, 18.0, rng())
    assert level(far) == pytest.approx(LEVEL - 18.0, abs=0.1)
