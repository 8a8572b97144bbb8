"""What is on a telephone line and is no caller's speech: how often it starts or stops anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.turns_detection import auc
from bench.turns_recogniser import Understood
from bench.turns_speech import LEVEL, LINE, Room, Spoken, frames, level, noise
from bench.turns_yielding import over_bot
from voicebot.config import TurnSettings
from voicebot.media.audio import SAMPLE_RATE
from voicebot.turns.events import SpeechPaused, SpeechStarted
from voicebot.turns.turntaker import TurnTaker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from bench.turns_speech import Signal
    from voicebot.media.audio import Pcm

    Scores = Callable[[Signal], NDArray[np.float64]]

_ROWS = (697.0, 770.0, 852.0, 941.0)
_COLUMNS = (1209.0, 1336.0, 1477.0, 1633.0)
_CHORDS = ((220.0, 277.2, 329.6), (196.0, 246.9, 293.7), (174.6, 220.0, 261.6))
FAR_DB = (15.0, 18.0, 20.0)
_ROOM_MS = 300


def _time(seconds: float) -> Signal:
    return np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def _at(signal: Signal, dbfs: float) -> Signal:
    return np.asarray(signal * 10 ** ((dbfs - level(signal)) / 20))


def hum(seconds: float, rng: np.random.Generator) -> Signal:
    """Return the hum of mains and its overtones under the line's own noise."""
    time = _time(seconds)
    mains = np.sum([np.sin(2 * np.pi * 50 * n * time) / n for n in range(1, 8)], axis=0)
    return _at(mains, -42.0) + noise(len(time), -45.0, rng)


