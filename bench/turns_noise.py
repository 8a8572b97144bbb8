"""Where a caller is, and what of it is heard with him: his line, its noise, people who talk behind.

Noise is there before he speaks and after, as it is on a telephone; what counts for the ratio is his
own level while he speaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from bench.turns_speech import LEVEL, LINE, Line, level, noise, recordings, through
from voicebot.media.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.turns_speech import Signal, Spoken

TALKERS = 8
_PAUSE_S = (0.1, 0.6)
_QUIET_S = (0.5, 2.6)
# Long enough to know the noise before, and to see after it whether the turn is ever ended.
_NOISY_S = (2.0, 6.0)


class Noise(StrEnum):
    """What is heard beside the caller."""

    LINE = "line noise"
    BABBLE = "babble"
    """Eight people at once: a café, an office."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A line, and what is heard on it beside the caller, ``snr`` dB below him."""

    line: Line = Line.WIDE
    noise: Noise | None = None
    snr: float | None = None

    @property
    def lead_s(self) -> float:
        """How long the line is heard before the caller."""
        return (_NOISY_S if self.noise else _QUIET_S)[0]

    def around(self, one: Spoken, seed: int, rng: np.random.Generator) -> Signal:
        """Return the line from before ``one`` is said until long after it."""
        times = _NOISY_S if self.noise else _QUIET_S
        before, after = (np.zeros(int(s * SAMPLE_RATE)) for s in times)
        said = np.concatenate([before, one.signal, after])
        said = said + self.beside(len(said), LEVEL, rng)
        return np.asarray(through(said, self.line, seed) + noise(len(said), LINE, rng))

    def beside(self, length: int, dbfs: float, rng: np.random.Generator) -> Signal:
        """Return what is heard beside a caller of ``dbfs``."""
        if self.noise is None or self.snr is None:
            return np.zeros(length)
        kind = babble if self.noise is Noise.BABBLE else noise
        return kind(length, dbfs - self.snr, rng)


QUIET = Scene()
NOISY = (
    *(Scene(noise=kind, snr=snr) for kind in Noise for snr in (20, 10, 5)),
    *(Scene(line, kind, 10) for kind in Noise for line in (Line.G711, Line.LOSSY)),
)


def babble(length: int, dbfs: float, rng: np.random.Generator) -> Signal:
    """Return people who all talk at once, each of them with pauses."""
    talk = np.sum([_talk(length, _people(), rng) for _ in range(TALKERS)], axis=0)
    return np.asarray(talk * 10 ** ((dbfs - level(talk)) / 20))


@cache
def _people() -> Sequence[Spoken]:
    return recordings(60, shortest=3.0, longest=12.0)


def _talk(length: int, people: Sequence[Spoken], rng: np.random.Generator) -> Signal:
    """Return one person who talks for ``length`` samples, and was in the middle of a sentence."""
    begin = int(rng.uniform(0.0, 3.0) * SAMPLE_RATE)
    parts: list[Signal] = []
    left = begin + length
    while left > 0:
        said = people[int(rng.integers(len(people)))].signal
        parts += [said, np.zeros(int(rng.uniform(*_PAUSE_S) * SAMPLE_RATE))]
        left -= sum(map(len, parts[-2:]))
    return np.concatenate(parts)[begin : begin + length]
