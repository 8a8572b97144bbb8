"""A second provider for when the first one fails."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar

import structlog

from voicebot.errors import ProviderError
from voicebot.speech.protocols import SpokenWord, closing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from voicebot.media.audio import Pcm
    from voicebot.speech.protocols import (
        LanguageModel,
        Message,
        ReplyPart,
        SpeechPart,
        SpeechToText,
        TextToSpeech,
        Tool,
        Transcript,
    )

T = TypeVar("T")

FAILURES: Final = 3
REST_S: Final = 30.0

_log = structlog.get_logger(__name__)


class CircuitBreaker:
    """Spares callers the wait for a provider that is down.

    After ``failures`` in a row it opens for ``rest_s`` seconds; then one request may try again,
    and the next failure opens it anew.
    """

    def __init__(self, failures: int = FAILURES, rest_s: float = REST_S) -> None:
        self._limit = failures
        self._rest_s = rest_s
        self._failures = 0
        self._closed_at = 0.0

    def allows(self, now: float) -> bool:
        """Return whether a request may be sent at ``now`` (monotonic seconds)."""
        if self._failures < self._limit:
            return True
        if now < self._closed_at:
            return False
        # One request probes; the others go on to the fallback until its outcome is known.
        self._closed_at = now + self._rest_s
        return True

    def succeed(self) -> bool:
        """Note a success; return whether it ends a time of failures."""
        recovered = self._failures >= self._limit
        self._failures = 0
        return recovered

    def fail(self, now: float) -> bool:
        """Note a failure at ``now``; return whether the breaker opens with it."""
        self._failures += 1
        if self._failures >= self._limit:
            self._closed_at = now + self._rest_s
        return self._failures == self._limit


class _Switch:
    """Sends each request to the first provider where that is promising, else to the second."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._breaker = CircuitBreaker()

    def open(self) -> bool:
        return not self._breaker.allows(self._clock())

    def succeeded(self) -> None:
        if self._breaker.succeed():
            _log.info("provider is back")

    def failed(self, error: ProviderError) -> None:
        opened = self._breaker.fail(self._clock())
        if opened:
            _log.warning(
                "provider is down; its fallback takes over", rest_s=REST_S, error=str(error)
            )
        else:
            _log.info("provider failed", error=str(error))

    async def stream(
        self, primary: Callable[[], AsyncIterator[T]], fallback: Callable[[], AsyncIterator[T]]
    ) -> AsyncIterator[T]:
        """Yield from ``primary``, or from ``fallback`` where it fails before its first piece.

        A failure after the first piece is raised: half of it has been heard already.
        """
        begun = False
        if not self.open():
            try:
                async with closing(_from_its_sound(primary())) as pieces:
                    async for piece in pieces:
                        if not begun:
                            self.succeeded()
                        begun = True
                        yield piece
            except ProviderError as error:
                self.failed(error)
                if begun:
                    raise
            else:
                return
        async with closing(fallback()) as pieces:
            async for piece in pieces:
                yield piece


async def _from_its_sound(pieces: AsyncIterator[T]) -> AsyncIterator[T]:
    """Yield ``pieces``, the words before the first audio with it: they alone are no beginning.

    Closing the iterator closes ``pieces``.
    """
    words: list[T] = []
    begun = False
    async with closing(pieces) as stream:
        async for piece in stream:
            if not begun and isinstance(piece, SpokenWord):
                words.append(piece)
                continue
            begun = True
            while words:
                yield words.pop(0)
            yield piece


class FallbackSpeechToText:
    """Speech to text by ``primary``, else by ``fallback``."""

    def __init__(
        self,
        primary: SpeechToText,
        fallback: SpeechToText,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._primary = primary
        self._fallback = fallback
        self._switch = _Switch(clock)

    async def transcribe(self, pcm: Pcm, *, language: str, hint: str = "") -> Transcript:
        """Return the text of ``pcm``; raises ``ProviderError`` when both fail."""
        if not self._switch.open():
            try:
                transcript = await self._primary.transcribe(pcm, language=language, hint=hint)
            except ProviderError as error:
                self._switch.failed(error)
            else:
                self._switch.succeeded()
                return transcript
        return await self._fallback.transcribe(pcm, language=language, hint=hint)


class FallbackLanguageModel:
    """Replies by ``primary``, else by ``fallback``."""

    def __init__(
        self,
        primary: LanguageModel,
        fallback: LanguageModel,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._primary = primary
        self._fallback = fallback
        self._switch = _Switch(clock)

    def reply(
        self, messages: Sequence[Message], *, tools: Sequence[Tool]
    ) -> AsyncIterator[ReplyPart]:
        """Yield the reply; raises ``ProviderError`` when both fail, or after the first piece."""
        return self._switch.stream(
            lambda: self._primary.reply(messages, tools=tools),
            lambda: self._fallback.reply(messages, tools=tools),
        )


class FallbackTextToSpeech:
    """Speech by ``primary``, else by ``fallback``."""

    def __init__(
        self,
        primary: TextToSpeech,
        fallback: TextToSpeech,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._primary = primary
        self._fallback = fallback
        self._switch = _Switch(clock)

    def synthesise(self, text: str, *, language: str) -> AsyncIterator[SpeechPart]:
        """Yield the speech; raises ``ProviderError`` when both fail, or after the first piece."""
        return self._switch.stream(
            lambda: self._primary.synthesise(text, language=language),
            lambda: self._fallback.synthesise(text, language=language),
        )
