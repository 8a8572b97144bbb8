"""What is said over the bot, by whom: phrases in many voices, people's own words, coughs."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bench.prompts import prompts
from bench.turns_speech import Spoken, cough, load
from voicebot.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.turns_phrases import Phrases, PhraseSet
    from bench.turns_voices import Voices

HUMAN_BACK_CHANNELS = {"en": ("auth-thankyou", "privacy-thankyou"), "ru": ("auth-thankyou",)}

# espeak-ng's voices, which Whisper understands badly; the others are made of people's speech.
ROBOTIC = {"en-us", "en-gb", "en-gb-x-rp", "ru"}
PEOPLE = "voices of people"


class Saying(NamedTuple):
    """A short phrase, and in which voice it is."""

    spoken: Spoken
    voice: str

    @property
    def group(self) -> str:
        """The language, and whether a person's voice is behind it."""
        robotic = self.voice.split("+", maxsplit=1)[0] in ROBOTIC
        return f"{'robots' if robotic else PEOPLE}, {self.spoken.language}"


def short(phrases: PhraseSet, sentences: Phrases, voices: Voices) -> list[Saying]:
    """Return ``sentences`` of ``phrases`` in all variants of its voices that are installed."""
    found = []
    for language, texts in sentences.items():
        for voice, variants in phrases.voices[language].items():
            try:
                found += [
                    Saying(_louder(voices.say(text, voice, speed=speed, pitch=pitch), gain), voice)
                    for text, (speed, pitch, gain) in product(texts, variants)
                ]
            except ModelError as error:
                print(f"without {voice}: {error}")
    return found


def _louder(one: Spoken, gain: float) -> Spoken:
    return replace(one, signal=one.signal * 10 ** (gain / 20))


def grouped(sayings: Iterable[Saying]) -> dict[str, list[Saying]]:
    """Return ``sayings`` by their group."""
    found: dict[str, list[Saying]] = {}
    for one in sayings:
        found.setdefault(one.group, []).append(one)
    return found


def human_back_channels() -> list[Spoken]:
    """Return what people say in the prompts that would be a back-channel over a bot."""
    return [
        load(prompts(language)[name].samples(), prompts(language)[name].text, language)
        for language, names in HUMAN_BACK_CHANNELS.items()
        for name in names
        if name in prompts(language)
    ]


def coughs(count: int) -> list[Spoken]:
    """Return ``count`` coughs, in both languages."""
    rng = np.random.default_rng(6)
    return [Spoken(cough(rng), "", ("en", "ru")[number % 2]) for number in range(count)]
