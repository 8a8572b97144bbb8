"""What is on a telephone line and is no caller's speech: how often it starts or stops anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soxr

from bench.turns_detection import auc
from bench.turns_recogniser import Understood
from bench.turns_speech import LEVEL, LINE, Room, Spoken, frames, level, noise
from bench.turns_yielding import over_bot
from bench.waveform import read_wav
from voicebot.config import TurnSettings
from voicebot.media.audio import SAMPLE_RATE
from voicebot.turns.events import SpeechPaused, SpeechStarted
from voicebot.turns.turntaker import TurnTaker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from bench.turns_recogniser import Recogniser
    from bench.turns_speech import Signal
    from voicebot.media.audio import Pcm
    from voicebot.turns.opinions import SecondOpinion

    Scores = Callable[[Signal], NDArray[np.float64]]

_ROWS = (697.0, 770.0, 852.0, 941.0)
_COLUMNS = (1209.0, 1336.0, 1477.0, 1633.0)
_CHORDS = ((220.0, 277.2, 329.6), (196.0, 246.9, 293.7), (174.6, 220.0, 261.6))
FAR_DB = (15.0, 18.0, 20.0)
_ROOM_MS = 300
_MUSIC = Path("/usr/share/asterisk/moh")
_MUSIC_INTRO_S = 10


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


def hold_music(seconds: float, _rng: np.random.Generator) -> Signal:
    """Return some of each piece that Asterisk plays to who waits, at 8 kHz.

    Raises ``FileNotFoundError`` naming the package where there is none.
    """
    files = sorted(_MUSIC.glob("*.wav"))
    if not files:
        raise FileNotFoundError(f"no music in {_MUSIC}: apt-get install asterisk-moh-opsound-wav")
    pieces = []
    for file in files:
        samples, rate = read_wav(file)
        begin = _MUSIC_INTRO_S * rate
        piece = samples[begin : begin + int(seconds / len(files) * rate)].astype(np.float64)
        pieces.append(_at(soxr.resample(piece, rate, SAMPLE_RATE), -26.0))
    return np.resize(np.concatenate(pieces), int(seconds * SAMPLE_RATE))


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
    "plucked chords": music,
    "hold music": hold_music,
    "breathing": breathing,
    "keys (DTMF)": dtmf,
    "keyboard": keyboard,
}


class Deaf:
    """A recogniser that hears no words in anything, as it should be with these sounds."""

    def hear(self, _pcm: Pcm, _language: str, _hint: str = "") -> Understood:
        """Return nothing."""
        return Understood("")


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who hears the sounds: ``bots``, the first of ``people``, and what tells speech from them."""

    bots: Sequence[Spoken]
    people: Sequence[Spoken]
    stages: Mapping[str, Scores]
    recogniser: Recogniser = field(default_factory=Deaf)
    opinions: Mapping[str, SecondOpinion] = field(default_factory=dict)

    def disturbed(self, seconds: float) -> list[dict[str, object]]:
        """Return for each sound how often it starts speech, or takes the word from the bot.

        With each the area under the curve, by stage: the frames of ``people`` against those of the
        sound. A sound that is not installed is left out, and told.
        """
        rows = []
        for name, sound in SOUNDS.items():
            rng = np.random.default_rng(12)
            try:
                signal = sound(seconds, rng)
            except FileNotFoundError as error:
                print(error)
                continue
            rows.append(self._row(name, signal + noise(len(signal), LINE, rng)))
        for below in FAR_DB:
            rng = np.random.default_rng(13)
            talk = np.concatenate([far_talker(one, below, rng) for one in self.people])
            signal = talk[: int(seconds * SAMPLE_RATE)]
            signal = signal + noise(len(signal), LINE, rng)
            rows.append(self._row(f"a talker in the room, -{below:g} dB", signal))
        return rows

    def _row(self, name: str, signal: Signal) -> dict[str, object]:
        bots, minutes = self.bots, len(signal) / SAMPLE_RATE / 60
        over = [
            over_bot(
                _cut(signal, n, len(bot.signal)),
                bot,
                self.recogniser,
                Room(None, _rng()),
                0.0,
                turns=met(self.people[0]),
            )
            for n, bot in enumerate(bots)
        ]
        spoken = sum(len(bot.signal) for bot in bots) / SAMPLE_RATE / 60
        opinions: dict[str, tuple[SecondOpinion, ...]] = {
            "starts_per_minute": (),
            **{f"with {name}": (opinion,) for name, opinion in self.opinions.items()},
        }
        return {
            "sound": name,
            **{name: round(_starts(signal, one) / minutes, 1) for name, one in opinions.items()},
            "pauses_of_bot_per_minute": round(sum(one.starts for one in over) / spoken, 1),
            "bot_yielded": f"{sum(one.confirmed_ms is not None for one in over)} of {len(over)}",
            **_told_apart(self.people, signal, self.stages),
        }


def _starts(signal: Signal, opinions: Sequence[SecondOpinion]) -> int:
    turns = TurnTaker(TurnSettings(), "en", opinions=opinions)
    events = [event for frame in frames(signal) for event in turns.push(frame)]
    return sum(isinstance(event, SpeechStarted) for event in events)


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
