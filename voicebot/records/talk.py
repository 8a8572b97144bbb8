"""What was said in a call, in the order of time, also where people spoke at once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from voicebot.records.reading import Tool

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicebot.records.reading import CallRecord, Turn, Utterance


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of talk by one party. Positions as in ``events``."""

    party: str
    start: int
    end: int
    text: str


def lines_of(record: CallRecord) -> list[Line]:
    """Return what people said to each other; where two overlap, their words take turns."""
    lines: list[Line] = []
    for together in _overlapping(record.utterances):
        if len({it.party for it in together}) > 1 and all(it.words for it in together):
            lines += _interleaved(together)
        else:
            lines += [Line(it.party, it.start, it.end, it.text) for it in together]
    return lines


def turns_of(record: CallRecord) -> list[Turn | Tool]:
    """Return a talk with the receptionist: its turns, and what it did, by time."""
    # What the bot says of a tool comes after the tool.
    both: list[Turn | Tool] = [*record.tools, *record.turns]
    return sorted(both, key=_when)


def cues_of(record: CallRecord) -> list[Line]:
    """Return a line for each utterance and turn, with its own times.

    Of a turn only the end is known: it begins where the one before ended.
    """
    cues = [Line(it.party, it.start, it.end, it.text) for it in record.utterances]
    before = 0
    for turn in record.turns:
        cues.append(Line(turn.party, before, turn.end, turn.text))
        before = turn.end
    return sorted(cues, key=lambda cue: (cue.start, cue.end))


def _when(happened: Turn | Tool) -> int:
    return happened.position if isinstance(happened, Tool) else happened.end


def _overlapping(utterances: Sequence[Utterance]) -> Iterator[list[Utterance]]:
    """Yield the utterances, those together that overlap."""
    together: list[Utterance] = []
    end = 0
    for utterance in utterances:
        if together and utterance.start >= end:
            yield together
            together = []
        together.append(utterance)
        end = max(end, utterance.end)
    if together:
        yield together


def _interleaved(utterances: Sequence[Utterance]) -> list[Line]:
    words = sorted(
        ((word, it.party) for it in utterances for word in it.words),
        key=lambda pair: (pair[0].start, pair[0].end),
    )
    lines: list[Line] = []
    for party, group in groupby(words, key=lambda pair: pair[1]):
        said = [word for word, _party in group]
        text = " ".join(word.text for word in said)
        lines.append(Line(party, said[0].start, said[-1].end, text))
    return lines
