"""How finished a turn looks: by what was said, what was asked, and how the sentence sounded."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from voicebot.turns import words as w
from voicebot.turns.completion import completion
from voicebot.turns.evidence import Evidence
from voicebot.turns.expectation import Answer, Expectation

if TYPE_CHECKING:
    from voicebot.turns.languages import Language

# Recognisers put a full stop after nearly everything, so a sentence counts as finished from this
# many words on; a shorter one ('Tomorrow.') may go on.
_SENTENCE_WORDS = 4
_ANSWER_WORDS = 4
# 'I asked about Sunday, didn't I?' is a question, 'Is it possible to?' the beginning of one.
_SURE_QUESTION_WORDS = 6
_OPENING_WORDS = 2
_SPELLED_LETTERS = 2
_DICTATED_DIGITS = 2

# Log odds of a finished turn. Most finished sentences have more than the first, hardly any piece of
# one has; more than the second have all but one in twenty of them, and one piece in ten.
_SURE = 2.0
_LIKELY = 0.3
_EVEN = -0.5
# A question mark that the recogniser itself holds for less likely is none.
_MEANT = 0.7


class Completeness(Enum):
    """How finished a turn looks."""

    FINISHED = auto()
    LIKELY = auto()
    UNSURE = auto()
    OPEN = auto()


_UNFINISHED = (Completeness.UNSURE, Completeness.OPEN)


def judge(
    text: str,
    expectation: Expectation,
    language: Language,
    *,
    finished: float | None = None,
    sound: float | None = None,
) -> Completeness:
    """Return how finished ``text`` looks as an answer.

    The first rule that knows decides; where none does, what was learned from people's sentences;
    where nothing was learned of the language, how long the sentence is.
    """
    tokens = w.tokens(text)
    doubted = finished is not None and finished < _MEANT
    for rule in _KNOWN:
        verdict = rule(text, tokens, expectation, language)
        if verdict is not None and not (doubted and rule is _question):
            return verdict
    learned = completion(language.code) if language.code else None
    words = learned.log_odds(tokens) if learned is not None and tokens else None
    odds = Evidence(words, finished, sound).log_odds()
    if odds is None:
        return _guess(text, tokens)
    verdict = _by_odds(odds, tokens)
    asked = not doubted and verdict in _UNFINISHED and _asks_inverted(text, tokens, language)
    return Completeness.LIKELY if asked else verdict


def _asks_inverted(text: str, tokens: list[str], language: Language) -> bool:
    """Return whether ``text`` is built like a whole yes-or-no question, as 'Is there parking?' is.

    What is learned of sentences hardly knows the short ones.
    """
    least = language.inversions.get(tokens[0]) if tokens else None
    return least is not None and len(tokens) >= least and w.asks(text)


def _by_odds(odds: float, tokens: list[str]) -> Completeness:
    if odds >= _SURE:
        return Completeness.FINISHED
    if odds >= _LIKELY:
        return Completeness.LIKELY
    # A single word begins most sentences, and is an answer, too: 'Tomorrow.'
    answer = len(tokens) == 1
    return Completeness.UNSURE if odds >= _EVEN or answer else Completeness.OPEN


def _whole(
    text: str, tokens: list[str], _expectation: Expectation, language: Language
) -> Completeness | None:
    """Need no more words after goodbyes and set phrases; but 'Sorry.' may lead into a sentence."""
    known = language.goodbyes | language.complete | language.openers
    if w.consists_of(tokens, language.openers) and not w.asks(text):
        return Completeness.LIKELY
    if w.consists_of(tokens, known) or w.ends_with(tokens, language.goodbyes):
        return Completeness.FINISHED
    return None


def _named(
    text: str, tokens: list[str], _expectation: Expectation, language: Language
) -> Completeness | None:
    """Need no more words than the name of somebody who can be asked for, as in 'Sales, please'."""
    asked_for = w.consists_of(tokens, language.names | language.courtesies)
    if not asked_for or w.breaks_off(text) or not w.contains(tokens, language.names):
        return None
    return Completeness.FINISHED


def _yes_no(
    text: str, tokens: list[str], expectation: Expectation, language: Language
) -> Completeness | None:
    """Believe a yes or no that was asked for, unless it leads into something longer.

    So it may where sentences begin with the same word: 'Можно'.
    """
    answers = language.yes | language.no
    if expectation.answer is not Answer.YES_NO or len(tokens) > _ANSWER_WORDS:
        return None
    if not w.consists_of(tokens, answers) or w.breaks_off(text):
        return None
    leads_in = w.ends_with(tokens, answers & language.open_endings)
    return Completeness.LIKELY if leads_in else Completeness.FINISHED


def _dictated(
    text: str, tokens: list[str], expectation: Expectation, language: Language
) -> Completeness | None:
    """Wait for the digits that were asked for or announced: numbers come in groups."""
    closed = w.ends_with(tokens, language.closings)
    before, digits = w.dictation(tokens[:-1] if closed else tokens, language)
    few = digits < _DICTATED_DIGITS
    asked = expectation.answer is Answer.NUMBER
    if digits == 0 or (few and not _leads_in(before, language)):
        return None
    if w.breaks_off(text):
        return Completeness.OPEN
    wanted = _digits_wanted(before, expectation, language)
    if wanted is not None and digits >= wanted and (asked or not few):
        filled = closed or not w.may_be_filled(tokens[-1], language)
        return Completeness.FINISHED if filled else Completeness.LIKELY
    if closed or (few and not asked):
        return None
    announced = asked or _announces(before, language)
    return Completeness.OPEN if announced else Completeness.UNSURE


def _digits_wanted(before: list[str], expectation: Expectation, language: Language) -> int | None:
    if expectation.answer is Answer.NUMBER:
        return expectation.digits
    is_extension = not language.extension_nouns.isdisjoint(before)
    return language.extension_digits if is_extension else language.phone_digits


def _announces(before: list[str], language: Language) -> bool:
    """Return whether a number whose length is known was announced by the words before it."""
    if not language.extension_nouns.isdisjoint(before):
        return language.extension_digits is not None
    return not language.phone_nouns.isdisjoint(before)


def _leads_in(before: list[str], language: Language) -> bool:
    """Return whether a digit after these words is dictated, not 'one' as in 'I don't have one'."""
    return not before or w.ends_with(before, language.open_endings)


