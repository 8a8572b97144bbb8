"""Events of calls, told shortly."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from voicebot.records.entry import Entry
from voicebot.records.events import (
    SAMPLE_RATE,
    CallEnded,
    CallEvent,
    CallStarted,
    Final,
    PartyJoined,
    PartyLeft,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

NOON = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


def at(seconds: float) -> int:
    """Return the position ``seconds`` after the start."""
    return round(seconds * SAMPLE_RATE)


def final(
    text: str,
    start: float = 1.0,
    *,
    call: str = "1.1",
    party: str = "anna",
    number: int = 1,
    word_s: float = 0.5,
) -> Final:
    """Return an utterance whose words take ``word_s`` each."""
    spoken = text.split()
    words = tuple(
        Word(word, at(start + word_s * i), at(start + word_s * (i + 1)), 0.9)
        for i, word in enumerate(spoken)
    )
    end = at(start + word_s * len(spoken))
    return Final(call, party, number, at(start), end, text, "en", 0.9, words, 0.4)


def a_call(call: str = "1.1", *, begun: dt.datetime = NOON) -> list[CallEvent]:
    """Return a call between Anna (201) and Boris (202) that lasts ten seconds."""
    return [
        CallStarted(call, begun, "internal"),
        PartyJoined(call, "anna", "201", "Anna", 0),
        PartyJoined(call, "boris", "202", "Boris", 0),
        final("Hello Boris.", 1, call=call),
        final("Hello Anna.", 3, call=call, party="boris"),
        PartyLeft(call, "anna", at(10)),
        CallEnded(call, begun + dt.timedelta(seconds=10), at(10), "hung up"),
    ]


def entries(events: Sequence[CallEvent], *, run: str = "run", first: int = 1) -> list[Entry]:
    """Return ``events`` as one run of voicebot delivers them."""
    return [Entry(run, first + i, event) for i, event in enumerate(events)]
