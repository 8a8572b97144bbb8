"""How English numbers, times, dates, amounts and signs are said."""

from __future__ import annotations

from typing import Final

from voicebot.speech import (
    english_amounts,
    english_dates,
    english_days,
    english_names,
    english_phones,
    english_places,
    english_times,
)

SIGNS: Final = {
    "@": "at",
    ".": "dot",
    "-": "dash",
    "_": "underscore",
    "/": "slash",
    "+": "plus",
    ":": "colon",
    "?": "question mark",
    "=": "equals",
    "&": "and",
    "#": "hash",
    "%": "percent",
}

_ROOMS: Final = (
    english_phones,
    english_names,
    english_places,
    english_dates,
    english_days,
    english_times,
    english_amounts,
)
RULES: Final = tuple(rule for room in _ROOMS for rule in room.RULES)
# The rules that apply where there is no digit.
WORDS: Final = tuple(rule for room in _ROOMS for rule in getattr(room, "WORDS", ()))