def music(seconds: float, rng: np.random.Generator) -> Signal:
    """Return chords that are plucked twice a second, with overtones, over a beat of noise."""
    time = _time(seconds)
    signal = np.zeros(len(time))
    for beat in range(int(seconds * 2)):
        start = beat * SAMPLE_RATE // 2
        left = time[: len(time) - start]
        decay = np.exp(-left * 5)
        for note in _CHORDS[beat // 4 % len(_CHORDS)]:
            for overtone in range(1, 7):
                signal[start:] += decay * np.sin(2 * np.pi * note * overtone * left) / overtone**1.5
        signal[start:] += 0.3 * rng.standard_normal(len(left)) * np.exp(-left * 60)
    return _at(signal, -28.0)


def breathing(seconds: float, rng: np.random.Generator) -> Signal:
    """Return somebody who breathes into the microphone, in and out, fifteen times a minute."""
    time = _time(seconds)
    swell = np.abs(np.sin(np.pi * time / 2.0)) ** 2
    return _at(noise(len(time), LEVEL, rng) * swell, -38.0)


def dtmf(seconds: float, rng: np.random.Generator) -> Signal:
    """Return keys that are pressed, 120 ms each, three a second."""
    time = _time(seconds)
    signal = np.zeros(len(time))
    key = _time(0.12)
    for start in range(0, len(time) - len(key), SAMPLE_RATE // 3):
        low, high = rng.choice(_ROWS), rng.choice(_COLUMNS)
        pressed = np.sin(2 * np.pi * low * key) + np.sin(2 * np.pi * high * key)
        signal[start : start + len(key)] += pressed
    return np.asarray(signal * 3000.0)


def keyboard(seconds: float, rng: np.random.Generator) -> Signal:
    """Return somebody who types: seven clicks a second, each gone after 15 ms."""
    signal = np.zeros(int(seconds * SAMPLE_RATE))
    click = np.exp(-np.arange(SAMPLE_RATE // 25) / (SAMPLE_RATE * 0.004))
    for start in rng.integers(0, len(signal) - len(click), int(seconds * 7)):
        loud = rng.uniform(500, 5000)
        signal[start : start + len(click)] += loud * click * rng.standard_normal(len(click))
    return signal


def far_talker(one: Spoken, below_db: float, rng: np.random.Generator) -> Signal:
    """Return ``one`` from the other end of a room that rings for 300 ms."""
    time_ms = np.arange(_ROOM_MS * SAMPLE_RATE // 1000) * 1000 / SAMPLE_RATE
    taps = rng.standard_normal(len(time_ms)) * np.exp(-time_ms / 60)
    return _at(np.convolve(one.signal, taps)[: len(one.signal)], LEVEL - below_db)


SOUNDS: Mapping[str, Callable[[float, np.random.Generator], Signal]] = {
    "hum and line noise": hum,
    "music": music,
    "breathing": breathing,
    "keys (DTMF)": dtmf,
    "keyboard": keyboard,
}


def disturbances(
    bots: Sequence[Spoken], people: Sequence[Spoken], stages: Mapping[str, Scores], seconds: float
) -> list[dict[str, object]]:
    """Return for each sound how often it starts speech, or takes the word from the bot.

    Nothing is ever understood of it. With each the area under the curve, by stage: the frames of
    ``people`` against those of the sound.
    """
    rows = []
    for name, sound in SOUNDS.items():
        rng = np.random.default_rng(12)
        signal = sound(seconds, rng) + noise(int(seconds * SAMPLE_RATE), LINE, rng)
        rows.append(
            {
                "sound": name,
                **_effect(signal, bots, people[0]),
                **_told_apart(people, signal, stages),
            }
        )
    for below in FAR_DB:
        rng = np.random.default_rng(13)
        talk = np.concatenate([far_talker(one, below, rng) for one in people])
        signal = talk[: int(seconds * SAMPLE_RATE)]
        signal = signal + noise(len(signal), LINE, rng)
        name = f"a talker in the room, -{below:g} dB"
        rows.append(
            {
                "sound": name,
                **_effect(signal, bots, people[0]),
                **_told_apart(people, signal, stages),
            }
        )
    return rows


class Deaf:
    """A recogniser that hears no words in anything, as it should be with these sounds."""

    def hear(self, _pcm: Pcm, _language: str, _hint: str = "") -> Understood:
        """Return nothing."""
        return Understood("")


def _effect(signal: Signal, bots: Sequence[Spoken], caller: Spoken) -> dict[str, object]:
    minutes = len(signal) / SAMPLE_RATE / 60
    turns = TurnTaker(TurnSettings(), "en")
    events = [event for frame in frames(signal) for event in turns.push(frame)]
    over = [
        over_bot(
            _cut(signal, n, len(bot.signal)),
            bot,
            Deaf(),
            Room(None, _rng()),
            0.0,
            turns=met(caller),
        )
        for n, bot in enumerate(bots)
    ]
    spoken = sum(len(bot.signal) for bot in bots) / SAMPLE_RATE / 60
    starts = sum(isinstance(event, SpeechStarted) for event in events)
    return {
        "starts_per_minute": round(starts / minutes, 1),
        "pauses_of_bot_per_minute": round(sum(one.starts for one in over) / spoken, 1),
        "bot_yielded": f"{sum(one.confirmed_ms is not None for one in over)} of {len(over)}",
    }


def met(caller: Spoken) -> TurnTaker:
    """Return a turn taker that has heard one turn of ``caller``, and knows how loud that is."""
    turns = TurnTaker(TurnSettings(), caller.language)
    after = np.zeros(2 * SAMPLE_RATE)
    line = np.concatenate([after, caller.signal, after])
    for frame in frames(line + noise(len(line), LINE, _rng())):
        for event in turns.push(frame):
            if isinstance(event, SpeechPaused):
                what = event.utterance
                turns.transcribed(what.number, what.revision, "Are you open today?")
    return turns


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


def _cut(signal: Signal, number: int, length: int) -> Signal:
    """Return ``length`` samples of ``signal``, from another place each time, repeated."""
    return np.resize(np.roll(signal, -number * SAMPLE_RATE), length)


def _told_apart(
    people: Sequence[Spoken], signal: Signal, stages: Mapping[str, Scores]
) -> dict[str, object]:
    speech = np.concatenate([one.signal for one in people])[: len(signal)]
    speech = speech + noise(len(speech), LINE, _rng())
    found: dict[str, object] = {}
    for name, stage in stages.items():
        heard, other = stage(speech), stage(signal)
        truth = np.concatenate([np.ones(len(heard), np.int64), np.zeros(len(other), np.int64)])
        found[f"auc {name}"] = round(auc(np.concatenate([heard, other]), truth), 3)
    return found
