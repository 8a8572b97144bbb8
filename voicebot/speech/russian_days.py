"""How Russian days of the week are said, in the case that the sentence asks for."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.abbreviations import STOP
from voicebot.speech.russian_forms import CASES

_EVERY: Final = 4
"""'по вторникам': the form of a day after 'по' that is not the last of several."""
# Nominative, genitive, accusative and dative, and the dative of many: 'с понедельника по пятницу'.
_DAYS: Final = {
    "пн": ("понедельник", "понедельника", "понедельник", "понедельнику", "понедельникам"),
    "вт": ("вторник", "вторника", "вторник", "вторнику", "вторникам"),
    "ср": ("среда", "среды", "среду", "среде", "средам"),
    "чт": ("четверг", "четверга", "четверг", "четвергу", "четвергам"),
    "пт": ("пятница", "пятницы", "пятницу", "пятнице", "пятницам"),
    "сб": ("суббота", "субботы", "субботу", "субботе", "субботам"),
    "вс": ("воскресенье", "воскресенья", "воскресенье", "воскресенью", "воскресеньям"),
}
ANY_DAY: Final = rf"(?:{'|'.join(_DAYS)})"
_DAY: Final = rf"({ANY_DAY})\.?"
_A_DAY: Final = rf"({ANY_DAY})(?!\w)"


def _from_day_to_day(match: re.Match[str]) -> str:
    first, last = (_DAYS[day.lower()] for day in match.groups()[:4] if day)
    said = f"{'со' if first[1].startswith('вт') else 'с'} {first[1]} по {last[2]}"
    return said + (match[5] or "")


def _on_days(match: re.Match[str]) -> str:
    """Read days after a preposition: 'в субботу и воскресенье', 'до пятницы'."""
    preposition, days = match[1], match[2]
    form = "ngad".index(CASES.get(preposition.lower(), "a"))
    if preposition.lower() == "по":
        form = _EVERY
    if days.lower().startswith("вт") and preposition.lower() in {"в", "с"}:
        preposition += "о"
    said = re.sub(_DAY, lambda day: _DAYS[day[1].lower()][form], days, flags=re.IGNORECASE)
    return f"{preposition} {said}{match[3] or ''}"


WORDS: Final = (
    (
        re.compile(
            rf"\b(?:(?:с|по) )?{_DAY}\s?[-–—]\s?{_DAY}(?!\w)|\bсо? {_DAY} по {_A_DAY}{STOP}",
            re.IGNORECASE,
        ),
        _from_day_to_day,
    ),
    (
        re.compile(
            rf"\b(во?|кажд(?:ый|ую|ое)|{'|'.join(CASES)}) "
            rf"((?:{ANY_DAY}\.?(?:,| и) )*{ANY_DAY})(?!\w){STOP}",
            re.IGNORECASE,
        ),
        _on_days,
    ),
    (
        # 'Вт' is a watt, too, and 'ВС' and 'СБ' stand for much.
        re.compile(
            rf"(?<!\d )(?<!\w)(?!(?-i:ВС|СБ|ПТ)(?! ?[:,.(\d]))({ANY_DAY})(?!\w){STOP}",
            re.IGNORECASE,
        ),
        lambda m: _DAYS[m[1].lower()][0] + (m[2] or ""),
    ),
)
RULES: Final = (
    # 'пт 9-17', 'ежедневно 10–20'
    (
        re.compile(
            rf"((?:{ANY_DAY})\.?|ежедневно|будни|выходные|обед|перерыв):? (\d{{1,2}})"
            r"\s?[-–—]\s?(\d{1,2})(?=[,;)]|\.?\s*$)",
            re.IGNORECASE,
        ),
        lambda m: f"{m[1]} с {m[2]} до {m[3]}",
    ),
    *WORDS,
)
