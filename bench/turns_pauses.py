"""Turns with pauses in them, whose places and lengths are known: 100 ms to 2 s.

A pause is told by where it is. Within a clause nobody would take the turn; after a clause that
could be all ('Press star for help | or pound to exit') a person might, and no evidence that exists
at that moment can tell for sure. Both kinds are in the set, and are counted apart.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.prompts import prompts
from bench.turns_speech import LEVEL, Break, Spoken, level, load
from bench.turns_voices import FESTIVAL_RU, PIPER
from voicebot.media.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.turns_speech import Signal
    from bench.turns_voices import Voices

SHORTEST_MS = 100
LONGEST_MS = 2000
GROUP_LONGEST_MS = 1000

BREAKS = Path(__file__).with_name("turns_breaks.tsv")

# Callers who think in the middle of a sentence ('|'), or go on after what could be all ('/').
HESITATIONS = {
    PIPER: (
        "I would like to | speak to the sales department.",
        "My name is | John Miller.",
        "I'm calling about | the invoice from last month.",
        "Can you | put me through to the workshop?",
        "I need to | change my appointment for Tuesday.",
        "We have a problem with | the internet connection since this morning.",
        "I want to know if | you are open on Saturday.",
        "Could you tell me | what the delivery would cost?",
        "Please call me back / after five o'clock.",
        "I ordered a | washing machine two weeks ago and | it has not arrived.",
        "The number of my contract is | four seven one one.",
        "I'd like to book a table for | four people.",
        "Is it possible to | talk to Doctor Brown?",
        "I bought it in | November and now it is broken.",
        "So the thing is, um, | I lost my card yesterday.",
        "I think that | the second option would be better.",
        "My address is | twenty two Baker Street.",
        "She told me that | I should call again on Monday.",
        "I have a question about | my last bill.",
        "Do you have | anything cheaper?",
        "It was delivered to | the wrong house.",
        "Well, | I would rather wait.",
        "Tomorrow at | half past nine would be fine.",
        "I was trying to | reach the accounting department.",
    ),
    FESTIVAL_RU: (
        "Я хотел бы | поговорить с отделом продаж.",
        "Меня зовут | Иван Петров.",
        "Я звоню по поводу | счёта за прошлый месяц.",
        "Соедините меня, пожалуйста, с | бухгалтерией.",
        "Мне нужно | перенести запись на вторник.",
        "Скажите, вы работаете / в субботу?",
        "Я заказал у вас | стиральную машину, и | её до сих пор нет.",
        "У нас не работает | интернет с самого утра.",
        "Мой адрес: | улица Ленина, дом пять.",
        "Я думаю, что | второй вариант будет лучше.",
        "Перезвоните мне / после пяти часов.",
        "Ну, | я лучше подожду.",
    ),
}
_PHONE = "May I have your phone number?"
_CODE = "Please tell me your four digit code."
NUMBERS = (
    # What is said before, how many digits in each group, and what the bot had asked.
    ("My phone number is", (3, 3, 4), ""),
    ("", (3, 3, 4), _PHONE),
    ("It's", (3, 3, 2, 2), _PHONE),
    ("The code is", (2, 2), _CODE),
    ("", (1, 1, 1, 1), _CODE),
)


def pausing(voices: Voices, count: int) -> list[Spoken]:
    """Return turns with pauses: prompts cut in two, hesitations, and ``count`` dictated numbers."""
    rng = np.random.default_rng(11)
    found = [
        _cut(line.split("\t"), rng) for line in BREAKS.read_text().splitlines() if line[0] != "#"
    ]
    for voice, sentences in HESITATIONS.items():
        for sentence in sentences:
            kind = Break.OPEN if "|" in sentence else Break.WHOLE
            parts = [voices.say(part.strip(), voice) for part in re.split(r"[|/]", sentence)]
            text = re.sub(r"[|/] ", "", sentence)
            whole = Spoken(parts[0].signal, text, parts[0].language, kind=kind)
            found.append(_joined([part.signal for part in parts], whole, rng))
    found += [_dictated(voices, number, rng) for number in range(count)]
    return found


def _cut(columns: Sequence[str], rng: np.random.Generator) -> Spoken:
    """Return a prompt that pauses where a line of the table says."""
    kind, language, name, start, end, text = columns
    one = load(prompts(language)[name].samples(), text.replace(" | ", " "), language)
    parts = [one.signal[: int(start)], one.signal[int(end) :]]
    return _joined(parts, replace(one, kind=Break(kind)), rng)


def _length(rng: np.random.Generator, longest_ms: float = LONGEST_MS) -> int:
    """Return a pause's length in samples: short ones as likely as ones of double the length."""
    log_ms = rng.uniform(np.log(SHORTEST_MS), np.log(longest_ms))
    return int(np.exp(log_ms) * SAMPLE_RATE / 1000)


def _joined(
    parts: Sequence[Signal],
    whole: Spoken,
    rng: np.random.Generator,
    *,
    longest_ms: float = LONGEST_MS,
) -> Spoken:
    """Return ``parts`` with pauses in between."""
    signal, pauses = parts[0], []
    for part in parts[1:]:
        length = _length(rng, longest_ms)
        pauses.append((len(signal), length))
        signal = np.concatenate([signal, np.zeros(length), part])
    return replace(whole, signal=signal, pauses=tuple(pauses))


def _dictated(voices: Voices, number: int, rng: np.random.Generator) -> Spoken:
    """Return a number dictated in groups, its digits spoken by a person."""
    carrier, groups, asked = NUMBERS[number % len(NUMBERS)]
    parts: list[Signal] = []
    words: list[str] = []
    for size in groups:
        digits = [str(digit) for digit in rng.integers(0, 10, size)]
        words += digits
        spoken = [prompts("en")[f"digits/{digit}"] for digit in digits]
        between = np.zeros(SAMPLE_RATE // 50)
        sounds = [load(one.samples(), one.text, "en").signal for one in spoken]
        parts.append(np.concatenate([piece for one in sounds for piece in (one, between)][:-1]))
    if carrier:
        said = voices.say(carrier, PIPER).signal
        parts.insert(0, said * 10 ** ((LEVEL - level(said)) / 20))
    text = " ".join([carrier, *words]).strip()
    whole = Spoken(parts[0], text, "en", asked=asked, kind=Break.NUMBER)
    return _joined(parts, whole, rng, longest_ms=GROUP_LONGEST_MS)
