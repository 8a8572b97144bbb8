"""A clause that is being said: when each of its words is."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from voicebot.call.pace import BLOCK, length, word_spans
from voicebot.speech.protocols import SpokenWord
from voicebot.speech.reading import speakable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicebot.media.audio import Pcm

_EDGE: Final = 2
"""Blocks beyond a boundary in which the quietest is looked for, too."""

_GAP: Final = 10
"""Blocks of silence before a word that are enough of it."""


class Clause:
    """Its text as ``written`` and as ``spoken``, and the level of its audio as that is played.

    The voice may tell where its words are; else they are guessed from the audio. Where the text is
    written otherwise than it is said ('10:30'), a written word takes as long as all that is said
    for it.
    """

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.spoken = speakable(text, language)
        self.complete = False
        self._language = language
        self._start: int | None = None
        self._levels: list[float] = []
        self._rest = b""
        self._told: list[SpokenWord] = []

    def tell(self, word: SpokenWord) -> None:
        """Take note of where the voice says that it said its next word."""
        self._told.append(word)

    def play(self, pcm: Pcm, at: int) -> None:
        """Note that ``pcm``, the clause's next audio, lies in playout from position ``at`` on."""
        if self._start is None:
            self._start = at
        pcm = self._rest + pcm
        whole = len(pcm) // (2 * BLOCK) * 2 * BLOCK
        self._rest = pcm[whole:]
        blocks = np.frombuffer(pcm[:whole], "<i2").reshape(-1, BLOCK).astype(np.float32)
        self._levels += np.sqrt((blocks**2).mean(axis=1)).tolist()

    def begun(self, position: int) -> bool:
        """Return whether some of it has been heard when playout stands at ``position``."""
        return self._start is not None and position > self._start

    def heard(self, position: int) -> str:
        """Return the words that have been heard when playout stands at ``position``."""
        if self._start is None or not self.begun(position):
            return ""
        reached = position - self._start
        if self.complete and reached >= len(self._levels) * BLOCK:
            return self.text
        said = bisect_right([word.end for word in self.words()], reached)
        written = self.text.split()
        return " ".join(written[: bisect_right(self._shares(written), said)]) if said else ""

    def boundary(self, position: int) -> int | None:
        """Return where a word begins at ``position`` or last before it: between two words, there.

        ``None`` where that cannot be known: before the clause, after it, where something else may
        sound, or while its audio still comes from a voice that does not tell.
        """
        words = self.words() if self.complete or self._is_told() else []
        if self._start is None or not self.begun(position) or not words:
            return None
        reached = position - self._start
        if reached >= len(self._levels) * BLOCK:
            return None
        number = bisect_right([word.start for word in words], reached) - 1
        if number < 0 or reached >= words[number].end:
            return position
        start = words[number].start
        if number == 0:
            return self._start + max(start - _EDGE * BLOCK, 0)
        return self._start + min(self._quietest(words[number - 1].end, start), reached)

    def _is_told(self) -> bool:
        """Return whether the voice tells its words: all of them, or those that it came to so far.

        All of them need only be as many; the first ones must be the same.
        """
        words = _sounded(self.spoken)
        if self.complete or len(self._told) >= len(words):
            return bool(self._told) and len(self._told) == len(words)
        pairs = zip(self._told, words, strict=False)
        return bool(self._told) and all(_bare(told.text) == _bare(word) for told, word in pairs)

    def words(self) -> list[SpokenWord]:
        """Return the words as they are said, in samples of the clause's audio."""
        if self._is_told():
            return self._told
        words = _sounded(self.spoken)
        spans = word_spans(words, self._levels, complete=self.complete) if words else []
        return [
            SpokenWord(word, start * BLOCK, end * BLOCK)
            for word, (start, end) in zip(words, spans, strict=False)
        ]

    def _shares(self, written: Sequence[str]) -> list[int]:
        """Return after how many spoken words each of the ``written`` ones has been said.

        From both ends on they are what is said for each alone. Between those, where the sentence
        has them said otherwise, as the groups of a phone number are, it is shared out by length.
        """
        spoken = _sounded(self.spoken)
        readings = [_sounded(speakable(word, self._language)) for word in written]
        counts = list(map(len, readings))
        first = _fitting(readings, spoken)
        left = spoken[sum(counts[:first]) :]
        backwards = [each[::-1] for each in reversed(readings[first:])]
        last = len(written) - _fitting(backwards, left[::-1])
        room = len(left) - sum(counts[last:])
        if first < last and sum(counts[first:last]) != room:
            lengths = list(accumulate(sum(map(length, each)) for each in readings[first:last]))
            ends = [round(share / max(lengths[-1], 1.0) * room) for share in lengths]
            counts[first:last] = [after - before for before, after in pairwise([0, *ends])]
        return list(accumulate(counts))

    def _quietest(self, end: int, start: int) -> int:
        """Return the quietest place between the ``end`` of a word and the ``start`` of the next."""
        latest = start // BLOCK + _EDGE
        first = max(min(end // BLOCK, start // BLOCK) - _EDGE, latest - _GAP, 0)
        around = self._levels[first:latest]
        if not around:
            return start
        return (first + len(around) - 1 - int(np.argmin(around[::-1]))) * BLOCK


def _fitting(readings: Sequence[Sequence[str]], spoken: Sequence[str]) -> int:
    """Return how many of ``readings`` one after the other ``spoken`` begins with."""
    said = 0
    for number, reading in enumerate(readings):
        if spoken[said : said + len(reading)] != reading:
            return number
        said += len(reading)
    return len(readings)


def _bare(word: str) -> str:
    return "".join(filter(str.isalnum, word)).casefold()


def _sounded(text: str) -> list[str]:
    """Return the words of ``text``, without what stands between them alone, as a dash does."""
    return [word for word in text.split() if any(map(str.isalnum, word))]
