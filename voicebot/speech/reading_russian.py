"""How Russian numbers, times, dates, amounts and signs are said."""

from __future__ import annotations

from typing import Final

from voicebot.speech import (
    russian_amounts,
    russian_dates,
    russian_days,
    russian_measures,
    russian_names,
    russian_phones,
    russian_places,
    russian_times,
)

SIGNS: Final = {
    "@": "собака",
    ".": "точка",
    "-": "дефис",
    "_": "подчёркивание",
    "/": "слэш",
    "+": "плюс",
    ":": "двоеточие",
    "?": "вопросительный знак",
    "=": "равно",
    "&": "амперсанд",
    "#": "решётка",
    "%": "процент",
}

RULES: Final = (
    *russian_phones.RULES,
    *russian_places.RULES,
    *russian_names.RULES,
    *russian_dates.RULES,
    *russian_days.RULES,
    *russian_times.RULES,
    *russian_measures.RULES,
    *russian_amounts.RULES,
)
# Those that apply where there is no digit
WORDS: Final = (
    *russian_phones.WORDS,
    *russian_places.WORDS,
    *russian_names.WORDS,
    *russian_days.WORDS,
    *russian_measures.WORDS,
    *russian_amounts.WORDS,
)
