"""What kind of answer the bot's last words ask for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise
from typing import TYPE_CHECKING

from voicebot.turns import words as w

if TYPE_CHECKING:
    from voicebot.turns.languages import Language

_SENTENCE = re.compile(r"[^.!?…]+[.!?…]*")
_COUNT = re.compile(r"^(\d{1,2})$")


class Answer(Enum):
    """The kind of answer that is waited for."""

    OPEN = auto()
    YES_NO = auto()
    NUMBER = auto()


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the caller was asked for; ``digits`` is how many, where the question tells."""

    answer: Answer = Answer.OPEN
    digits: int | None = None


NOTHING_ASKED = Expectation()


def expect(text: str, language: Language) -> Expectation:
    """Return what ``text``, said by the bot, asks the caller for.

    The last question counts, or the last sentence where there is none. A question without question
    word and without alternative ('sales or billing?') is answered by yes or no.
    """
    sentences = [sentence.strip() for sentence in _SENTENCE.findall(text) if w.tokens(sentence)]
    if not sentences:
        return NOTHING_ASKED
    questions = [sentence for sentence in sentences if w.asks(sentence)]
    sentence = questions[-1] if questions else sentences[-1]
    tokens = w.tokens(sentence)
    if _asks_for_number(tokens, language):
        return Expectation(Answer.NUMBER, _count(tokens, language))
    closed = questions and language.question_words and not _open_question(tokens, language)
    return Expectation(Answer.YES_NO) if closed else NOTHING_ASKED


def _asks_for_number(tokens: list[str], language: Language) -> bool:
    nouns = language.number_nouns | language.phone_nouns
    return not nouns.isdisjoint(tokens) and not language.asks.isdisjoint(tokens)


def _open_question(tokens: list[str], language: Language) -> bool:
    return not (language.question_words | language.alternatives).isdisjoint(tokens)


def _count(tokens: list[str], language: Language) -> int | None:
    """Return how many digits are asked for: 'the four-digit code', 'your phone number'."""
    for before, noun in pairwise(tokens):
        if noun in language.digit_nouns:
            numeral = _COUNT.match(before)
            return int(numeral[1]) if numeral else language.counts.get(before)
    if not language.extension_nouns.isdisjoint(tokens):
        return language.extension_digits
    return language.phone_digits if not language.phone_nouns.isdisjoint(tokens) else None
