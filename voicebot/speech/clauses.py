"""Cuts text that is still being written into clauses that can already be spoken."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.abbreviations import NEVER_LAST, NUMBER_FOLLOWS, SOMETIMES_LAST

FIRST_CLAUSE_CHARS: Final = 2
"""Characters before the comma of a first clause: 'No,' is said while the rest is written."""

SHORTEST_PART_CHARS: Final = 12
"""The same for the parts of a sentence that is too long."""

LONG_CLAUSE_CHARS: Final = 120
LONGEST_CLAUSE_CHARS: Final = 240

# A stop counts once white space follows it: '3.5', '10:30', 'a.b@c.de' and URLs have none.
_STOP = re.compile(r"(?:[.!?…]+[\"'»”)\]]*(?=\s))|\n")
_BREATH = re.compile(r"[,;:–—](?=\s)|\s[-–—](?=\s)")
_FINISHED = re.compile(r"[.!?…][\"'»”)\]]*\s*$")
_LAST_WORD = re.compile(r"[^\s(\"'«“]+$")
_SPEAKABLE = re.compile(r"\w")


class ClauseSplitter:
    """Text in, clauses out, as soon as each is complete.

    A clause is a sentence. Only while the first sentence of a reply is still being written, its
    first part is given out early, and a sentence that becomes long is cut where one would breathe:
    so the same sentence that arrives whole always gives the same clause. Never cuts inside
    numbers, times, abbreviations, addresses of mail or web.
    """

    def __init__(self, language: str) -> None:
        self._never_last = NEVER_LAST.get(language, frozenset())
        self._number_follows = NUMBER_FOLLOWS.get(language, frozenset())
        self._sometimes_last = SOMETIMES_LAST.get(language, frozenset())
        self._rest = ""
        self._begun = False

    def push(self, text: str) -> list[str]:
        """Take the next piece of text; return the clauses that it completed, in order."""
        self._rest += text
        clauses: list[str] = []
        while (end := self._end()) is not None:
            self._take(end, clauses)
        return clauses

    def flush(self) -> list[str]:
        """Return what is left, at the end of the text. The splitter can then be used again."""
        clauses: list[str] = []
        self._take(len(self._rest), clauses)
        self._begun = False
        return clauses

    def _take(self, end: int, clauses: list[str]) -> None:
        clause, self._rest = self._rest[:end].strip(), self._rest[end:].lstrip()
        if _SPEAKABLE.search(clause):
            self._begun = True
            clauses.append(clause)

    def _end(self) -> int | None:
        """Return where the next clause ends, ``None`` while that is not known."""
        for stop in _STOP.finditer(self._rest):
            if stop.group() == "\n" or self._ends_sentence(stop):
                return self._within_limit(stop.end())
        if len(self._rest) > LONG_CLAUSE_CHARS:
            end = self._breath_before(LONG_CLAUSE_CHARS)
            if end is None and len(self._rest) > LONGEST_CLAUSE_CHARS:
                return self._within_limit(len(self._rest))
            return end
        if not self._begun and not _FINISHED.search(self._rest):
            breath = _BREATH.search(self._rest, FIRST_CLAUSE_CHARS)
            return breath.end() if breath else None
        return None

    def _ends_sentence(self, stop: re.Match[str]) -> bool:
        mark = stop.group().rstrip("\"'»”)]")
        if mark not in {".", "...", "…"}:
            return True
        following = self._rest[stop.end() :].lstrip()[:1]
        if mark != ".":
            return following.isupper()
        match = _LAST_WORD.search(self._rest, 0, stop.start())
        word = match.group().lower() if match else ""
        if word in self._never_last:
            return False
        if word in self._number_follows:
            return bool(following) and not following.isdigit()
        # '990 ₽/мес. на год'
        if word.rpartition("/")[2] in self._sometimes_last:
            return following.isupper()
        # An initial ('J. Smith'), or the number of a list's item.
        starts_clause = match is not None and match.start() == 0
        return not (len(word) == 1 and word.isalpha()) and not (word.isdigit() and starts_clause)

    def _within_limit(self, end: int) -> int:
        """Return ``end``, or an earlier place where the clause would be too long."""
        if end <= LONGEST_CLAUSE_CHARS:
            return end
        space = self._rest.rfind(" ", 1, LONGEST_CLAUSE_CHARS)
        cut = space if space > 0 else LONGEST_CLAUSE_CHARS
        return self._breath_before(LONGEST_CLAUSE_CHARS) or cut

    def _breath_before(self, limit: int) -> int | None:
        ends = [breath.end() for breath in _BREATH.finditer(self._rest, SHORTEST_PART_CHARS, limit)]
        return ends[-1] if ends else None


def sentences(text: str, language: str) -> list[str]:
    """Return the clauses of a ``text`` that is complete."""
    splitter = ClauseSplitter(language)
    return [*splitter.push(text), *splitter.flush()]
