"""What callers and bots of a comparison say, as files that any engine's process can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from bench.load_errors import LoadError
from bench.load_speech import reply
from bench.peers.scenario import FRAME_SAMPLES, FRAME_SECONDS, SAMPLE_RATE, Said
from bench.prompts import prompts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.waveform import Samples

UTTERANCES: Final = 4
SHORTEST_S, LONGEST_S = 2.4, 3.0
LONGEST_PAUSE_S = 0.16
"""Within a sentence: less than any engine takes for its end."""

LOUD: Final = 300.0
NOISE_RMS: Final = 12.0
"""-69 dBFS: a quiet line, but no digital silence."""

PERIOD_S: Final = 8.0
INTERRUPTED_S: Final = 12.0
INTERRUPTION_S: Final = 4.5
"""When the caller speaks over the bot, which has answered an utterance that ended at 3 s."""

END_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Speech:
    """A caller's speech, to be played in a circle, and where in it somebody speaks."""

    samples: Samples
    said: tuple[Said, ...]

    def write(self, path: Path) -> None:
        """Write the samples as raw slin16."""
        path.write_bytes(self.samples.astype("<i2").tobytes())


def talk() -> Speech:
    """Return one utterance each 8 s, which ends 3 s after each period's beginning."""
    return _composed(sentences(), PERIOD_S, interrupting=False)


def interruptions() -> Speech:
    """Return the same each 12 s, and 1.5 s after each its caller speaks again, over the bot."""
    return _composed(sentences(), INTERRUPTED_S, interrupting=True)


def answer() -> Samples:
    """Return what the bot says: 3 s."""
    return reply()


def sentences() -> list[Samples]:
    """Return whole sentences of about 3 s by people, in whole frames, without pauses to speak of.

    Whole and as they were said, for turn models listen to how a sentence ends. Raises ``LoadError``
    when the recordings are not installed.
    """
    try:
        recordings = prompts("en")
    except FileNotFoundError as error:
        raise LoadError(str(error)) from error
    found: list[Samples] = []
    for prompt in recordings.values():
        if len(found) == UTTERANCES:
            return found
        if not prompt.text.endswith("."):
            continue
        spoken, pause = _trimmed(prompt.samples())
        if SHORTEST_S <= len(spoken) / SAMPLE_RATE <= LONGEST_S and pause <= LONGEST_PAUSE_S:
            found.append(spoken)
    raise LoadError(f"fewer than {UTTERANCES} sentences of {SHORTEST_S:g} to {LONGEST_S:g} s")


def _trimmed(samples: Samples) -> tuple[Samples, float]:
    """Return ``samples`` without the silence around them, and their longest pause (s)."""
    whole = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES]
    frames = whole.reshape(-1, FRAME_SAMPLES).astype(np.float64)
    loud = np.flatnonzero(np.sqrt((frames**2).mean(axis=1)) >= LOUD)
    if len(loud) < 2:
        return whole[:0], 0.0
    trimmed = whole[loud[0] * FRAME_SAMPLES : (loud[-1] + 1) * FRAME_SAMPLES]
    return trimmed, float(np.diff(loud).max() - 1) * FRAME_SECONDS


def _composed(spoken: Sequence[Samples], period_s: float, *, interrupting: bool) -> Speech:
    period = round(period_s * SAMPLE_RATE)
    line = np.random.default_rng(1).normal(0, NOISE_RMS, len(spoken) * period)
    said: list[Said] = []
    for number, words in enumerate(spoken):
        begin = number * period + round(END_S * SAMPLE_RATE) - len(words)
        said.append(_put(line, begin, words))
        if interrupting:
            over = spoken[(number + 1) % len(spoken)]
            begin = number * period + round(INTERRUPTION_S * SAMPLE_RATE)
            said.append(_put(line, begin, over, over_bot=True))
    samples: Samples = np.clip(line, -32768, 32767).astype(np.int16)
    return Speech(samples, tuple(said))


def _put(line: np.ndarray, begin: int, words: Samples, *, over_bot: bool = False) -> Said:
    """Add ``words`` to ``line``; return where they are, in frames."""
    line[begin : begin + len(words)] += words
    first = begin // FRAME_SAMPLES
    return Said(first, first + len(words) // FRAME_SAMPLES, over_bot)
