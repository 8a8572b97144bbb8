"""How much words sound alike: robust against inflection and against errors of recognition."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz
from snowballstemmer import stemmer

_STEMMERS: Final = {"en": stemmer("english"), "ru": stemmer("russian")}

# Sounds that recognition takes for one another; what is left out is vowels and breath.
_SOUNDS: Final = {
    "en": (
        ("tch|ch|sh", "x"),
        ("ph", "f"),
        ("gh", ""),
        ("ck|q", "k"),
        ("^kn", "n"),
        ("^wr", "r"),
        ("x(?!$)", "x"),
        ("c(?=[eiy])", "s"),
        ("c", "k"),
        ("z", "s"),
        ("v", "f"),
        ("dg|g(?=[ei])", "j"),
        ("th", "t"),
        ("^[aeiouy]", "A"),
        ("[aeiouywh]", ""),
    ),
    "ru": (
        ("тс|тьс", "ц"),
        ("сч|щ", "ш"),
        ("ч", "ш"),
        ("ж", "ш"),
        ("б", "п"),
        ("в", "ф"),
        ("г", "к"),
        ("д", "т"),
        ("з", "с"),
        ("^[аоуыэеиюя]", "А"),
        ("[аоуыэеиюяьъй]", ""),
    ),
}
_DOUBLED: Final = re.compile(r"(.)\1+")

# Short words have so many neighbours that they must be said exactly.
_EXACT_LETTERS: Final = 3
_SHORT_LETTERS: Final = 4
_ALIKE_SHORT: Final = 0.86
_ALIKE: Final = 0.76
_ALIKE_JOINED: Final = 0.85
_SAME_SOUND: Final = 0.9
_LEAST_SOUNDS: Final = 3


def words_of(text: str) -> list[str]:
    """Return the words of ``text``: lower case, without signs, Russian ``ё`` as ``е``."""
    plain = text.casefold().replace("ё", "е").replace("'", "").replace("’", "")
    return re.findall(r"\w+", plain)


@lru_cache(maxsize=8192)
def stem(word: str, language: str) -> str:
    """Return ``word`` without its ending; as it is in a language without rules."""
    return str(_STEMMERS[language].stemWord(word)) if language in _STEMMERS else word


@lru_cache(maxsize=8192)
def sounds(word: str, language: str) -> str:
    """Return what one still hears of ``word`` on a bad line; empty in a language without rules."""
    if language not in _SOUNDS:
        return ""
    for pattern, sound in _SOUNDS[language]:
        word = re.sub(pattern, sound, word)
    return _DOUBLED.sub(r"\1", word)


@lru_cache(maxsize=65536)
def likeness(said: str, known: str, language: str) -> float:
    """Return how much ``said`` is ``known``, from 0 (another word) to 1 (the same)."""
    if said == known or stem(said, language) == stem(known, language):
        return 1.0
    if min(len(said), len(known)) <= _EXACT_LETTERS:
        return 0.0
    alike = max(_spelled(said, known), _spelled(stem(said, language), stem(known, language)))
    heard = sounds(known, language)
    if len(heard) >= _LEAST_SOUNDS and heard == sounds(said, language):
        alike = max(alike, _SAME_SOUND)
    least = _ALIKE_SHORT if len(known) <= _SHORT_LETTERS else _ALIKE
    return alike if alike >= least else 0.0


def _spelled(said: str, known: str) -> float:
    return fuzz.ratio(said, known) / 100


def likeness_in(said: list[str], known: str, language: str, firm: frozenset[str]) -> float:
    """Return the likeness of ``known`` and what in ``said`` is most like it.

    Words of ``firm`` are so common that they are taken as said: they are never misheard names.
    Neighbours are tried as one word too: recognition writes 'a counting' for 'accounting'.
    """
    single = max((likeness(word, known, language) for word in said if word not in firm), default=0)
    if known in said:
        return 1.0
    # Two words sound like far too many others: only the spelling counts.
    joined = (first + second for first, second in itertools.pairwise(said))
    double = max((_spelled(word, known) for word in joined), default=0)
    return max(single, double if double >= _ALIKE_JOINED else 0)


def contained(known: list[str], said: list[str], language: str, firm: frozenset[str]) -> float:
    """Return how well all of the words ``known`` are in ``said``: 0 when one is missing."""
    weight = total = 0.0
    for word in known:
        best = likeness_in(said, word, language, firm)
        if not best:
            return 0.0
        weight += len(word)
        total += best * len(word)
    return total / weight if weight else 0.0
