"""Where each word was said: Whisper's cross-attention, corrected by where it is loud.

The decoder looks at the audio of a token while it writes it; a path through these looks gives each
token its time (OpenAI's Whisper does the same). The ends come out right to a few hundredths of a
second, but a pause is mostly given to the word after it, so that starts come too early: edges are
therefore moved out of silence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from voicebot.models.seams import WHISPER_RATE, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt

    from voicebot.models.seams import Samples

_FRAMES_PER_S: Final = 50
"""Frames of the encoder's output."""

_WITHOUT_SPACES: Final = frozenset({"zh", "ja", "th", "lo", "my", "km", "yue"})
_UNFINISHED: Final = "\N{REPLACEMENT CHARACTER}"

_BLOCK: Final = WHISPER_RATE // 100
# Between the noise and the voice, in dB from the noise, as a share of their distance.
_THRESHOLD: Final = 0.3
_LEAST_DISTANCE_DB: Final = 12.0
# How far a pause may be from where two words touch to be the one between them; its least blocks.
_NEAR_S: Final = 0.3
_LEAST_PAUSE: Final = 5


@dataclass(frozen=True, slots=True)
class Alignment:
    """What the runtime gives for the tokens of a text: the path, and each token's probability.

    ``path`` goes through pairs of token and frame; after the last token comes the end of the text.
    """

    tokens: Sequence[int]
    path: Sequence[tuple[int, int]]
    probabilities: Sequence[float]


def words_in(
    alignment: Alignment, decode: Callable[[Sequence[int]], str], samples: Samples, language: str
) -> tuple[Word, ...]:
    """Return the words of the aligned tokens, in seconds of ``samples``."""
    if not alignment.tokens:
        return ()
    times = _token_starts(alignment)
    limit = len(samples) / WHISPER_RATE
    words = []
    for first, last, text in _groups(alignment.tokens, decode, language):
        probability = float(np.mean(alignment.probabilities[first:last]))
        # Marks belong to the word before them, but their time does not.
        spoken = _spoken(alignment.tokens, first, last, decode)
        start, end = min(times[first], limit), min(times[spoken], limit)
        words.append(Word(text, start, max(end, start), min(probability, 1.0)))
    return tuple(_out_of_silence(words, samples))


def _token_starts(alignment: Alignment) -> list[float]:
    """Return the second at which each token begins, and that at which the last one ends."""
    starts = [0.0] * (len(alignment.tokens) + 1)
    seen = -1
    for token, frame in alignment.path:
        if seen < token < len(starts):
            starts[token] = frame / _FRAMES_PER_S
            seen = token
    for token in range(seen + 1, len(starts)):
        starts[token] = alignment.path[-1][1] / _FRAMES_PER_S
    return starts


def _groups(
    tokens: Sequence[int], decode: Callable[[Sequence[int]], str], language: str
) -> Iterator[tuple[int, int, str]]:
    """Yield each word: its first token, the one after its last, its text."""
    spaced = language not in _WITHOUT_SPACES
    first = done = 0
    text = ""
    for position in range(len(tokens)):
        whole = decode(tokens[first : position + 1])
        if _UNFINISHED in whole:
            # A letter of several tokens.
            continue
        piece = whole[len(text) :]
        begins = piece.startswith(" ") if spaced else True
        if text.strip() and begins and any(map(str.isalnum, piece)):
            yield first, done, text.strip()
            first, text = done, piece
        else:
            text = whole
        done = position + 1
    if text.strip():
        yield first, len(tokens), text.strip()


def _spoken(
    tokens: Sequence[int], first: int, last: int, decode: Callable[[Sequence[int]], str]
) -> int:
    """Return the token after the last one of a word that is more than a mark."""
    while last - 1 > first and not any(map(str.isalnum, decode([tokens[last - 1]]))):
        last -= 1
    return last


def _out_of_silence(words: Sequence[Word], samples: Samples) -> Iterator[Word]:
    """Move the edges of words that lie in silence to where the sound is, and apart at pauses."""
    loud = _loud_blocks(samples)
    words = _parted(words, loud)
    before = 0.0
    for number, word in enumerate(words):
        after = words[number + 1].start if number + 1 < len(words) else len(samples) / WHISPER_RATE
        start, end = _edges(loud, word.start, word.end)
        # Between two words nothing belongs to anybody: sound goes on to where it pauses.
        start = _reach(loud, start, before, -1)
        end = _reach(loud, end, after, 1)
        before = end
        yield Word(word.text, round(start, 2), round(end, 2), word.probability)


def _parted(words: Sequence[Word], loud: npt.NDArray[np.bool_]) -> Sequence[Word]:
    """Let two words touch at the pause that is nearest to where they do, if one is near."""
    pauses = list(_pauses(loud))
    parted = list(words)
    for number in range(len(parted) - 1):
        word, following = parted[number], parted[number + 1]
        edge = (word.end + following.start) / 2
        near = [
            (distance, start, end)
            for start, end in pauses
            if word.start < start
            and end < following.end
            # A short one may be the closure of a plosive, in the middle of a word.
            and (distance := max(start - edge, edge - end)) < min(_NEAR_S, 1.5 * (end - start))
        ]
        if near:
            _, start, end = min(near)
            parted[number] = replace(word, end=start)
            parted[number + 1] = replace(following, start=end)
    return parted


def _pauses(loud: npt.NDArray[np.bool_]) -> Iterator[tuple[float, float]]:
    """Yield each silence between two sounds, in seconds."""
    changes = np.flatnonzero(np.diff(loud.astype(np.int8))) + 1
    for fall, rise in pairwise(changes):
        if not loud[fall] and rise - fall >= _LEAST_PAUSE:
            yield float(fall) / 100, float(rise) / 100


def _loud_blocks(samples: Samples) -> npt.NDArray[np.bool_]:
    """Return for each 10 ms whether it is loud; all are, where the voice hardly stands out."""
    count = len(samples) // _BLOCK
    power = np.square(samples[: count * _BLOCK]).reshape(count, _BLOCK).mean(axis=1)
    levels = 10 * np.log10(power + 1e-10)
    if not count:
        return np.zeros(0, bool)
    noise, voice = np.percentile(levels, (10, 95))
    if voice - noise < _LEAST_DISTANCE_DB:
        return np.ones(count, bool)
    loud: npt.NDArray[np.bool_] = levels > noise + _THRESHOLD * (voice - noise)
    return loud


def _edges(loud: npt.NDArray[np.bool_], start: float, end: float) -> tuple[float, float]:
    """Return ``start`` and ``end`` without the silence at both edges, if there is any sound."""
    first, last = int(start * 100), int(np.ceil(end * 100))
    heard = np.flatnonzero(loud[first:last])
    if not len(heard):
        return start, end
    begin = max(start, (first + int(heard[0])) / 100)
    return begin, max(begin, min(end, (first + int(heard[-1]) + 1) / 100))


def _reach(loud: npt.NDArray[np.bool_], edge: float, limit: float, step: int) -> float:
    """Return how far sound goes on from ``edge`` towards ``limit``."""
    block = int(edge * 100 + (0 if step > 0 else -1e-6))
    while 0 <= block < len(loud) and loud[block] and (limit - block / 100) * step > 0:
        edge = (block + (1 if step > 0 else 0)) / 100
        block += step
    return edge
