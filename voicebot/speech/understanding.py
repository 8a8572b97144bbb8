"""What a caller means, by the facts of a prompt and the tables of a language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rapidfuzz import fuzz

from voicebot.speech.intents import (
    CORRECTED,
    DIGIT_WORDS,
    EMPTY_WORDS,
    EXTENSION,
    NOT_MEANT,
    PATTERNS,
    Intent,
)
from voicebot.speech.likeness import contained, likeness_in, words_of

if TYPE_CHECKING:
    from voicebot.speech.prompt import FrequentQuestion, Prompt

_SAME_QUESTION: Final = 82
_MOST_OF_A_QUESTION: Final = 0.65
_TOPIC_LIKENESS: Final = 0.88
_TOPIC_LETTERS: Final = 4
_AS_GOOD: Final = 0.03


@dataclass(frozen=True, slots=True)
class Meaning:
    """All that was found in an utterance; what of it counts depends on the conversation.

    ``people`` are directory keys that were named, the best first; more than one when they are
    equally likely. ``topic`` is the key of who deals with what was said. ``number`` is an extension
    or a telephone number. ``answer`` belongs to a frequent question. ``empty`` says that nothing
    but phrases was said.
    """

    intents: frozenset[Intent]
    people: tuple[str, ...] = ()
    topic: str | None = None
    number: str | None = None
    answer: str | None = None
    empty: bool = True

    def says(self, *intents: Intent) -> bool:
        """Return whether any of ``intents`` is in the words."""
        return not self.intents.isdisjoint(intents)


# What counts at the beginning of an utterance only: 'no' is not always an answer.
_AT_FIRST: Final = frozenset({Intent.YES, Intent.NO, Intent.WAIT, Intent.GREETING})


class Understanding:
    """Finds out what callers mean under ``prompt``."""

    def __init__(self, prompt: Prompt) -> None:
        self._prompt = prompt
        self._language = prompt.language
        own = {word for said in prompt.words.values() for it in said for word in words_of(it)}
        self._empty = EMPTY_WORDS.get(self._language, frozenset()) | own
        self._patterns = PATTERNS.get(self._language, {})
        self._words = {intent: _any_of(intent, said) for intent, said in prompt.words.items()}
        self._learn()

    def of(self, text: str) -> Meaning:
        """Return the meaning of ``text``."""
        words = words_of(text)
        plain = " ".join(words)
        intents = frozenset(
            intent
            for table in (self._patterns, self._words)
            for intent, pattern in table.items()
            if pattern.search(plain)
        )
        people, certainty = self._people(self._meant(plain).split())
        answer, likeness = self._answer(words, plain)
        return Meaning(
            intents,
            people=people,
            topic=self._topic(words),
            number=self._number(words, plain, dialling=Intent.TRANSFER in intents),
            # 'The director' is somebody, even where it is also a little like 'directions'.
            answer=None if certainty > likeness else answer,
            empty=not self._content(words),
        )

    def _meant(self, plain: str) -> str:
        """Return what was said without those who are named only to be ruled out."""
        for patterns in (CORRECTED, NOT_MEANT):
            if self._language in patterns:
                plain = patterns[self._language].sub(" ", plain)
        return plain

    def _learn(self) -> None:
        """Compute stems and sounds of all that is known before the first caller has to wait."""
        for entry in self._prompt.directory.values():
            self.of(" ".join((*entry.names, entry.description)))
        for item in self._prompt.faq:
            self.of(" ".join((*item.keywords, *item.questions)))

    def _content(self, words: list[str]) -> list[str]:
        return [word for word in words if word not in self._empty]

    def _people(self, words: list[str]) -> tuple[tuple[str, ...], float]:
        """Return who was named, and how surely; the operator only where nobody else was."""
        scores: dict[str, float] = {}
        for key, entry in self._prompt.directory.items():
            for name in entry.names:
                known = words_of(name)
                known = self._content(known) or known
                score = contained(known, words, self._language, self._empty)
                scores[key] = max(score, scores.get(key, 0.0))
        best = max(scores.values())
        if not best:
            return (), 0.0
        named = [key for key, score in scores.items() if score >= best - _AS_GOOD]
        others = [key for key in named if key != self._prompt.operator]
        return tuple(others or named), best

    def _topic(self, words: list[str]) -> str | None:
        """Return who deals with what was said, by the descriptions; never the operator."""
        best, found = 0, None
        for key, entry in self._prompt.directory.items():
            if key == self._prompt.operator:
                continue
            known = [
                word
                for word in self._content(words_of(entry.description))
                if len(word) >= _TOPIC_LETTERS
            ]
            score = sum(
                len(word)
                for word in known
                if likeness_in(words, word, self._language, self._empty) >= _TOPIC_LIKENESS
            )
            if score > best:
                best, found = score, key
        return found

    def _number(self, words: list[str], plain: str, *, dialling: bool) -> str | None:
        """Return the digits that were said where they are a number to be dialled."""
        table = DIGIT_WORDS.get(self._language, {})
        runs = [""]
        for word in words:
            digit = word if word.isdigit() else table.get(word, "")
            if word in table and len(digit) == 1 and runs[-1].endswith("00"):
                # 'Two hundred' and 'two' are 202.
                runs[-1] = runs[-1][:-1] + digit
            elif digit:
                runs[-1] += digit
            elif runs[-1]:
                runs.append("")
        longest = max(runs, key=len)
        pattern = EXTENSION.get(self._language)
        asked = dialling or (pattern is not None and pattern.search(plain) is not None)
        alone = all(word.isdigit() or word in table or word in self._empty for word in words)
        return longest if len(longest) >= 2 and (asked or alone) else None

    def _answer(self, words: list[str], plain: str) -> tuple[str | None, float]:
        """Return the answer of the question that was asked, and how surely it was."""
        scored = [(*self._fits(item, words, plain), item.answer) for item in self._prompt.faq]
        likeness, _, answer = max(scored, default=(0.0, 0, ""), key=lambda found: found[:2])
        return (answer, likeness) if likeness else (None, 0.0)

    def _fits(self, item: FrequentQuestion, words: list[str], plain: str) -> tuple[float, int]:
        """Return how well the question was asked, and by how many letters that was told."""
        found = [(0.0, 0)]
        for keyword in item.keywords:
            known = words_of(keyword)
            likeness = contained(known, words, self._language, self._empty)
            found.append((likeness, sum(map(len, known))))
        for question in item.questions:
            known = words_of(question)
            found.append((self._question(known, words, plain), sum(map(len, known))))
        return max(found)

    def _question(self, known: list[str], words: list[str], plain: str) -> float:
        alike = fuzz.ratio(" ".join(known), plain)
        score = alike / 100 if alike >= _SAME_QUESTION else 0.0
        content = self._content(known)
        said = [word for word in content if likeness_in(words, word, self._language, self._empty)]
        if len(said) >= 2 and len(said) / len(content) >= _MOST_OF_A_QUESTION:
            score = max(score, len(said) / len(content))
        return score


def _any_of(intent: Intent, said: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds any of the phrases ``said`` for ``intent`` in plain words."""
    phrases = "|".join(re.escape(" ".join(words_of(phrase))) for phrase in said)
    return re.compile(rf"{'^' if intent in _AT_FIRST else ''}\b(?:{phrases})\b")
