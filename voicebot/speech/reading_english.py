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

RULES: Final = (
    *english_phones.RULES,
    *english_names.RULES,
    *english_places.RULES,
    *english_dates.RULES,
    *english_days.RULES,
    *english_times.RULES,
    *english_amounts.RULES,
)
# Those that apply where there is no digit
WORDS: Final = (
    *english_phones.WORDS,
    *english_names.WORDS,
    *english_places.WORDS,
    *english_days.WORDS,
    *english_amounts.WORDS,
)
