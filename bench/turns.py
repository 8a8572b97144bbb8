"""How well turn taking hears: onsets, ends, false starts, echoes, interruptions and their cost.

Human recordings (``bench.prompts``) through the pure classes, without a clock: minutes of calls in
seconds. Transcripts are the recordings' own texts and come after a fixed time, so that only turn
taking is judged. ``python -m bench.turns --json`` prints one JSON object as its last line.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from bench.prompts import prompts
from voicebot.config import TurnSettings
from voicebot.media.audio import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE, SILENCE
from voicebot.turns.detector import Change, SpeechDetector
from voicebot.turns.events import (
    BargeInConfirmed,
    BargeInRejected,
    SpeechPaused,
    SpeechStarted,
)
from voicebot.turns.turntaker import TurnTaker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Signal = NDArray[np.float64]

LEVEL = -22.0
LINE = -62.0
TRANSCRIPT_MS = 200
SNRS = (None, 30, 20, 15, 10, 5)
BLOCK = 80
ROOM_MS = 40
BEGIN = 1.5
FULL_SCALE_DB = 20 * np.log10(32768)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording at the common level, and what is said in it."""

    signal: Signal
    text: str
    language: str

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.signal) / SAMPLE_RATE


def recordings(count: int, *, shortest: float, longest: float) -> list[Spoken]:
    """Return ``count`` recordings of each language, the same ones each time."""
    found = []
    for language in ("en", "ru"):
        everything = list(prompts(language).values())
        order = np.random.default_rng(7).permutation(len(everything))
        loaded = (load(everything[i].samples(), everything[i].text, language) for i in order)
        found += list(islice((one for one in loaded if shortest < one.seconds < longest), count))
    return found


def load(samples: NDArray[np.int16], text: str, language: str) -> Spoken:
    """Return a recording without the silence around it, at the common level."""
    signal = samples.astype(np.float64)
    loud = np.flatnonzero(audible(signal))
    signal = signal[loud[0] * BLOCK : (loud[-1] + 1) * BLOCK]
    return Spoken(signal * 10 ** ((LEVEL - level(signal)) / 20), text, language)


def level(signal: Signal) -> float:
    """Return the level of ``signal`` in dBFS."""
    return float(10 * np.log10(np.mean(signal**2) + 1e-9) - FULL_SCALE_DB)


