"""Where speech is found to start and to end, and how well each stage tells it from the rest."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from bench.turns_speech import (
    BLOCK,
    LEVEL,
    LINE,
    Line,
    audible,
    frames,
    lost,
    noise,
    quantiles,
    through,
)
from voicebot.config import TurnSettings
from voicebot.media.audio import FRAME_SAMPLES, SAMPLE_RATE
from voicebot.turns.activity import VoiceActivity
from voicebot.turns.detector import Change, SpeechDetector
from voicebot.turns.silero import WINDOW, load_silero
from voicebot.turns.turntaker import TurnTaker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from bench.turns_speech import Signal, Spoken

    Scores = Callable[[Signal], NDArray[np.float64]]

LEAD_S = 2
# A frame is speech, or is not, where all of its blocks agree.
_BLOCKS = FRAME_SAMPLES // BLOCK


def detection(
    spoken: Iterable[Spoken], *, snr: float | None = None, line: Line = Line.WIDE
) -> dict[str, object]:
    """Return onset delay and error of the end, in ms, against labels by energy."""
    rng = np.random.default_rng(1)
    onsets: list[float] = []
    ends: list[float] = []
    missed = false = 0
    for number, one in enumerate(spoken):
        signal, (begin, end) = _labelled(one, snr, rng)
        detector = SpeechDetector()
        found: list[tuple[int, int]] = []
        started = 0
        gaps = lost(len(signal), line, number)
        for frame in frames(through(signal, line, number), gaps):
            change = detector.push(frame)
            if change is Change.STARTED:
                started = detector.now
                false += started < begin or detector.onset > end + SAMPLE_RATE // 10
            elif change is Change.PAUSED:
                found.append((started, detector.ended))
        missed += not found
        if found:
            onsets.append((found[0][0] - begin) * 1000 / SAMPLE_RATE)
            ends.append((found[-1][1] - end) * 1000 / SAMPLE_RATE)
    return {
        "line": str(line),
        "snr_db": snr,
        "onset_ms": quantiles(onsets),
        "end_ms": quantiles(ends),
        "missed": missed,
        "false": int(false),
    }


def _labelled(
    one: Spoken, snr: float | None, rng: np.random.Generator
) -> tuple[Signal, tuple[int, int]]:
    """Return ``one`` with noise around and under it, and where its speech begins and ends."""
    under = LINE if snr is None else LEVEL - snr
    lead = LEAD_S * SAMPLE_RATE
    signal = np.concatenate([np.zeros(lead), one.signal, np.zeros(lead)])
    loud = np.flatnonzero(audible(one.signal, under))
    truth = (lead + int(loud[0]) * BLOCK, lead + (int(loud[-1]) + 1) * BLOCK)
    return signal + noise(len(signal), under, rng), truth


def first_stage(signal: Signal) -> NDArray[np.float64]:
    """Return how sure WebRTC's detector and the level above the floor are, frame by frame."""
    activity = VoiceActivity()
    found = [activity.push(frame) for frame in frames(signal)]
    return np.array([one.level - one.floor + 100 * one.voiced for one in found])


def level_stage(signal: Signal) -> NDArray[np.float64]:
    """Return the level above the floor alone."""
    activity = VoiceActivity()
    found = [activity.push(frame) for frame in frames(signal)]
    return np.array([one.level - one.floor for one in found])


def webrtc_stage(signal: Signal) -> NDArray[np.float64]:
    """Return WebRTC's verdict alone: yes or no."""
    activity = VoiceActivity()
    return np.array([float(activity.push(frame).voiced) for frame in frames(signal)])


def silero_stage(signal: Signal) -> NDArray[np.float64]:
    """Return Silero's probability, frame by frame. Raises ``ConfigError`` without its weights."""
    pcm = np.clip(signal, -32768, 32767).astype(np.int16).tobytes()
    found = load_silero().probabilities(pcm).astype(np.float64)
    middles = np.arange(len(signal) // FRAME_SAMPLES) * FRAME_SAMPLES + FRAME_SAMPLES // 2
    first = len(signal) - len(found) * WINDOW
    return np.asarray(found[np.clip((middles - first) // WINDOW, 0, len(found) - 1)])


def roc_auc(
    spoken: Sequence[Spoken], stages: Mapping[str, Scores], snr: float, line: Line = Line.WIDE
) -> dict[str, object]:
    """Return each stage's area under the curve: frames of speech against those of noise.

    Labels are the clean recording's levels, which flatters the stages that look at levels.
    """
    found: dict[str, object] = {"line": str(line), "snr_db": snr}
    for name, stage in stages.items():
        rng = np.random.default_rng(8)
        scores: list[NDArray[np.float64]] = []
        truths: list[NDArray[np.int64]] = []
        for number, one in enumerate(spoken):
            signal, _ = _labelled(one, snr, rng)
            scores.append(stage(through(signal, line, number)))
            truths.append(_truth(one, snr, len(scores[-1])))
        found[name] = round(auc(np.concatenate(scores), np.concatenate(truths)), 4)
    return found


def _truth(one: Spoken, snr: float, count: int) -> NDArray[np.int64]:
    """Return 1 for each frame of speech, 0 for none, -1 where a frame is a little of both."""
    lead = LEAD_S * SAMPLE_RATE // FRAME_SAMPLES
    blocks = audible(one.signal, LEVEL - snr)
    loud = blocks[: len(blocks) // _BLOCKS * _BLOCKS].reshape(-1, _BLOCKS).sum(axis=1)
    truth = np.zeros(count, np.int64)
    truth[lead : lead + len(loud)] = np.where(loud == _BLOCKS, 1, np.where(loud == 0, 0, -1))
    return truth


def auc(scores: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """Return how often a frame of speech scores higher than another one; ties count half."""
    yes, no = np.sort(scores[truth == 1]), np.sort(scores[truth == 0])
    below = np.searchsorted(no, yes, "left") + np.searchsorted(no, yes, "right")
    return float(below.sum() / (2 * len(yes) * len(no)))


def cost(spoken: Iterable[Spoken]) -> dict[str, float]:
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
