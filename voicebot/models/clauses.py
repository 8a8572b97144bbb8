"""Text in pieces that can be spoken one after another, the first one short."""

from __future__ import annotations

import re

_SENTENCE_END = re.compile(r"(?:(?<=[.!?…])|(?<=[.!?…][\"'»”)]))\s+|\n+")
_CLAUSE_END = re.compile(r"(?<=[,;:—–])\s+")
_ABBREVIATION = re.compile(
    r"(?:^|\s)(?:[^\W\d_]|mr|mrs|ms|dr|st|vs|etc|no|inc|ltd|e\.g|i\.e|т\.е|т\.д|ул|г|им|руб|тел)\.$",
    re.IGNORECASE,
)
_SHORTEST_FIRST = 6
"""Characters; "Yes," alone would be followed by a gap while the rest is made."""

_LONGEST = 200
"""Characters of a sentence that is spoken in one piece."""


def clauses(text: str) -> list[str]:
    """Return ``text`` in pieces: the first clause, then sentence by sentence.

    Nothing but white space is lost. Text without a word or digit gives no pieces.
    """
    sentences = _sentences(text)
    if not sentences:
        return []
    first, *rest = sentences
    pieces = _first_clause(first)
    for sentence in (pieces.pop(), *rest):
        pieces += _shorter(sentence)
    return pieces


def _sentences(text: str) -> list[str]:
    sentences: list[str] = []
    for piece in map(str.strip, _SENTENCE_END.split(text)):
        if sentences and (_ABBREVIATION.search(sentences[-1]) or not _speakable(piece)):
            sentences[-1] = f"{sentences[-1]} {piece}".strip()
        elif _speakable(piece):
            sentences.append(piece)
    return sentences


def _first_clause(sentence: str) -> list[str]:
    for match in _CLAUSE_END.finditer(sentence):
        head, tail = sentence[: match.start()], sentence[match.end() :]
        if len(head) >= _SHORTEST_FIRST and _speakable(head) and _speakable(tail):
            return [head, tail]
    return [sentence]


def _shorter(sentence: str) -> list[str]:
    pieces = [""]
    for clause in _CLAUSE_END.split(sentence):
        if pieces[-1] and len(pieces[-1]) + len(clause) > _LONGEST:
            pieces.append(clause)
        else:
            pieces[-1] = f"{pieces[-1]} {clause}".strip()
    return pieces


def _speakable(text: str) -> bool:
    return any(character.isalnum() for character in text)