def _spelled(
    _text: str, tokens: list[str], _expectation: Expectation, _language: Language
) -> Completeness | None:
    """Wait for the next letter where a word is spelled."""
    letters = tokens[-_SPELLED_LETTERS:]
    spelled = len(letters) == _SPELLED_LETTERS and all(
        len(letter) == 1 and letter.isalpha() for letter in letters
    )
    return Completeness.OPEN if spelled else None


def _open_clause(
    text: str, tokens: list[str], _expectation: Expectation, language: Language
) -> Completeness | None:
    """Wait for more after a conjunction, a preposition, a filler or a comma."""
    if not tokens or w.breaks_off(text) or w.ends_with(tokens, language.open_endings):
        return Completeness.OPEN
    return None


def _question(
    text: str, tokens: list[str], _expectation: Expectation, language: Language
) -> Completeness | None:
    """Believe a question mark where it is clearly meant; then any word may be the last one."""
    meant = _opens_question(tokens, language) or len(tokens) >= _SURE_QUESTION_WORDS
    return Completeness.FINISHED if w.asks(text) and meant else None


def _asked_politely(
    text: str, tokens: list[str], _expectation: Expectation, language: Language
) -> Completeness | None:
    """Need no question mark, nor a sure one, where a 'please' has ended the question."""
    asked = _opens_question(tokens, language) and len(tokens) > _OPENING_WORDS
    closed = asked and w.ends_with(tokens, language.closings) and not w.breaks_off(text)
    return Completeness.FINISHED if closed else None


def _opens_question(tokens: list[str], language: Language) -> bool:
    return not language.question_words.isdisjoint(tokens[:_OPENING_WORDS])


def _guess(text: str, tokens: list[str]) -> Completeness:
    """Believe a question mark, or a full stop after some words."""
    enough = w.asks(text) or (len(tokens) >= _SENTENCE_WORDS and w.closes(text))
    return Completeness.FINISHED if enough else Completeness.UNSURE


_KNOWN = (
    _whole,
    _named,
    _yes_no,
    _dictated,
    _spelled,
    _question,
    _asked_politely,
    _open_clause,
)
