"""How much silence ends the turn: by what was said, what was asked, and how this caller pauses."""

from __future__ import annotations

from collections import deque
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from voicebot.turns import words as w
from voicebot.turns.expectation import NOTHING_ASKED, Answer, Expectation

if TYPE_CHECKING:
    from voicebot.config import TurnSettings
    from voicebot.media.audio import Pcm
    from voicebot.turns.languages import Language

# Recognisers put a full stop after nearly everything, so a sentence counts as finished from this
# many words on; a shorter one ('Tomorrow.') may go on.
_SENTENCE_WORDS = 4
_QUESTION_WORDS = 3
# 'I asked about Sunday, didn't I?' is a question, 'Is it possible to?' the beginning of one.
_SURE_QUESTION_WORDS = 6
_ANSWER_WORDS = 4
# 'And where are you from?' may end with any word.
_OPENING_WORDS = 2
_SPELLED_LETTERS = 2
_DICTATED_DIGITS = 2

_SURELY_FINISHED = 0.8
_SURELY_OPEN = 0.3

# Habits count from this many pauses on, and are stretched a little: the next may be longer.
_HABIT_PAUSES = 3
_HABIT_MEMORY = 12
_HABIT_QUANTILE = 0.8
_HABIT_STRETCH = 1.25
_CUT_OFF_MS = 120
_CUT_OFFS = 3


class EndOfTurnModel(Protocol):
    """Hears whether a turn is over. Slow (tens of milliseconds): never called by the turn taker.

    Ask it beside the transcription and give the result to ``TurnTaker.transcribed``.
    """

    async def probability(self, pcm: Pcm, text: str) -> float:
        """Return how likely it is, from 0 to 1, that who speaks in ``pcm`` has finished."""
        ...


class Completeness(Enum):
    """How finished a turn looks."""

    FINISHED = auto()
    UNSURE = auto()
    OPEN = auto()


class Endpointing:
    """Decides how much silence ends a turn. One per call: it learns how long this caller pauses."""

    def __init__(self, settings: TurnSettings, language: Language) -> None:
        self._settings = settings
        self._language = language
        self._pauses: deque[int] = deque(maxlen=_HABIT_MEMORY)
        self._cut_offs = 0

    def silence_ms(
        self,
        text: str,
        expectation: Expectation = NOTHING_ASKED,
        *,
        finished: float | None = None,
    ) -> int:
        """Return how much silence after ``text`` ends the turn.

        ``finished`` is what an ``EndOfTurnModel`` says, if there is one.
        """
        completeness = judge(text, expectation, self._language)
        if finished is not None:
            completeness = _second(completeness, finished)
        longest = max(self._settings.open_ms, self._settings.unsure_ms)
        if completeness is Completeness.OPEN:
            return longest
        if completeness is Completeness.UNSURE:
            habit = min(self._habit_ms(), longest)
            return max(self._settings.unsure_ms, habit)
        patience = self._settings.sentence_ms + _CUT_OFF_MS * self._cut_offs
        return min(patience, max(self._settings.unsure_ms, self._settings.sentence_ms))

    def resumed(self, pause_ms: int, *, cut_off: bool = False) -> None:
        """Learn that the caller went on after ``pause_ms``; ``cut_off``: the turn had ended."""
        self._pauses.append(pause_ms)
        if cut_off:
            self._cut_offs = min(self._cut_offs + 1, _CUT_OFFS)

    def completed(self) -> None:
        """Learn that a turn was ended rightly: its answer was heard."""
        self._cut_offs = max(self._cut_offs - 1, 0)

    def _habit_ms(self) -> int:
        """Return the pause that this caller hardly ever exceeds in mid-turn."""
        if len(self._pauses) < _HABIT_PAUSES:
            return 0
        usual = sorted(self._pauses)[int(_HABIT_QUANTILE * (len(self._pauses) - 1))]
        return int(usual * _HABIT_STRETCH)


def judge(text: str, expectation: Expectation, language: Language) -> Completeness:
    """Return how finished ``text`` looks as an answer: the first rule that knows decides."""
    tokens = w.tokens(text)
    for rule in _RULES:
        verdict = rule(text, tokens, expectation, language)
        if verdict is not None:
            return verdict
    return Completeness.UNSURE


def _second(completeness: Completeness, finished: float) -> Completeness:
    """Return the judgement of text and acoustics together: words that wait for more win."""
    if completeness is Completeness.OPEN:
        return completeness
    if finished >= _SURELY_FINISHED:
        return Completeness.FINISHED
    if finished <= _SURELY_OPEN:
        return Completeness.OPEN if completeness is Completeness.UNSURE else Completeness.UNSURE
    return completeness


def _whole(
    _text: str, tokens: list[str], _expectation: Expectation, language: Language
) -> Completeness | None:
    """Need no more words after goodbyes and set phrases."""
    known = language.goodbyes | language.complete
    if w.consists_of(tokens, known) or w.ends_with(tokens, language.goodbyes):
        return Completeness.FINISHED
    return None


def _yes_no(
    text: str, tokens: list[str], expectation: Expectation, language: Language
) -> Completeness | None:
    """Believe a yes or no that was asked for, unless it leads into something longer."""
    answers = language.yes | language.no
    if expectation.answer is not Answer.YES_NO or len(tokens) > _ANSWER_WORDS:
        return None
    finished = w.consists_of(tokens, answers) and not w.breaks_off(text)
    return Completeness.FINISHED if finished else None


def _dictated(
    text: str, tokens: list[str], expectation: Expectation, language: Language
) -> Completeness | None:
    """Wait for the digits that were asked for or announced: numbers come in groups."""
    before, digits = w.dictation(tokens, language)
    if digits == 0 or (digits < _DICTATED_DIGITS and not _leads_in(before, language)):
        return None
    if w.breaks_off(text):
        return Completeness.OPEN
    if expectation.answer is Answer.NUMBER:
        wanted = expectation.digits
    elif digits < _DICTATED_DIGITS:
        return None
    else:
        wanted = language.phone_digits
        announced = not language.phone_nouns.isdisjoint(before)
        if not announced and (wanted is None or digits < wanted):
            return Completeness.UNSURE
    complete = wanted is not None and digits >= wanted
    return Completeness.FINISHED if complete else Completeness.OPEN


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
    """Believe a question mark, unless the question is too short or breaks off ('Is it?')."""
    if not w.asks(text):
        return None
    if not language.question_words.isdisjoint(tokens[:_OPENING_WORDS]):
        return Completeness.FINISHED
    open_ending = w.ends_with(tokens, language.open_endings)
    least = _SURE_QUESTION_WORDS if open_ending else _QUESTION_WORDS
    finished = len(tokens) >= least or not language.question_words
    return Completeness.FINISHED if finished else Completeness.UNSURE


def _sentence(
    text: str, tokens: list[str], _expectation: Expectation, _language: Language
) -> Completeness | None:
    """Believe a full stop after some words."""
    long_enough = len(tokens) >= _SENTENCE_WORDS
    return Completeness.FINISHED if long_enough and w.closes(text) else None


_RULES = (_whole, _yes_no, _dictated, _spelled, _question, _open_clause, _sentence)
