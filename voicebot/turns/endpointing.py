"""How much silence ends the turn: by how finished it looks, and how this caller pauses."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

from voicebot.turns.completeness import Completeness, judge
from voicebot.turns.expectation import NOTHING_ASKED, Expectation

if TYPE_CHECKING:
    from voicebot.config import TurnSettings
    from voicebot.media.audio import Pcm
    from voicebot.turns.languages import Language

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

    async def probability(self, pcm: Pcm) -> float:
        """Return how likely it is, from 0 to 1, that who speaks in ``pcm`` has finished."""
        ...


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
        sound: float | None = None,
    ) -> int:
        """Return how much silence after ``text`` ends the turn.

        ``finished`` is how likely the recogniser holds it that the sentence ends with ``text``,
        ``sound`` what an ``EndOfTurnModel`` says, where there are such.
        """
        found = judge(text, expectation, self._language, finished=finished, sound=sound)
        settings, patience = self._settings, _CUT_OFF_MS * self._cut_offs
        sentence = settings.sentence_ms
        likely = max(settings.likely_ms, sentence)
        unsure = max(settings.unsure_ms, likely)
        longest = max(settings.open_ms, unsure)
        match found:
            case Completeness.FINISHED:
                return min(sentence + patience, unsure)
            case Completeness.LIKELY:
                return min(max(likely + patience, self._habit_ms()), unsure)
            case Completeness.UNSURE:
                return max(unsure, min(self._habit_ms(), longest))
            case Completeness.OPEN:
                return longest

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
