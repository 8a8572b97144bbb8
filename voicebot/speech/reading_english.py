"""How English numbers, times, dates, amounts and signs are said."""

from __future__ import annotations

from typing import Final

from voicebot.speech import english_amounts, english_dates, english_names

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

RULES: Final = (*english_names.RULES, *english_dates.RULES, *english_amounts.RULES)
