"""Words and digits in a transcript."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

    from voicebot.turns.languages import Language

# What recognisers write for sounds: [cough], (music), *sighs*, ♪.
_SOUNDS = re.compile(r"\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|[♪♫]+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_TRAILING_OPEN = re.compile(r"(?:[,;:–—-]|\.\.\.|…)\s*$")
_TRAILING_QUESTION = re.compile(r"\?[\"'”»)]*\s*$")
_TRAILING_STOP = re.compile(r"[.!。！？?][\"'”»)]*\s*$")

# How many words the phrases of tables have at most.
LONGEST = 5

_NOTHING = ""
# What a number word of each class leaves open: 'twenty' takes a digit without becoming longer.
_WIDTH = {"digit": 1, "teen": 2, "tens": 2, "hundred": 3, "hundreds": 3}
_FILLS = {("tens", "digit")} | {
    (hundred, rest) for hundred in ("hundred", "hundreds") for rest in ("digit", "teen", "tens")
}
# Of two short words misheard, two thirds of the letters are usually right; names are less alike.
_MISHEARD_WORDS = 2
MISHEARD_ALIKE = 0.65
# What is spelled less alike is not so much alike, even if it sounds the same.
_SPELLED_ALIKE = 200 * MISHEARD_ALIKE - 100
_REPEATS = {"double": 2, "triple": 3}
# The caller may well repeat two words of the bot's; an echo brings back more of them.
_ECHO_WORDS = 3


def spoken(text: str) -> str:
    """Return ``text`` without what stands for sounds, such as '[coughs]'."""
    return _SOUNDS.sub(" ", text).strip()


def tokens(text: str) -> list[str]:
    """Return the words of ``text``: lower case, without punctuation, 'ё' as 'е'."""
    plain = spoken(text).lower().replace("ё", "е").replace("’", "'")
    return _WORD.findall(plain)


def ends_with(words: list[str], phrases: AbstractSet[str], longest: int = LONGEST) -> bool:
    """Return whether the last one to ``longest`` words are one of ``phrases``."""
    sizes = range(1, min(longest, len(words)) + 1)
    return any(" ".join(words[-size:]) in phrases for size in sizes)


def consists_of(words: list[str], phrases: AbstractSet[str], longest: int = LONGEST) -> bool:
    """Return whether ``words`` are nothing but ``phrases``, at least one of them."""
    return worth(words, lambda part: float(" ".join(part) in phrases), longest) == 1.0


def worth(words: list[str], of: Callable[[list[str]], float], longest: int = LONGEST) -> float:
    """Return what ``words`` are worth in parts, cut as best: the mean of ``of`` over the letters.

    A part that is worth nothing makes all of it worth nothing; what follows is not asked for.
    """
    # best[i]: the most that the first i words are worth, summed over their letters.
    best = [0.0] + [-math.inf] * len(words)
    for end in range(1, len(words) + 1):
        for start in range(max(end - longest, 0), end):
            if best[start] == -math.inf:
                continue
            part = words[start:end]
            value = of(part)
            if value:
                best[end] = max(best[end], best[start] + value * letters(part))
    return max(best[-1], 0.0) / max(letters(words), 1)


def contains(words: list[str], phrases: AbstractSet[str], longest: int = LONGEST) -> bool:
    """Return whether one of ``phrases`` is among ``words``."""
    return any(ends_with(words[:end], phrases, longest) for end in range(1, len(words) + 1))


def hums(words: list[str], hummed: str) -> bool:
    """Return whether ``words`` are only how a hum may be written: 'mm-hmm', 'hmm', 'M-H-M'.

    ``hummed`` are the letters it is written with; the first of them must be there.
    """
    written = set("".join(words))
    return hummed[:1] in written and written <= set(hummed)


def letters(words: list[str]) -> int:
    """Return how many letters ``words`` have."""
    return sum(map(len, words))


def once(words: list[str]) -> list[str]:
    """Return ``words`` without what only repeats them, as recognisers do: 'I see I see I see I'."""
    for size in range(1, len(words) // 2 + 1):
        again = words[:size] * (len(words) // size + 1)
        # The last word may be cut off.
        if words[:-1] == again[: len(words) - 1] and again[len(words) - 1].startswith(words[-1]):
            return words[:size]
    return words


def repeats(words: list[str], said: list[str]) -> bool:
    """Return whether ``words`` are a stretch of what the bot said, as an echo brings it back."""
    size = len(words)
    if size < _ECHO_WORDS:
        return False
    return any(said[start : start + size] == words for start in range(len(said) - size + 1))


def likeness(words: list[str], phrases: AbstractSet[str]) -> float:
    """Return how much ``words`` are spelled like the most similar of ``phrases``, from 0 to 1."""
    found = process.extractOne(" ".join(words), phrases, scorer=fuzz.ratio)
    return found[1] / 100 if found else 0.0


def misheard(
    words: list[str],
    phrases: AbstractSet[str],
    others: AbstractSet[str],
    sounds: Mapping[int, int | None],
) -> float:
    """Return how much one or two ``words`` are like one of ``phrases``, if they may be misheard.

    They are not, and the result is 0, if they are as much like one of ``others``. Half of it is how
    they are spelled, half how they sound: ``sounds`` maps letters to what they sound like, as
    ``str.translate`` wants it. What is below ``MISHEARD_ALIKE`` may be less, or 0: nobody asks.
    """
    if not words or len(words) > _MISHEARD_WORDS:
        return 0.0
    best, other = (_heard_like(words, chosen, sounds) for chosen in (phrases, others))
    return best if best > other else 0.0


def _heard_like(
    words: list[str], phrases: AbstractSet[str], sounds: Mapping[int, int | None]
) -> float:
    """Return how much ``words`` are like the most similar of ``phrases``, from 0 to 1."""
    text = " ".join(words)
    if not sounds:
        cutoff = 100 * MISHEARD_ALIKE
        found = process.extractOne(text, phrases, scorer=fuzz.ratio, score_cutoff=cutoff)
        return found[1] / 100 if found else 0.0
    heard, best = text.translate(sounds), 0.0
    for phrase, spelled, _ in process.extract(
        text, phrases, scorer=fuzz.ratio, limit=None, score_cutoff=_SPELLED_ALIKE
    ):
        # From here on no phrase can be more alike, even if it sounds the same.
        if spelled + 100 <= best:
            break
        best = max(best, spelled + fuzz.ratio(heard, phrase.translate(sounds)))
    return best / 200


def breaks_off(text: str) -> bool:
    """Return whether the punctuation says that more is to come."""
    return bool(_TRAILING_OPEN.search(spoken(text)))


def asks(text: str) -> bool:
    """Return whether ``text`` ends with a question mark."""
    return bool(_TRAILING_QUESTION.search(spoken(text)))


def closes(text: str) -> bool:
    """Return whether ``text`` ends with the punctuation of a whole sentence."""
    bare = spoken(text)
    return bool(_TRAILING_STOP.search(bare)) and not breaks_off(bare)


def dictation(words: list[str], language: Language) -> tuple[list[str], int]:
    """Return the words before a number at the end of ``words``, and how many digits it has.

    'double five' are two, 'twenty-one' two, 'nine hundred sixteen' three, as they are meant when a
    number is dictated.
    """
    start = len(words)
    while start > 0 and _class(words[start - 1], language) != _NOTHING:
        start -= 1
    return words[:start], _digits(words[start:], language)


def may_be_filled(word: str, language: Language) -> bool:
    """Return whether digits after ``word`` may take the place of its noughts: 'two hundred one'."""
    return any(_class(word, language) == before for before, _ in _FILLS)


def _digits(words: list[str], language: Language) -> int:
    count = 0
    before = _NOTHING
    repeat = 1
    for word in words:
        kind = _class(word, language)
        if kind in _REPEATS:
            repeat = _REPEATS[kind]
            continue
        if kind == "numeral":
            count += sum(character.isdigit() for character in word) * repeat
        elif kind == "hundred" and before == "digit":
            count += 2
        elif (before, kind) not in _FILLS:
            count += _WIDTH[kind] * repeat
        # In 'nine hundred twenty one' the tens fill the hundred, and the one fills the tens.
        before, repeat = kind, 1
    return count


def _class(word: str, language: Language) -> str:
    if word.isdigit():
        return "numeral"
    return language.numbers.get(word, _NOTHING)
