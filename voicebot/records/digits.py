"""Runs of digits in a text, written or spoken, that may be one number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicebot.records.numerals import AND, BETWEEN, HUNDRED, NUMERALS, REPEATS

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(r"\d+|[^\W\d_]+")

_TIGHT = re.compile(r"[\s\-‐‑–—−./()+·*_,]{0,5}")
"""Signs with which the parts of one number are put together."""

_LOOSE = re.compile(r"\s*[,.;:…]\s+")
"""Signs that also part two things."""


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
    """Yield the runs in ``text``, in order; double four and nine hundred are digits, too."""
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
        # Up to which value a further word belongs to the last group: 10 after a ten.
        self._room = 0

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
            self._repeat = REPEATS[word]
        elif self._add(word, token):
            self._loose = False
        elif word not in BETWEEN and not (word == AND and self._room == 100):
            done = done or self.flush()
        return done

    def flush(self) -> Run | None:
        """End the run; return it, if there is one."""
        done, self._run = self._run, None
        self._room, self._repeat, self._loose = 0, 1, False
        return done

    def _add(self, word: str, token: re.Match[str]) -> bool:
        run = self._run
        if word == HUNDRED:
            return run is not None and self._hundred(run, token)
        value = int(word) if word.isdecimal() else NUMERALS.get(word)
        if value is None:
            return False
        spoken = not word.isdecimal()
        if run is not None and spoken and self._repeat == 1 and 0 < value < self._room:
            run.groups[-1] = str(int(run.groups[-1]) + value)
        else:
            group = (str(value) if spoken else word) * self._repeat
            if run is None:
                run = self._run = Run(token.start(), token.end(), [])
            elif self._loose and len(group) > 1 and len(run.groups[-1]) > 1:
                run.loose = True
            run.groups.append(group)
        run.end = token.end()
        self._repeat = 1
        self._room = _room(value) if spoken else 0
        return True

    def _hundred(self, run: Run, token: re.Match[str]) -> bool:
        if len(run.groups[-1]) > 2:
            return False
        run.groups[-1] += "00"
        run.end = token.end()
        self._room = 100
        return True


def _room(value: int) -> int:
    if value >= 100:
        return 100
    return 10 if value >= 20 else 0
