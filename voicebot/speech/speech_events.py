"""Speech as server-sent events: audio in base64, and from the local models its words."""

from __future__ import annotations

import base64
import json
import math
from typing import TYPE_CHECKING, Final

from openai import OpenAIError

from voicebot.media.audio import SAMPLE_RATE
from voicebot.speech.protocols import SpokenWord, closing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

EVENTS: Final = "text/event-stream"
WORD_TIMES: Final = "word-times"
"""The header by which a server announces events that tell where the words are; ours does."""

_DATA: Final = "data:"
_AUDIO: Final = "speech.audio.delta"
_ERROR: Final = "error"


async def speech_events(lines: AsyncIterator[str]) -> AsyncIterator[bytes | SpokenWord]:
    """Yield what the events in ``lines`` tell: words, each before its audio, and the audio.

    Events of other kinds are passed over. Raises ``OpenAIError`` where the server tells that it
    failed, ``ValueError`` for what cannot be read.
    """
    async with closing(lines) as stream:
        async for line in stream:
            if line.startswith(_DATA):
                for part in _parts(json.loads(line.removeprefix(_DATA))):
                    yield part


def _parts(event: object) -> Iterable[bytes | SpokenWord]:
    if not isinstance(event, dict):
        return
    if event.get("type") == _ERROR or event.get("error"):
        raise OpenAIError(_message(event))
    if event.get("type") != _AUDIO:
        return
    words = event.get("words")
    for item in words if isinstance(words, list) else ():
        word = item.get("word") if isinstance(item, dict) else None
        start, end = (_seconds(item, name) for name in ("start", "end"))
        if isinstance(word, str) and start <= end < math.inf:
            yield SpokenWord(word, round(start * SAMPLE_RATE), round(end * SAMPLE_RATE))
    audio = event.get("audio")
    if not isinstance(audio, str):
        raise ValueError("an event without its audio")
    yield base64.b64decode(audio, validate=True)


def _message(event: Mapping[str, object]) -> str:
    """Return why the server failed in the midst of the speech, as far as it tells."""
    error = event.get("error")
    told = (error if isinstance(error, dict) else event).get("message")
    return told if isinstance(told, str) else "the server failed in the midst of the speech"


def _seconds(item: object, name: str) -> float:
    """Return a moment, infinity where there is none."""
    value = item.get(name) if isinstance(item, dict) else None
    return float(value) if isinstance(value, int | float) and value >= 0 else math.inf
