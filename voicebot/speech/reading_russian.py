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

_ROOMS: Final = (
    russian_phones,
    russian_places,
    russian_names,
    russian_dates,
    russian_days,
    russian_times,
    russian_measures,
    russian_amounts,
)
RULES: Final = tuple(rule for room in _ROOMS for rule in room.RULES)
# The rules that apply where there is no digit.
WORDS: Final = tuple(rule for room in _ROOMS for rule in getattr(room, "WORDS", ()))
