"""How Russian numbers, times, dates, amounts and signs are said."""

from __future__ import annotations

from typing import Final

from voicebot.speech import (
    russian_amounts,
    russian_dates,
    russian_measures,
    russian_names,
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
    *russian_names.RULES,
    *russian_dates.RULES,
    *russian_measures.RULES,
    *russian_amounts.RULES,
)
