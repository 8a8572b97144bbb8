"""When each word was said, from how long a Piper voice made each phoneme."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise, product
from typing import TYPE_CHECKING, Final

from voicebot.models.seams import Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_SPACE: Final = " "
_MARK: Final = "Lm"
"""Unicode's category of the signs for stress and length."""

_MOST: Final = 6
"""Words that are run together, or that are made of one."""

_STEPS: Final = (
    (1, 1),
    *((1, more) for more in range(2, _MOST)),
    *((more, 1) for more in range(2, _MOST)),
)
_NONE: Final = (1 << 30, 0, 0)


@dataclass(frozen=True, slots=True)
class Sound:
    """Where a sound is, in samples; ``begins`` says that there is a space or a stop before it."""

    start: int
    end: int
    begins: bool


def sounds_of(phonemes: Iterable[tuple[str, int]], start: int) -> list[Sound]:
    """Return the sounds of ``phonemes`` and their lengths in samples, the first at ``start``."""
    sounds: list[Sound] = []
    at, begins, held = start, True, start
    for phoneme, samples in phonemes:
        end = at + samples
        if not phoneme.isalpha():
            begins, held = True, end
        elif not is_mark(phoneme):
            sounds.append(Sound(held, end, begins))
            begins, held = False, end
        elif not begins:
            sounds[-1] = replace(sounds[-1], end=end)
            held = end
        at = end
    return sounds


def is_mark(phoneme: str) -> bool:
    """Return whether ``phoneme`` only says how the sound beside it is made."""
    return unicodedata.category(phoneme[0]) == _MARK


def words_of(
    text: str, sounds: Sequence[Sound], rate: int, count: Callable[[str], int]
) -> tuple[Word, ...]:
    """Return the words of ``text``, which were said as ``sounds``; none where that is not known.

    Espeak's phonemes run some words together ('of the') and make several of others ('10:30').
    ``count`` tells how many sounds a word has when it is said alone; it is asked only then.
    """
    words = [word for word in text.split() if any(map(str.isalnum, word))]
    firsts = [number for number, sound in enumerate(sounds) if sound.begins]
    if not words or len(sounds) < len(words):
        return ()
    if len(firsts) != len(words):
        firsts = _shared_out([count(word) for word in words], firsts, len(sounds))
    if len(firsts) != len(words):
        return ()
    lasts = [*(first - 1 for first in firsts[1:]), len(sounds) - 1]
    return tuple(
        Word(word, sounds[first].start / rate, sounds[last].end / rate, 1.0)
        for word, first, last in zip(words, firsts, lasts, strict=True)
    )


def _shared_out(sizes: Sequence[int], begun: Sequence[int], total: int) -> list[int]:
    """Return with which sound each word begins.

    Words of these ``sizes`` and what was said between spaces, ``begun`` with these sounds, are
    matched so that their numbers of sounds differ least: word by word, or one with several.
    """
    groups = [end - start for start, end in pairwise([*begun, total])]
    best: dict[tuple[int, int], tuple[int, int, int]] = {(0, 0): (0, 0, 0)}
    for words, spaces in product(range(len(sizes)), range(len(groups))):
        if (words, spaces) not in best:
            continue
        so_far = best[words, spaces][0]
        for more_words, more_groups in _STEPS:
            to = words + more_words, spaces + more_groups
            said = sum(sizes[words : to[0]]) - sum(groups[spaces : to[1]])
            found = (so_far + abs(said), words, spaces)
            if to[0] <= len(sizes) and to[1] <= len(groups) and found < best.get(to, _NONE):
                best[to] = found
    firsts: list[int] = []
    at = len(sizes), len(groups)
    while at in best and at != (0, 0):
        _, *before = best[at]
        ends = [*begun, total]
        firsts = [*_within(ends[before[1]], ends[at[1]], sizes[before[0] : at[0]]), *firsts]
        at = before[0], before[1]
    return firsts


def _within(first: int, end: int, sizes: Sequence[int]) -> list[int]:
    """Return with which sound each word begins, of those said in the sounds from ``first`` on."""
    whole = max(sum(sizes), 1)
    shares = (round(size * (end - first) / whole) for size in accumulate(sizes[:-1]))
    firsts = [first]
    for number, share in enumerate(shares, start=1):
        # Each word has a sound at least, as have those that follow.
        latest = end - len(sizes) + number
        firsts.append(min(max(first + share, firsts[-1] + 1), latest))
    return firsts
