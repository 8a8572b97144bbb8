"""Card and phone numbers are taken out of what was said, before anybody keeps it.

Seven digits or more in one run are masked, written (``+7 916 123-45-67``) or spoken ("four one one
one …", "девятьсот шестнадцать …"). The check digit (Luhn) tells cards from phones, no more: a card
number in which one digit was misheard is to be masked, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from voicebot.records.digits import nothing_but_fillers, runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicebot.records.digits import Run
    from voicebot.records.events import Word

CARD: Final = "[card]"
PHONE: Final = "[phone]"
NUMBER: Final = "[number]"

FEWEST: Final = 7
"""Digits of the shortest phone number, and of a run that is masked."""

FEWEST_LISTED: Final = 10
"""The same where longer groups are parted by commas or full stops: that may be a list."""

SHORTEST_CARD: Final = 13
LONGEST_CARD: Final = 19
"""Digits of a card number (ISO/IEC 7812-1)."""

LONGEST_PHONE: Final = 15
"""Digits of a phone number (E.164)."""

_DATE = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])([./-])(?:0?[1-9]|1[0-2])\1(?:19|20)\d\d"
    r"|(?:19|20)\d\d([./-])(?:0[1-9]|1[0-2])\2(?:0[1-9]|[12]\d|3[01])"
    r"|(?:19|20)\d\d\s?[-–—]\s?(?:19|20)\d\d"
)
_AMOUNT = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,3}(?: 000)+")
# Five thousand, six thousand: amounts, too.
_ROUND = re.compile(r"[1-9]000")


@dataclass(frozen=True, slots=True)
class Masked:
    """A number's place in a text, and what stands there instead."""

    start: int
    end: int
    label: str


class Masker:
    """Masks what one party says, utterance by utterance.

    A number may be dictated in several utterances: what was said before counts, so that no more
    than its first six digits are ever let through.
    """

    def __init__(self) -> None:
        self._open = ""

    def mask(self, text: str, words: Sequence[Word] = ()) -> tuple[str, tuple[Word, ...]]:
        """Return an utterance without numbers, its words likewise: one for each number."""
        found = list(runs(text))
        masked = self._masked(found, text)
        spoken = " ".join(word.text for word in words)
        among_words = masked if spoken == text else self._masked(runs(spoken), spoken)
        self._open = self._left_open(found, text)
        return _replaced(text, masked), _merged(words, among_words) if among_words else tuple(words)

    def preview(self, text: str) -> str:
        """Return an utterance that is not complete, without numbers."""
        return _replaced(text, self._masked(runs(text), text))

    def _masked(self, found: Iterable[Run], text: str) -> list[Masked]:
        return [
            Masked(run.start, run.end, label([before, *run.groups]))
            for run in found
            if _is_number(run, before := self._before(run, text), text)
        ]

    def _before(self, run: Run, text: str) -> str:
        """Return the digits that ``run`` continues."""
        return self._open if self._open and nothing_but_fillers(text[: run.start]) else ""

    def _left_open(self, found: Sequence[Run], text: str) -> str:
        """Return the digits that the next utterance may continue."""
        if not found or not nothing_but_fillers(text[found[-1].end :]):
            return ""
        return self._before(found[-1], text) + found[-1].digits


def label(groups: Sequence[str]) -> str:
    """Return what a number is that was written or said in ``groups`` of digits."""
    for start in range(len(groups)):
        digits = ""
        for group in groups[start:]:
            digits += group
            if len(digits) > LONGEST_CARD:
                break
            if len(digits) >= SHORTEST_CARD and _luhn(digits):
                return CARD
    return PHONE if sum(map(len, groups)) <= LONGEST_PHONE else NUMBER


def _luhn(digits: str) -> bool:
    """Whether the check digit fits (ISO/IEC 7812-1, annex B); never for zeros alone."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and digits.strip("0") != ""


def _is_number(run: Run, before: str, text: str) -> bool:
    written = text[run.start : run.end]
    if not before and (_DATE.fullmatch(written) or _AMOUNT.fullmatch(written)):
        return False
    if not before and all(_ROUND.fullmatch(group) for group in run.groups):
        return False
    fewest = FEWEST_LISTED if run.loose and not before else FEWEST
    return len(before) + len(run.digits) >= fewest


def _replaced(text: str, masked: Sequence[Masked]) -> str:
    for place in reversed(masked):
        text = text[: place.start] + place.label + text[place.end :]
    return text


def _merged(words: Sequence[Word], masked: Sequence[Masked]) -> tuple[Word, ...]:
    """Return ``words``, whose texts were searched joined by blanks, without what is masked."""
    kept: list[Word] = []
    position = 0
    last = None
    for word in words:
        end = position + len(word.text)
        place = next((it for it in masked if it.start < end and position < it.end), None)
        if place is None:
            kept.append(word)
        else:
            before = word.text[: max(0, place.start - position)]
            after = word.text[place.end - position :] if place.end < end else ""
            if place is last:
                kept[-1] = replace(kept[-1], text=kept[-1].text + after, end=word.end)
            else:
                kept.append(replace(word, text=before + place.label + after))
        last = place
        position = end + 1
    return tuple(kept)
