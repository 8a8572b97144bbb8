"""What the two of a call say to each other: human recordings, and when each begins and ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from bench.prompts import prompts
from bench.turns_speech import load
from voicebot.media.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from bench.turns_speech import Spoken

    Samples: TypeAlias = NDArray[np.int16]

SHORTEST_S = 1.2
LONGEST_S = 8.0
FIRST_S = 1.0
# People leave 0.2 s; some begin before the other has finished.
GAP_S = (0.2, 1.2)
OVERLAP_S = 0.7
OVERLAPS = 0.15
# Whoever speaks again has been silent at least so long, so that each sentence is an utterance.
OWN_GAP_S = 1.5
PARTIES = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of ``party`` (0 called, 1 was called), in seconds of the conversation."""

    party: int
    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Conversation:
    """Both voices at 16 kHz, equally long, and what is said in them."""

    voices: tuple[Samples, Samples]
    lines: tuple[Line, ...]


def conversation(seconds: float, seed: int, language: str = "en") -> Conversation:
    """Return a conversation of about ``seconds``, the same one for the same ``seed``."""
    random = np.random.default_rng(seed)
    voices = [np.zeros(int((seconds + LONGEST_S) * SAMPLE_RATE)) for _ in range(PARTIES)]
    lines: list[Line] = []
    ends = [0.0, 0.0]
    start, party = FIRST_S, 0
    for spoken in _sentences(random, language):
        if start + spoken.seconds > seconds:
            break
        first = int(start * SAMPLE_RATE)
        voices[party][first : first + len(spoken.signal)] = spoken.signal
        end = start + spoken.seconds
        lines.append(Line(party, spoken.text, start, end))
        ends[party] = end
        party = 1 - party
        overlaps = random.random() < OVERLAPS and spoken.seconds > 2 * OVERLAP_S
        gap = -OVERLAP_S if overlaps else random.uniform(*GAP_S)
        start = max(end + gap, ends[party] + OWN_GAP_S)
    whole = int(seconds * SAMPLE_RATE)
    called, answered = (np.rint(voice[:whole]).astype(np.int16) for voice in voices)
    return Conversation((called, answered), tuple(lines))


def _sentences(random: np.random.Generator, language: str) -> Iterator[Spoken]:
    everything = list(prompts(language).values())
    while True:
        prompt = everything[random.integers(len(everything))]
        spoken = load(prompt.samples(), prompt.text, language)
        if SHORTEST_S < spoken.seconds < LONGEST_S:
            yield spoken
