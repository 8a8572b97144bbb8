"""Runs of digits in a text, written or spoken, that may be one number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicebot.records.numerals import (
    A_THOUSAND,
    AND,
    BETWEEN,
    HUNDRED,
    MANY,
    NUMERALS,
    REPEATS,
    THOUSAND,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(r"\d+|[^\W\d_]+")

_TIGHT = re.compile(r"[\s\-‐‑–—−./()+·*_,]{0,5}")
"""Signs with which the parts of one number are put together."""

_LOOSE = re.compile(r"\s*[,.;:…]\s+")
"""Signs that also part two things."""

_HUNDRED: Final = 100
_THOUSAND: Final = 1000


@dataclass(slots=True)
class Run:
    """Digits that may be one number: ``groups`` of them, between ``start`` and ``end`` of the text.

    ``loose`` says that longer groups are parted like the things of a list.
    """

    start: int
    end: int
    groups: list[str]
    loose: bool = False

    @property
    def digits(self) -> str:
        """All digits in a row."""
        return "".join(self.groups)


def runs(text: str) -> Iterator[Run]:
    """Yield the runs in ``text``, in order.

    Double four, three sevens, nine hundred and four thousand one hundred are digits, too; ten
    thousand and more are not: that is an amount.
    """
    reader = _Reader(text)
    for token in _TOKEN.finditer(text):
        if (done := reader.push(token)) is not None:
            yield done
    if (done := reader.flush()) is not None:
        yield done


def nothing_but_fillers(text: str) -> bool:
    """Whether ``text`` has no words but such as are said between digits."""
    return all(token.group().lower() in BETWEEN for token in _TOKEN.finditer(text))


class _Reader:
    """Puts number words and digits together as long as they may be one number."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._run: Run | None = None
        # Where the token before ended, be it a filler.
        self._last = 0
        self._loose = False
        self._repeat = 1
        self._start = 0
        # Up to which value a further word belongs to the last group: 10 after a ten.
        self._room = 0
        # The thousands that are in the last group already, and its last word.
        self._base = 0
        self._value = 0
        # Whether the last group is parted like a thing of a list, if it turns out to be long.
        self._parted = False

    def push(self, token: re.Match[str]) -> Run | None:
        """Take the next token; return the run that it ends, if it does."""
        word = token.group().lower()
        between = self._text[self._last : token.start()]
        loose = _LOOSE.fullmatch(between) is not None
        done = None
        if not (loose or _TIGHT.fullmatch(between)):
            done = self.flush()
        self._loose |= loose
        self._last = token.end()
        if word in REPEATS:
            self._repeat, self._start = REPEATS[word], token.start()
        elif self._add(word, token):
            self._loose = False
        elif word not in BETWEEN and not (word == AND and self._room >= _HUNDRED):
            done = done or self.flush()
        return done

    def flush(self) -> Run | None:
        """End the run; return it, if there is one."""
        done, self._run = self._run, None
        self._room, self._base, self._value = 0, 0, 0
        self._repeat, self._loose, self._parted = 1, False, False
        return done

    def _add(self, word: str, token: re.Match[str]) -> bool:
        """Take a word that is part of a number; return whether it is."""
        if word == HUNDRED:
            return self._hundred(token)
        if word in THOUSAND:
            return self._thousand(word, token)
        if word in MANY:
            self._many(MANY[word], token)
            return True
        value = int(word) if word.isdecimal() else NUMERALS.get(word)
        if value is None:
            return False
        spoken = not word.isdecimal()
        # Recognisers write 4 thousand 111, too.
        adds = spoken or (self._room == _THOUSAND and word[0] != "0")
        if self._run is not None and adds and self._repeat == 1 and 0 < value < self._room:
            self._change(str(int(self._run.groups[-1]) + value), token)
        else:
            self._append((str(value) if spoken else word) * self._repeat, token)
        self._room, self._value = _room(value) if spoken else 0, value
        return True

    def _append(self, group: str, token: re.Match[str]) -> None:
        """Begin another group."""
        if self._run is None:
            start = token.start() if self._repeat == 1 else self._start
            self._run = Run(start, token.end(), [])
        else:
            self._parted = self._loose and len(self._run.groups[-1]) > 1
        self._run.loose |= self._parted and len(group) > 1
        self._run.groups.append(group)
        self._run.end = token.end()
        self._repeat, self._room, self._base, self._value = 1, 0, 0, 0

    def _change(self, group: str, token: re.Match[str]) -> None:
        """Make the last group another one."""
        assert self._run is not None  # noqa: S101 (whoever calls has looked)
        self._run.groups[-1] = group
        self._run.loose |= self._parted and len(group) > len("100")
        self._run.end = token.end()

    def _hundred(self, token: re.Match[str]) -> bool:
        part = int(self._run.groups[-1]) - self._base if self._run is not None else 0
        if not 0 < part < _HUNDRED:
            return False
        self._change(str(self._base + part * _HUNDRED), token)
        self._room, self._value = _HUNDRED, 0
        return True

    def _thousand(self, word: str, token: re.Match[str]) -> bool:
        count = 0 if self._loose else self._value
        if 0 < count < 10 and (count == 1 or word not in A_THOUSAND):
            if not self._stands_alone(count):
                return False
            self._change(f"{count}000", token)
        elif word in A_THOUSAND:
            count = 1
            self._append("1000", token)
        else:
            return False
        self._room, self._base, self._value = _THOUSAND, count * _THOUSAND, 0
        return True

    def _stands_alone(self, count: int) -> bool:
        """Make the last word a group of its own; return whether it is one.

        Eight hundred two thousand is an amount, but eight, eight hundred, two thousand is dictated.
        """
        groups = self._run.groups if self._run is not None else []
        rest = int(groups[-1]) - count
        if rest and len(groups) == 1:
            return False
        if rest:
            groups[-1:] = [str(rest), str(count)]
        return True

    def _many(self, digit: int, token: re.Match[str]) -> None:
        """Take three sevens, or a seven where nobody says how many."""
        last = self._run.groups[-1] if self._run is not None and not self._loose else ""
        if len(last) == 1 and last > "1":
            self._change(str(digit) * int(last), token)
            self._room, self._value = 0, 0
        else:
            self._append(str(digit), token)


def _room(value: int) -> int:
    if value >= _HUNDRED:
        return _HUNDRED
    return 10 if value >= 20 else 0
