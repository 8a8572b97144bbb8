"""What a transcript is worth as a text of the call, and where its words lie."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from voicebot.models.guards import is_invented
from voicebot.records.events import Word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicebot.apps.transcriber.utterances import Passage
    from voicebot.speech.protocols import Transcript

# What recognisers write of sounds: [Music], (upbeat music), *laughs*, ♪.
_SOUNDS: Final = re.compile(r"\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|[♪♫]+")
_LEAST_PROBABILITY: Final = 1e-6


def spoken_text(transcript: Transcript) -> str:
    """Return what was said; empty where nobody spoke, whatever the recogniser made of it."""
    text = " ".join(_SOUNDS.sub(" ", transcript.text).split())
    confidence = 1.0 if transcript.confidence is None else transcript.confidence
    no_speech = transcript.no_speech or 0.0
    logprob = math.log(max(confidence, _LEAST_PROBABILITY))
    return "" if is_invented(text, no_speech=no_speech, logprob=logprob) else text


def words_of(passage: Passage, transcript: Transcript, text: str) -> tuple[Word, ...]:
    """Return the words of ``text`` at their positions in the call.

    Where the provider does not tell them they are spread over the speech by their length.
    """
    if not transcript.words or text != transcript.text:
        return tuple(_spread(passage, text))
    return tuple(
        Word(word.text, passage.begin + word.start, passage.begin + word.end, word.confidence)
        for word in transcript.words
    )


def _spread(passage: Passage, text: str) -> Iterator[Word]:
    words = text.split()
    # A word takes its letters and the gap to the next one.
    whole = sum(len(word) + 1 for word in words)
    samples, done = passage.end - passage.start, 0
    for word in words:
        start = passage.start + samples * done // whole
        done += len(word) + 1
        yield Word(word, start, passage.start + samples * done // whole)
