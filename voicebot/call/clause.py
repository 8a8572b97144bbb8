"""A clause that is being said, and how many of its words have been heard."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

import numpy as np

from voicebot.media.audio import SAMPLE_RATE
from voicebot.speech.reading import speakable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from voicebot.media.audio import Pcm

_BLOCK: Final = SAMPLE_RATE // 100
"""Samples whose level is taken together: 10 ms."""

# Speech is what is not this far below the loudest block.
_RANGE_DB: Final = 32.0
# Shorter silences lie within words: 't' and 'k' are preceded by one.
_SHORTEST_PAUSE: Final = 6
# Seconds that a letter takes, for where the end of the audio is not known yet.
_PACE_S: Final = 0.07

_BREAK = re.compile(r"[,;:.!?…–—]$")
_LETTER = re.compile(r"\w")


class Clause:
    """Its text, and the level of its audio as that goes to playout.

    No provider tells when each word is said. Sound is shared out over the words by their length as
    they are read aloud; silence between them is theirs to begin after, and where the text has a
    comma and the audio a pause, the one is taken for the other. Before the clause is ``complete``
    nobody knows how much is still to come, and a usual pace is assumed.
    """

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.complete = False
        self._language = language
        self._start: int | None = None
        self._levels: list[float] = []
        self._rest = b""

    def play(self, pcm: Pcm, at: int) -> None:
        """Note that ``pcm``, the clause's next audio, lies in playout from position ``at`` on."""
        if self._start is None:
            self._start = at
        pcm = self._rest + pcm
        whole = len(pcm) // (2 * _BLOCK) * 2 * _BLOCK
        self._rest = pcm[whole:]
        blocks = np.frombuffer(pcm[:whole], "<i2").reshape(-1, _BLOCK).astype(np.float32)
        self._levels += np.sqrt((blocks**2).mean(axis=1)).tolist()

    def heard(self, position: int) -> str:
        """Return the words that have been heard when playout stands at ``position``."""
        if self._start is None or position <= self._start:
            return ""
        if self.complete and position >= self._start + len(self._levels) * _BLOCK:
            return self.text
        words = self.text.split()
        ends = self._word_ends(words)
        reached = (position - self._start) / SAMPLE_RATE
        return " ".join(words[: bisect_right(ends, reached)])

    def _word_ends(self, words: Sequence[str]) -> list[float]:
        """Return where each word ends, in seconds of the clause's audio."""
        loud = self._loud()
        weights = np.array([self._weight(word) for word in words], dtype=np.float64)
        if not self.complete:
            sound = max(int(loud.sum()), 1) * _BLOCK / SAMPLE_RATE
            return _ends(loud, range(len(loud)), np.cumsum(weights) * _PACE_S / sound)
        phrases = _phrases(words)
        stretches = _stretches(loud, len(phrases))
        if len(stretches) != len(phrases):
            phrases, stretches = [range(len(words))], _stretches(loud, 1)
        ends: list[float] = []
        for phrase, stretch in zip(phrases, stretches, strict=True):
            share = np.cumsum(weights[phrase.start : phrase.stop])
            ends += _ends(loud, stretch, share / share[-1])
        return ends

    def _loud(self) -> NDArray[np.bool_]:
        """Return for each block whether something is said in it."""
        levels = np.array(self._levels or [0.0])
        limit = max(float(levels.max()) * 10 ** (-_RANGE_DB / 20), 1.0)
        loud: NDArray[np.bool_] = levels >= limit
        return loud

    def _weight(self, word: str) -> float:
        """Return how long ``word`` takes to say, in letters."""
        return 0.5 + len(_LETTER.findall(speakable(word, self._language)))


def _phrases(words: Sequence[str]) -> list[range]:
    """Return the stretches of words that are followed by a comma, or by the end."""
    breaks = [number + 1 for number, word in enumerate(words[:-1]) if _BREAK.search(word)]
    starts = [0, *breaks]
    return [range(start, end) for start, end in zip(starts, [*breaks, len(words)], strict=True)]


def _stretches(loud: NDArray[np.bool_], count: int) -> list[range]:
    """Return ``count`` stretches of blocks between the longest pauses, or fewer."""
    spoken = np.flatnonzero(loud)
    if not len(spoken):
        return [range(len(loud))]
    gaps = np.diff(spoken)
    longest = np.argsort(gaps)[::-1][: count - 1]
    cuts = sorted(int(cut) for cut in longest if gaps[cut] > _SHORTEST_PAUSE)
    firsts = [spoken[0], *(spoken[cut + 1] for cut in cuts)]
    lasts = [*(spoken[cut] for cut in cuts), spoken[-1]]
    return [range(int(first), int(last) + 1) for first, last in zip(firsts, lasts, strict=True)]


def _ends(loud: NDArray[np.bool_], stretch: range, shares: NDArray[np.float64]) -> list[float]:
    """Return in seconds where these shares of the sound in ``stretch`` have been heard.

    A share above 1 is not heard within it.
    """
    part = loud[stretch.start : stretch.stop]
    sound = np.cumsum(part)
    blocks = np.searchsorted(sound, shares * sound[-1] - 1e-6)
    seconds = (stretch.start + blocks + 1) * _BLOCK / SAMPLE_RATE
    ends: list[float] = np.where(shares > 1 + 1e-6, np.inf, seconds).tolist()
    return ends
