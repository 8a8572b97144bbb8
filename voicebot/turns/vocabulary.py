"""What the tables of a language make of words said over the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.turns import words as w
from voicebot.turns.belief import Shares
from voicebot.turns.expectation import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicebot.turns.expectation import Expectation
    from voicebot.turns.languages import Language

# Nothing that is shorter is a word.
WORD_LETTERS = 2
_ALIKE = 0.77
_PART_ALIKE = 0.65
_GRUNT_LETTERS = 6
_ORDER_ALIKE = 0.66


class Vocabulary:
    """Knows back-channels, orders and other words that callers of one language say."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self.nods = language.back_channels | language.go_on
        answers = language.no | language.goodbyes | language.complete | language.openers
        asked = language.names | language.question_words
        # None of these was misheard.
        self.known = language.stops | answers | asked | language.numbers.keys()

    @property
    def follows_sound(self) -> bool:
        """Whether it is spelled as it sounds, so that what is misheard is also spelled alike."""
        return bool(self._language.sounds)

    def is_nod(self, tokens: list[str], *, misheard: bool) -> bool:
        """Return whether ``tokens`` are a back-channel, or, ``misheard``, are like one."""
        language, nods = self._language, self.nods
        if w.consists_of(tokens, nods) or w.hums(tokens, language.hums):
            return True
        if not misheard or w.contains(tokens, language.stops):
            return False
        # Short ones are misheard beyond recognition; of the others a letter or two is wrong.
        others, sounds = self.known - nods, language.sounds
        grunts = {one for one in language.noises | language.yes if len(one) <= _GRUNT_LETTERS}
        if w.misheard(tokens, grunts, others, sounds) >= w.MISHEARD_ALIKE:
            return True

        def like_a_nod(part: list[str]) -> float:
            alike = 1.0 if " ".join(part) in nods else w.misheard(part, nods, others, sounds)
            return alike if alike >= _PART_ALIKE else 0.0

        return w.worth(tokens, like_a_nod) >= _ALIKE

    def is_known(self, tokens: list[str]) -> bool:
        """Return whether a word that callers say is among ``tokens``."""
        return w.contains(tokens, self.known) or any(token.isdigit() for token in tokens)

    def is_order(self, tokens: list[str]) -> bool:
        """Return whether there is an order among ``tokens``."""
        return w.contains(tokens, self._language.stops)

    def is_like_order(self, tokens: list[str]) -> bool:
        """Return whether ``tokens`` may be an order that was misheard."""
        language = self._language
        alike = w.misheard(tokens, language.stops, language.back_channels, language.sounds)
        return alike >= _ORDER_ALIKE

    def likeness(self, tokens: list[str]) -> float:
        """Return how much ``tokens`` are spelled like the most similar back-channel."""
        return w.likeness(tokens, self._language.back_channels)

    def answers(self, tokens: list[str], expectation: Expectation) -> bool:
        """Return whether ``tokens`` are the yes or no that the bot asks for."""
        language = self._language
        answers = (language.yes | language.no) - language.noises
        return expectation.answer is Answer.YES_NO and w.consists_of(tokens, answers)

    def shares(self, readings: Mapping[str, float]) -> Shares:
        """Return what the ``readings`` of a recogniser are, by how likely it held each of them."""
        total = nods = known = likeness = words = 0.0
        for text, likely in readings.items():
            tokens = w.tokens(text)
            if not tokens:
                continue
            total += likely
            likeness += likely * self.likeness(tokens)
            words += likely * len(tokens)
            if self.is_nod(tokens, misheard=self.follows_sound):
                nods += likely
            elif self.is_known(tokens):
                known += likely
        whole = total or 1.0
        # The end of a text must be as clear as each of its words.
        clear = total ** (1 / (words / whole + 1))
        return Shares(clear, nods / whole, known / whole, likeness / whole)
