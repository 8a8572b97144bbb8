"""What the tables of a language make of words said over the bot."""

from __future__ import annotations

from enum import Enum, auto
from functools import lru_cache
from typing import TYPE_CHECKING

from voicebot.turns import words as w
from voicebot.turns.belief import Shares
from voicebot.turns.expectation import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from voicebot.turns.expectation import Expectation
    from voicebot.turns.languages import Language

# Nothing that is shorter is a word.
WORD_LETTERS = 2
_ALIKE = 0.77
_PART_ALIKE = 0.65
_GRUNT_LETTERS = 6
# Nobody only nods for longer, if some of it was misheard at that; and it takes long to find out.
_MOST_MISHEARD = 12
_ORDER_ALIKE = 0.66


class _Part(Enum):
    """What the words of somebody who listens are made of."""

    START = auto()
    NOD = auto()
    ECHO = auto()
    FRAME = auto()
    ASSESSMENT = auto()
    JUDGED = auto()
    TAIL = auto()


_SAID = frozenset({_Part.NOD, _Part.ASSESSMENT, _Part.JUDGED, _Part.TAIL})
_LAST = _SAID | {_Part.ECHO}
# What each of them may follow: 'very thanks' and 'yes point' are nothing, 'is it okay' asks.
_AFTER = {
    _Part.NOD: _SAID | {_Part.START},
    _Part.ECHO: _LAST | {_Part.START},
    _Part.FRAME: _SAID | {_Part.START, _Part.FRAME},
    _Part.ASSESSMENT: _SAID | {_Part.START, _Part.FRAME},
    _Part.JUDGED: {_Part.ASSESSMENT},
    _Part.TAIL: _LAST,
}


class Vocabulary:
    """Knows back-channels, orders and other words that callers of one language say."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._spelled = _phrases(language.back_channels, language.assessments)
        self.nods = _phrases(self._spelled, language.go_on)
        self._parts = {
            _Part.NOD: _phrases(language.back_channels, language.go_on),
            _Part.ECHO: language.echoes,
            _Part.FRAME: language.frames,
            _Part.ASSESSMENT: language.assessments,
            _Part.JUDGED: language.judged,
            _Part.TAIL: language.tails,
        }
        asking = _phrases(language.stops, language.wants)
        meant = _phrases(language.no, language.goodbyes, language.question_words)
        # Next to these nothing was misheard: 'не подходит' is no 'подходит', 'okay, why' no 'okay'.
        self._meant = _phrases(asking, meant, without=self.nods)
        # None of these was misheard.
        self.known = _phrases(
            *(asking, language.no, language.goodbyes, language.complete),
            *(language.openers, language.names, language.question_words),
            frozenset(language.numbers),
            without=self.nods,
        )

    @property
    def follows_sound(self) -> bool:
        """Whether it is spelled as it sounds, so that what is misheard is also spelled alike."""
        return bool(self._language.sounds)

    def is_nod(self, tokens: list[str], *, misheard: bool) -> bool:
        """Return whether ``tokens`` are a back-channel, or, ``misheard``, are like one."""
        language, nods = self._language, self.nods
        if self._is_listening(tokens) or w.hums(tokens, language.hums):
            return True
        if not misheard or len(tokens) > _MOST_MISHEARD or w.contains(tokens, self._meant):
            return False
        # Short ones are misheard beyond recognition; of the others a letter or two is wrong.
        others, sounds = self.known, language.sounds
        grunts = {one for one in language.noises | language.yes if len(one) <= _GRUNT_LETTERS}
        if w.misheard(tokens, grunts, others, sounds) >= w.MISHEARD_ALIKE:
            return True

        def like_a_nod(part: list[str]) -> float:
            sure = self._is_listening(part)
            alike = 1.0 if sure else w.misheard(part, nods, others, sounds)
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
        alike = w.misheard(tokens, language.stops, self._spelled, language.sounds)
        return alike >= _ORDER_ALIKE

    def likeness(self, tokens: list[str]) -> float:
        """Return how much ``tokens`` are spelled like the most similar back-channel."""
        return w.likeness(tokens, self._spelled)

    def answers(self, tokens: list[str], expectation: Expectation) -> bool:
        """Return whether ``tokens`` are the yes or no that the bot asks for.

        They may be more than that ('oh yes, thank you'), or what means as much ('that's fine').
        """
        language = self._language
        answers = (language.yes | language.no) - language.noises
        if expectation.answer is not Answer.YES_NO or not self._is_listening(tokens, answers):
            return False
        return w.contains(tokens, answers | language.assessments | language.echoes)

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
            tokens = w.once(tokens)
            if self.is_nod(tokens, misheard=self.follows_sound):
                nods += likely
            elif self.is_known(tokens):
                known += likely
        whole = total or 1.0
        # The end of a text must be as clear as each of its words.
        clear = total ** (1 / (words / whole + 1))
        return Shares(clear, nods / whole, known / whole, likeness / whole)

    def _is_listening(self, tokens: list[str], also: AbstractSet[str] = frozenset()) -> bool:
        """Return whether ``tokens`` are nothing but back-channels, or phrases of ``also``."""
        # ends[i]: the parts that the first i words may end with.
        ends: list[set[_Part]] = [{_Part.START}, *(set() for _ in tokens)]
        for begin, before in enumerate(ends):
            if not before:
                continue
            for end in range(begin + 1, min(begin + w.LONGEST, len(tokens)) + 1):
                phrase = " ".join(tokens[begin:end])
                found = {part for part, phrases in self._parts.items() if phrase in phrases}
                found |= {_Part.NOD} if phrase in also else set()
                ends[end] |= {part for part in found if not before.isdisjoint(_AFTER[part])}
        return not ends[-1].isdisjoint(_LAST)


@lru_cache(maxsize=64)
def _phrases(*tables: frozenset[str], without: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the phrases that are in ``tables``, but not in ``without``; calls share them."""
    return frozenset().union(*tables) - without
