"""Guards against what Whisper invents: loops, and subtitles where nobody spoke.

Pure functions over text and Whisper's own figures. A person may say a thing twice, and a caller may
really say "thank you": so a loop must also be faster than anybody speaks, and a phrase from the
list must also be doubtful.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"[\w']+")
_FASTEST_CHARACTERS_PER_S = 22.0
"""Faster than a hurried speaker in English or Russian (about 20)."""

_SHORT_PERIOD = 3
"""Shorter loops count only when there is nothing else: a dictated number may end in "five five"."""

INVENTED = frozenset(
    {
        "you",
        "bye",
        "bye bye",
        "thank you",
        "thanks",
        "thank you very much",
        "thank you so much",
        "thanks for watching",
        "thank you for watching",
        "please subscribe",
        "subtitles by the amara org community",
        "so",
        "oh",
        "hmm",
        "i'm sorry",
        "i'll see you next time",
        "продолжение следует",
        "спасибо",
        "спасибо за внимание",
        "спасибо за просмотр",
        "до свидания",
        "подписывайтесь на канал",
        "субтитры",
        "музыка",
        "аплодисменты",
    }
)
"""What Whisper writes for noise and silence: the ends of the videos it learnt from."""

_CREDITS = re.compile(
    r"^(субтитры|редактор субтитров|корректор|subtitles by|transcribed by|untertitel|sous titr"
    r"|subtítulos|sottotitoli|napisy|legendas)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """When text is not believed: ``no_speech`` from 0 to 1, ``logprob`` the mean of a token's."""

    no_speech: float
    logprob: float


ANY_TEXT = Doubt(no_speech=0.6, logprob=-1.5)
"""Both must be passed. Lower than Whisper's own -1: single Russian numerals come down to -1.3."""

LISTED_TEXT = Doubt(no_speech=0.4, logprob=-1.2)
"""For ``INVENTED``, and one is enough: noise gives 0.48 to 0.92, English speech up to 0.3."""


def words(text: str) -> list[str]:
    """Return the words of ``text`` in lower case, without punctuation."""
    return _WORD.findall(text.lower())


def is_invented(text: str, *, no_speech: float, logprob: float) -> bool:
    """Say whether ``text`` was most likely not spoken at all."""
    if not words(text):
        return True
    if no_speech > ANY_TEXT.no_speech and logprob < ANY_TEXT.logprob:
        return True
    plain = " ".join(words(text))
    if _CREDITS.match(plain):
        return True
    doubtful = no_speech > LISTED_TEXT.no_speech or logprob < LISTED_TEXT.logprob
    return doubtful and plain in INVENTED


def without_loop(text: str, seconds: float) -> str:
    """Return ``text`` with its loop cut off, if it ends in one that nobody could speak so fast.

    ``seconds`` is the length of the speech that ``text`` was understood from.
    """
    if len(text) <= _FASTEST_CHARACTERS_PER_S * max(seconds, 0.3):
        return text
    found = list(_WORD.finditer(text))
    spoken = [match.group().lower() for match in found]
    for period in range(1, len(spoken) * 2 // 3 + 1):
        start = _loop_start(spoken, period)
        if start is not None and (start == 0 or period >= _SHORT_PERIOD):
            end = found[start + period - 1].end()
            return text[:end] + _stop_mark(text[end : end + 1])
    return text


def _loop_start(spoken: list[str], period: int) -> int | None:
    """Return where a run begins in which every word equals the one ``period`` before it."""
    start = len(spoken)
    while start > period and _same(spoken[start - 1], spoken[start - 1 - period], start, spoken):
        start -= 1
    # The run must hold the phrase once again, but for a word that the limit cut off.
    repeated = len(spoken) - start
    return start - period if repeated >= max(1, period // 2) else None


def _same(word: str, earlier: str, position: int, spoken: list[str]) -> bool:
    # The very last word may be cut in the middle.
    return word == earlier or (position == len(spoken) and earlier.startswith(word))


def _stop_mark(character: str) -> str:
    return character if character and character in ".!?…" else ""
