"""How Russian times of day are said, in the case that the sentence asks for."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.numbers import cardinal
from voicebot.speech.russian_forms import CASES, PREPOSITION, plural

_HOURS: Final = {
    "n": ("час", "часа", "часов"),
    "g": ("часа", "часов", "часов"),
    "d": ("часу", "часам", "часам"),
}


def _time(match: re.Match[str]) -> str:
    preposition, hour, minute = match[1] or "", int(match[2]), int(match[3])
    if hour > 24 or minute > 59:
        return match.group()
    case = CASES.get(preposition.strip().lower(), "n")
    if case not in _HOURS:
        case = "n"
    words = [cardinal(str(hour), "ru", case=case)]
    if not minute:
        words.append(plural(hour, _HOURS[case]))
    elif minute < 10:
        words += ["ноль", cardinal(str(minute), "ru", case=case)]
    else:
        words.append(cardinal(str(minute), "ru", case=case))
    return preposition + " ".join(words)


RULES: Final = (
    # '10-00', and 'с 9-30 до 18-00'
    (re.compile(r"(?<![\w.-])([01]?\d|2[0-4])-00(?![\w-])"), lambda m: f"{m[1]}:00"),
    (
        re.compile(
            r"\b(с|до|в|к) ([01]?\d|2[0-4])-(15|30|45)(?=[.,;)]|$| (?:до|по|и)\b)", re.IGNORECASE
        ),
        lambda m: f"{m[1]} {m[2]}:{m[3]}",
    ),
    # '9.00-18.00' can only be times.
    (
        re.compile(r"\b(\d{1,2})\.([0-5]\d)\s?[-–—]\s?(\d{1,2})\.([0-5]\d)(?![.\d])"),
        lambda m: f"{m[1]}:{m[2]}-{m[3]}:{m[4]}",
    ),
    (
        re.compile(r"(?<![\w.,])([01]?\d|2[0-3])\.([03]0)(?=[,;)]|\.?\s*$|\.\s| (?:и|до|в|по)\b)"),
        lambda m: f"{m[1]}:{m[2]}",
    ),
    # From one time of day to another.
    (
        re.compile(
            r"(?<![\d:])(?:\bс )?(\d{1,2}:\d{2})\s?[-–—]\s?(?=\d{1,2}:\d{2})", re.IGNORECASE
        ),
        lambda m: f"с {m[1]} до ",
    ),
    (re.compile(rf"({PREPOSITION})?\b(\d{{1,2}}):(\d{{2}})(?![:\d])", re.IGNORECASE), _time),
    (
        re.compile(
            r"\b((?:в|с|до|к|после)\s)(\d{1,2})\.([0-5]\d)(?!\.?\d| раз|\s?%)", re.IGNORECASE
        ),
        _time,
    ),
)
