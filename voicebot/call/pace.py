"""When each word of a clause was said, guessed from its text and from how loud its audio is."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from voicebot.media.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

BLOCK: Final = SAMPLE_RATE // 100
"""Samples whose level is taken together: 10 ms."""

# Speech is what is not this far below the loudest block.
_RANGE_DB: Final = 32.0
# Shorter silences lie within words: 't' and 'k' are preceded by one.
_SHORTEST_PAUSE: Final = 6
# Blocks of speech for each unit of a word's length, where the end of the audio is not known yet.
_PACE: Final = 8.5

# How long a word is, in vowels: fitted to Piper's and espeak-ng's English and Russian.
_ANY, _CONSONANT, _BEFORE_A_BREAK, _LIGHT = 1.15, 0.48, 1.5, -0.46
# A short word of one syllable is mostly unstressed.
_LIGHT_LETTERS: Final = 3
# A word may be this much longer or shorter than expected: a share of it, and some blocks.
_SPREAD, _LEAST_SPREAD = 0.5, 1.3
# A boundary that is a decibel quieter may be so much further off.
_QUIET: Final = 0.026
_LEAST_DB: Final = -40.0
# Blocks on either side of where a boundary is expected, in which it is looked for.
_REACH: Final = 40

_BREAK: Final = re.compile(r"[,;:.!?…–—][\"'»”)]*$")
_LETTER: Final = re.compile(r"\w")
_VOWELS: Final = re.compile("[aeiouyàáâäåæèéêëìíîïòóôöøùúûüаеёиоуыэюяіїє]+")
_SILENT_E: Final = re.compile("(?<=[^aeiouy])e$")


def word_spans(
    words: Sequence[str], levels: Sequence[float], *, complete: bool
) -> list[tuple[int, int]]:
    """Return in which blocks each of ``words`` begins and ends; the blocks have ``levels``.

    Sound is shared out over the words by their length, and a boundary lies rather where it is
    quiet; where the text has a comma and the audio a pause, the one is taken for the other. Where
    the audio is not ``complete`` nobody knows how much is still to come: a usual pace is assumed,
    and words that are not over yet are left out.
    """
    level = np.array(levels or [0.0])
    loudest = max(float(level.max()), 1.0)
    loud = level >= max(loudest * 10 ** (-_RANGE_DB / 20), 1.0)
    lengths = np.array([length(word) for word in words])
    # The last word is drawn out as one before a comma is.
    lengths[-1] += 0.0 if _BREAK.search(words[-1]) else _BEFORE_A_BREAK
    if not complete:
        return _at_usual_pace(loud, lengths)
    phrases = _phrases(words)
    stretches = _stretches(loud, len(phrases))
    if len(stretches) != len(phrases):
        phrases, stretches = [range(len(words))], _stretches(loud, 1)
    decibels = np.maximum(20 * np.log10(np.maximum(level, 1e-3) / loudest), _LEAST_DB)
    spans: list[tuple[int, int]] = []
    for phrase, stretch in zip(phrases, stretches, strict=True):
        part = slice(stretch.start, stretch.stop)
        cuts = _cuts(loud[part], decibels[part], lengths[phrase.start : phrase.stop])
        spans += pairwise(stretch.start + cut for cut in (0, *cuts))
    return spans


def length(word: str) -> float:
    """Return how long ``word`` takes to say, in vowels."""
    letters = "".join(_LETTER.findall(word.lower()))
    groups = _VOWELS.findall(letters)
    if len(groups) > 1:
        groups = _VOWELS.findall(_SILENT_E.sub("", letters))
    consonants = len(letters) - sum(map(len, groups))
    light = len(groups) <= 1 and len(letters) <= _LIGHT_LETTERS
    total = _ANY + len(groups) + _CONSONANT * consonants + _LIGHT * light
    return total + _BEFORE_A_BREAK * bool(_BREAK.search(word))


def _phrases(words: Sequence[str]) -> list[range]:
    """Return the stretches of words that are followed by a comma, or by the end."""
    breaks = [number + 1 for number, word in enumerate(words[:-1]) if _BREAK.search(word)]
    return [range(start, end) for start, end in pairwise([0, *breaks, len(words)])]


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


def _at_usual_pace(loud: NDArray[np.bool_], lengths: Floats) -> list[tuple[int, int]]:
    sound = np.cumsum(loud)
    wanted = np.cumsum(lengths) * _PACE
    said = wanted[wanted <= sound[-1]]
    first = int(np.argmax(loud))
    return list(pairwise([first, *(int(end) + 1 for end in np.searchsorted(sound, said))]))


def _cuts(loud: NDArray[np.bool_], decibels: Floats, lengths: Floats) -> list[int]:
    """Return where each word ends in a stretch of blocks: the cheapest way to cut it.

    A cut costs what it is loud, a word the square of how far it is from its expected length, in
    units of what is usual. Found word by word (dynamic programming), each near its place.
    """
    sound = np.concatenate(([0.0], np.cumsum(loud)))
    last = len(loud)
    expected = lengths * sound[-1] / lengths.sum()
    edges = np.concatenate(([decibels[0]], (decibels[1:] + decibels[:-1]) / 2, [decibels[-1]]))
    places, costs = np.array([0]), np.array([0.0])
    steps: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
    for number, (each, reached) in enumerate(zip(expected, np.cumsum(expected), strict=True)):
        final = number == len(expected) - 1
        middle = last if final else int(np.searchsorted(sound, reached))
        ends = np.arange(max(middle - _REACH, 0), min(middle + _REACH, last) + 1)
        ends = ends[-1:] if final else ends
        off = (sound[ends][None] - sound[places][:, None] - each) / (_SPREAD * each + _LEAST_SPREAD)
        # Words follow each other: none ends before it begins.
        way = costs[:, None] + off**2 + 1e6 * (ends[None] <= places[:, None])
        steps.append((ends, way.argmin(axis=0)))
        costs = way.min(axis=0) + (0.0 if final else _QUIET * edges[ends])
        places = ends
    return _traced(steps)


def _traced(steps: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]) -> list[int]:
    """Return the cheapest way, from its last step back."""
    cuts: list[int] = []
    chosen = 0
    for ends, before in reversed(steps):
        cuts.append(int(ends[chosen]))
        chosen = int(before[chosen])
    return cuts[::-1]
