"""The three seams between a conversation and the models that serve it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from voicebot.media.audio import Pcm

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word and where it was said, in samples (16 kHz) from the beginning of the audio.

    ``confidence`` is between 0 and 1, or ``None`` where the provider does not tell.
    """

    text: str
    start: int
    end: int
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was understood of one utterance.

    ``confidence`` and ``no_speech``, the probability that nobody spoke, are between 0 and 1, or
    ``None`` where the provider does not tell. ``words`` is empty where it was not asked for words
    or cannot give them. ``finished`` is how likely the last sentence ends with the last word, from
    0 to 1, or ``None`` where the provider does not tell; ``readings`` are the texts that were held
    for likely, with their probability, by each recogniser that tells.
    """

    text: str
    language: str
    confidence: float | None = None
    words: tuple[SpokenWord, ...] = ()
    no_speech: float | None = None
    finished: float | None = None
    readings: tuple[Mapping[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model asks for a tool. ``arguments`` are decoded JSON, not yet validated."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool offered to the model. ``parameters`` is a JSON schema of type ``object``."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of the conversation, in the roles of the chat completions API.

    ``tool_calls`` belongs to ``assistant``; ``tool_call_id`` and the tool's result as ``content``
    belong to ``tool``.
    """

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[ToolCall, ...] = field(default=())
    tool_call_id: str | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the reply's text, as it is written."""

    text: str


ReplyPart: TypeAlias = TextDelta | ToolCall


class SpeechToText(Protocol):
    """Understands one utterance."""

    async def transcribe(self, pcm: Pcm, *, language: str, hint: str = "") -> Transcript:
        """Return the text of ``pcm`` (slin16). ``language`` is an ISO 639-1 code.

        ``hint`` is what is likely to be said, where that is known. Speech without words gives an
        empty text. Raises ``ProviderError``.
        """
        ...


class LanguageModel(Protocol):
    """Writes the next reply of a conversation."""

    def reply(
        self, messages: Sequence[Message], *, tools: Sequence[Tool]
    ) -> AsyncIterator[ReplyPart]:
        """Yield the reply as it is written: text, then at most a few tool calls.

        Closing the iterator early cancels the request. Raises ``ProviderError``.
        """
        ...


SpeechPart: TypeAlias = "Pcm | SpokenWord"
"""Some audio, or where a word is in it."""


class TextToSpeech(Protocol):
    """Speaks text."""

    def synthesise(self, text: str, *, language: str) -> AsyncIterator[SpeechPart]:
        """Yield the speech of ``text`` as slin16 chunks of any length, as soon as there are some.

        A voice that knows when it says each word of ``text`` tells so before it does. Closing the
        iterator early cancels the request. Raises ``ProviderError``.
        """
        ...


async def audio(parts: AsyncIterator[SpeechPart]) -> AsyncIterator[Pcm]:
    """Yield what is heard of ``parts``. Closing the iterator closes ``parts``."""
    async with closing(parts) as speech:
        async for part in speech:
            if isinstance(part, bytes):
                yield part


@asynccontextmanager
async def closing(stream: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """Use ``stream`` and close it at the end, so that an early exit cancels its request."""
    try:
        yield stream
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()