def audible(signal: Signal, noise: float = -90.0) -> NDArray[np.bool_]:
    """Return which blocks of 5 ms lie within 32 dB of the loud ones and above ``noise``."""
    blocks = signal[: len(signal) // BLOCK * BLOCK].reshape(-1, BLOCK)
    levels = 10 * np.log10((blocks**2).mean(axis=1) + 1e-9) - FULL_SCALE_DB
    result: NDArray[np.bool_] = levels > max(float(np.percentile(levels, 95)) - 32, noise)
    return result


def noise(length: int, dbfs: float, rng: np.random.Generator) -> Signal:
    """Return pink noise in the telephone's band."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    frequencies = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    spectrum /= np.sqrt(np.maximum(frequencies, 50))
    spectrum[(frequencies > 3600) | (frequencies < 100)] = 0
    signal = np.fft.irfft(spectrum, length)
    return np.asarray(signal * 10 ** ((dbfs - level(signal)) / 20))


class Room:
    """Gives back what a loudspeaker plays, some time later and less loud; without loss: nothing."""

    def __init__(self, loss_db: float | None, rng: np.random.Generator) -> None:
        time_ms = np.arange(ROOM_MS * SAMPLE_RATE // 1000) * 1000 / SAMPLE_RATE
        taps = 0.25 * rng.standard_normal(len(time_ms)) * np.exp(-time_ms / rng.uniform(4, 15))
        taps[0] = 1.0
        self._gain = 0.0 if loss_db is None else 10 ** (-loss_db / 20)
        self._taps = taps / np.sqrt((taps**2).sum())
        delay = int(rng.uniform(20, 400) * SAMPLE_RATE / 1000)
        self._played = np.zeros(delay + len(taps) - 1)

    def play(self, frame: bytes) -> Signal:
        """Play 20 ms; return what comes back in the same 20 ms."""
        self._played = np.concatenate([self._played, np.frombuffer(frame, np.int16)])
        head = self._played[: FRAME_SAMPLES + len(self._taps) - 1]
        self._played = self._played[FRAME_SAMPLES:]
        return np.asarray(self._gain * np.convolve(head, self._taps, "valid"))


def frames(signal: Signal) -> Iterator[bytes]:
    """Yield the frames of ``signal``."""
    pcm = np.clip(signal, -32768, 32767).astype(np.int16).tobytes()
    for start in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        yield pcm[start : start + FRAME_BYTES]


def quantiles(values: list[float]) -> dict[str, float]:
    """Return the 5th, 50th and 95th percentile."""
    if not values:
        return {}
    low, middle, high = np.percentile(values, [5, 50, 95])
    return {"p5": round(float(low)), "p50": round(float(middle)), "p95": round(float(high))}


def detection(spoken: list[Spoken], snr: float | None) -> dict[str, object]:
    """Return onset delay and error of the end, in ms, against labels by energy."""
    rng = np.random.default_rng(1)
    onsets: list[float] = []
    ends: list[float] = []
    missed = false = 0
    lead = 2 * SAMPLE_RATE
    for one in spoken:
        under = LINE if snr is None else LEVEL - snr
        signal = np.concatenate([np.zeros(lead), one.signal, np.zeros(lead)])
        loud = np.flatnonzero(audible(one.signal, under))
        truth = (lead + loud[0] * BLOCK, lead + (loud[-1] + 1) * BLOCK)
        detector = SpeechDetector()
        found: list[tuple[int, int]] = []
        started = 0
        for frame in frames(signal + noise(len(signal), under, rng)):
            change = detector.push(frame)
            if change is Change.STARTED:
                started = detector.now
                false += started < truth[0] or detector.onset > truth[1] + SAMPLE_RATE // 10
            elif change is Change.PAUSED:
                found.append((started, detector.ended))
        missed += not found
        if found:
            onsets.append((found[0][0] - truth[0]) * 1000 / SAMPLE_RATE)
            ends.append((found[-1][1] - truth[1]) * 1000 / SAMPLE_RATE)
    return {
        "snr": snr, "onset_ms": quantiles(onsets), "end_ms": quantiles(ends),
        "missed": missed, "false": int(false),
    }  # fmt: skip


@dataclass(slots=True)
class Outcome:
    """What became of one call in which something was heard over the bot; times from its onset."""

    paused_ms: float | None = None
    confirmed_ms: float | None = None
    starts: int = 0
    rejected: list[str] = field(default_factory=list)


def over_bot(caller: Signal, bot: Spoken, text: str | None, room: Room, onset: float) -> Outcome:
    """Let ``bot`` speak through ``room`` while ``caller`` is on the line.

    Playout stops and resumes as the turn taker says, so that an echo stops with it. ``onset`` is
    when the caller begins, in seconds; ``text`` is what the recogniser makes of it.
    """
    turns = TurnTaker(TurnSettings(), bot.language)
    outcome, playing = Outcome(), True
    due: list[tuple[int, tuple[int, int, str]]] = []
    voice = frames(np.resize(bot.signal, len(caller)))
    turns.bot_started("")
    for number in range(len(caller) // FRAME_SAMPLES):
        played = next(voice) if playing else None
        line = caller[number * FRAME_SAMPLES :][:FRAME_SAMPLES] + room.play(played or SILENCE)
        events = turns.push(next(frames(line)), bot=played)
        if due and turns.now >= due[0][0]:
            events += turns.transcribed(*due.pop(0)[1])
        after = ((number + 1) * FRAME_SAMPLES / SAMPLE_RATE - onset) * 1000
        for event in events:
            if isinstance(event, SpeechStarted) and event.over_bot:
                playing, outcome.starts = False, outcome.starts + 1
                outcome.paused_ms = after
            elif isinstance(event, BargeInConfirmed):
                outcome.confirmed_ms = after
                turns.bot_finished("")
                return outcome
            elif isinstance(event, BargeInRejected):
                playing = True
                outcome.rejected.append(event.reason)
            elif isinstance(event, SpeechPaused) and text is not None and after > 0:
                which = event.utterance
                when = turns.now + TRANSCRIPT_MS * SAMPLE_RATE // 1000
                due.append((when, (which.number, which.revision, text)))
    return outcome


def interruptions(
    spoken: list[Spoken], bots: list[Spoken], loss_db: float | None
) -> dict[str, object]:
    """Return how often and when the bot yields to recordings, with its echo or without."""
    rng = np.random.default_rng(2)
    silent = np.zeros(int(BEGIN * SAMPLE_RATE))
    outcomes = []
    for one, bot in zip(spoken, bots, strict=False):
        line = np.concatenate([silent, one.signal, silent])
        line = line + noise(len(line), LINE, rng)
        outcomes.append(over_bot(line, bot, one.text, Room(loss_db, rng), BEGIN))
    right = [one for one in outcomes if one.confirmed_ms is not None and one.confirmed_ms > 0]
    return {
        "echo_loss_db": loss_db,
        "calls": len(outcomes),
        "yielded": round(len(right) / len(outcomes), 3),
        "yielded_too_early": sum((one.confirmed_ms or 0) < 0 for one in outcomes),
        "paused_ms": quantiles([one.paused_ms for one in right if one.paused_ms is not None]),
        "confirmed_ms": quantiles([one.confirmed_ms for one in right if one.confirmed_ms]),
        "rejected": dict(Counter(reason for one in outcomes for reason in one.rejected)),
    }


def echoes(bots: list[Spoken], loss_db: float) -> dict[str, object]:
    """Return how often the bot's own echo pauses it, and how often it makes it yield."""
    rng = np.random.default_rng(3)
    outcomes = []
    seconds = 0.0
    for bot in bots:
        line = noise(len(bot.signal) + SAMPLE_RATE, LINE, rng)
        outcomes.append(over_bot(line, bot, None, Room(loss_db, rng), 0.0))
        seconds += len(line) / SAMPLE_RATE
    return {
        "echo_loss_db": loss_db,
        "minutes": round(seconds / 60, 1),
        "pauses_per_minute": round(sum(one.starts for one in outcomes) / seconds * 60, 2),
        "yielded": sum(one.confirmed_ms is not None for one in outcomes),
        "calls": len(outcomes),
        "rejected": dict(Counter(reason for one in outcomes for reason in one.rejected)),
    }


def cost(spoken: list[Spoken]) -> dict[str, float]:
    """Return the cost of a frame, in µs, while the caller speaks and while the bot does."""
    heard = [frame for one in spoken for frame in frames(one.signal)]
    found = {}
    for name, bot in (("caller_speaks_us", None), ("bot_speaks_us", heard)):
        turns = TurnTaker(TurnSettings(), "en")
        if bot:
            turns.bot_started("")
        line = list(frames(noise(len(heard) * FRAME_SAMPLES, LINE, np.random.default_rng(4))))
        begin = time.process_time()
        for number, frame in enumerate(heard):
            turns.push(line[number] if bot else frame, bot=frame if bot else None)
        found[name] = round((time.process_time() - begin) / len(heard) * 1e6, 1)
    return found


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=80, help="recordings of each language")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    arguments = parser.parse_args()
    spoken = recordings(arguments.count, shortest=1.0, longest=8.0)
    bots = recordings(arguments.count, shortest=3.0, longest=20.0)[::-1]
    report = {
        "detection": [detection(spoken, snr) for snr in SNRS],
        "interruptions": [interruptions(spoken, bots, loss) for loss in (None, 30, 20, 12)],
        "echoes": [echoes(bots, loss) for loss in (30, 20, 12, 6)],
        "cost": cost(spoken[:20]),
    }
    for part, figures in report.items():
        print(part)
        for row in figures if isinstance(figures, list) else [figures]:
            print("  ", row)
    if arguments.json:
        print(json.dumps(report))


if __name__ == "__main__":
    main()
