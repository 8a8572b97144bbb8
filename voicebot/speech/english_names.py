"""How English numbers are said that are names: of orders, flights, versions, kings; and titles."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.english_units import COUNTED
from voicebot.speech.numbers import cardinal, digits, groups, ordinal
from voicebot.speech.roman import ROMAN, value

_NAMES: Final = (
    "order|code|pin|id|ticket|reference|ref|account|invoice|booking|case|contract|policy|customer|"
    "password|passcode|confirmation|tracking|membership|member|claim|permit|registration|serial|"
    "locker|train|number|po"
)
# What is counted with Roman numerals, and who is.
_COUNTED: Final = (
    "Chapter|Part|Phase|Section|Volume|Level|Type|Class|Article|War|Stage|Act|Appendix|Tier|Grade|"
    "Building|Block|Terminal|Zone|Title|Annex|Book|Group|Category|Episode|Season|Unit|Module"
)
_RULERS: Final = (
    "Henry|Elizabeth|Charles|George|William|Edward|James|Richard|Louis|Philip|Peter|Catherine|"
    "Alexander|Nicholas|Frederick|Paul|Pius|Benedict|Leo|Mary|Ivan|Napoleon"
)
# As the British write them, without a full stop.
_TITLES: Final = {
    "Dr": "Doctor",
    "Mr": "Mister",
    "Mrs": "Missis",
    "Ms": "Miz",
    "Prof": "Professor",
}
_SHORT: Final = {
    "attn": "attention",
    "c/o": "care of",
    "w/c": "week commencing",
    "Dept": "Department",
    "dept": "department",
}
_LONGEST_DATE: Final = 8
"""Digits; what is written with full stops and has more is a phone's number."""


def _dotted(match: re.Match[str]) -> str:
    written = match.group()
    return groups(written, "en") if sum(map(str.isdigit, written)) > _LONGEST_DATE else written


def _counted(match: re.Match[str]) -> str:
    return match[1] + cardinal(str(value(match[2])), "en")


WORDS: Final = (
    (re.compile(rf"\b({'|'.join(_TITLES)}) (?=[A-Z])"), lambda m: f"{_TITLES[m[1]]} "),
    (re.compile(rf"(?<![\w.])({'|'.join(_SHORT)})(?![\w.])"), lambda m: _SHORT[m[1]]),
    (re.compile(r"\b([Nn])o\. (?=of\b)"), lambda m: f"{m[1]}umber "),
    # 'I' is mostly the word.
    (re.compile(rf"\b((?:{_COUNTED}) )(?!I\b(?= [a-z])){ROMAN}\b"), _counted),
    (
        re.compile(rf"\b((?:{_RULERS}) )(?!I\b){ROMAN}\b"),
        lambda m: f"{m[1]}the {ordinal(value(m[2]), 'en')}",
    ),
)
RULES: Final = (
    (re.compile(r"\b24/7(?:/365)?\b"), lambda _: "around the clock"),
    (re.compile(r"\b([Nn])o\. ?(?=[A-Z]{1,4}-?\d)"), lambda m: f"{m[1]}umber "),
    (re.compile(r"\b([Nn])os (?=\d)"), lambda m: f"{m[1]}umbers "),
    (
        re.compile(
            rf"\b(?!(?<=in )case \d)((?:{_NAMES})\.?(?: number| no\.?)?(?: is)?:? )#?"
            r"(\d+(?:[-/]\d+)+|\d{4,})\b(?![ .,:]?\d)"
            rf"(?! (?:{COUNTED})\b)",
            re.IGNORECASE,
        ),
        lambda m: m[1] + groups(m[2], "en"),
    ),
    (re.compile(r"\b(ending (?:(?:in|with) )?)(\d{3,})\b"), lambda m: m[1] + digits(m[2], "en")),
    (
        re.compile(r"(?<!\w)#?\b([A-Z]{1,4})-(\d{3,}(?:-\d+)*)\b"),
        lambda m: f"{m[1]} {groups(m[2], 'en')}",
    ),
    (re.compile(r"(?<![$€£.,\w])(\d{2})([A-U])\b"), lambda m: f"{cardinal(m[1], 'en')} {m[2]}"),
    (re.compile(r"\b([Ff]light [A-Z]{2}) ?(\d{2,4})\b"), lambda m: f"{m[1]} {groups(m[2], 'en')}"),
    (re.compile(r"(?<![\w.,+])\d{2,4}(?:\.\d{2,4}){2,4}(?![\w.]*\w)"), _dotted),
    (
        re.compile(r"\b(?:version )?v\.?(\d+(?:\.\d+)*)\b", re.IGNORECASE),
        lambda m: f"version {m[1].replace('.', ' point ')}",
    ),
    (
        re.compile(
            r"\b((?:ratio|scale|odds)(?: (?:is|are|of|was))* )(\d{1,3}):(\d{1,5})\b", re.IGNORECASE
        ),
        lambda m: f"{m[1]}{m[2]} to {m[3]}",
    ),
    # One letter and two digits: 'B twelve'; more are read one by one.
    (re.compile(r"\b([A-Z])([1-9]\d)\b(?!/|\s\d)"), lambda m: f"{m[1]} {cardinal(m[2], 'en')}"),
    *WORDS,
)
