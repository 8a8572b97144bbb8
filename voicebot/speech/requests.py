"""How a request to a provider waits, is repeated, and fails."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import httpx2
import openai
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from voicebot.errors import (
    ProviderBusyError,
    ProviderError,
    ProviderFailedError,
    ProviderProtocolError,
    ProviderRefusedError,
    ProviderTimeoutError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tenacity import RetryCallState

T = TypeVar("T")

_BACKOFF: Final = wait_random_exponential(multiplier=0.1, max=1.0)
_LONGEST_QUOTE: Final = 200

# What a request can end with, the most special first. What the server says about a key is not
# repeated: it quotes the key.
_MEANINGS: Final[tuple[tuple[tuple[type[Exception], ...], type[ProviderError], str], ...]] = (
    (
        (openai.APITimeoutError, httpx2.TimeoutException),
        ProviderTimeoutError,
        "the connection timed out",
    ),
    (
        (openai.APIConnectionError, httpx2.RequestError, httpx2.StreamError),
        ProviderFailedError,
        "the connection failed or broke ({reason}); check {stage}.base_url",
    ),
    (
        (openai.AuthenticationError, openai.PermissionDeniedError),
        ProviderRefusedError,
        "{status}: the key is refused; check {stage}.api_key",
    ),
    ((openai.RateLimitError,), ProviderBusyError, "429: over the provider's limit"),
    ((openai.InternalServerError,), ProviderFailedError, "{status}: the server failed"),
    (
        (openai.APIStatusError,),
        ProviderProtocolError,
        "{status}: {said}; check {stage}.base_url and {stage}.model",
    ),
    (
        (openai.APIResponseValidationError,),
        ProviderProtocolError,
        "the answer is not what the API promises",
    ),
    ((openai.OpenAIError,), ProviderFailedError, "{said}"),
    # Broken JSON, or bytes that are not UTF-8.
    ((ValueError,), ProviderProtocolError, "the answer cannot be read ({reason})"),
)
_EXPECTED: Final = tuple({kind: None for types, _, _ in _MEANINGS for kind in types})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a turn can wait, in seconds.

    ``first_s`` is for the first result, all repeats included; ``gap_s`` for each later piece of a
    stream. Only what failed before its first result is repeated.
    """

    first_s: float = 10.0
    gap_s: float = 5.0
    retries: int = 1


@dataclass(frozen=True, slots=True)
class Requests:
    """Sends requests of one stage (``stt``, ``llm``, ``tts``) to one provider."""

    stage: str
    provider: str
    patience: Patience

    async def first(self, send: Callable[[], Awaitable[T]]) -> T:
        """Return what ``send`` returns, repeated where that can help. Raises ``ProviderError``."""
        try:
            async with asyncio.timeout(self.patience.first_s):
                return await self._repeat(send)
        except TimeoutError:
            raise self._too_late(self.patience.first_s) from None
        except _EXPECTED as error:
            raise self.explain(error) from None

    async def following(self, stream: AsyncIterator[T], first: T) -> AsyncIterator[T]:
        """Yield ``first``, then the rest of ``stream``. Raises ``ProviderError``."""
        piece = first
        while True:
            yield piece
            try:
                async with asyncio.timeout(self.patience.gap_s):
                    piece = await anext(stream)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise self._too_late(self.patience.gap_s) from None
            except _EXPECTED as error:
                raise self.explain(error) from None

    def unusable(self, what: str) -> ProviderProtocolError:
        """Return the error of an answer that the API does not allow."""
        return ProviderProtocolError(self.stage, self.provider, what)

    def explain(self, error: Exception) -> ProviderError:
        """Return what ``error``, raised by a request, means to a conversation."""
        kind, text = next(
            (kind, text) for types, kind, text in _MEANINGS if isinstance(error, types)
        )
        status = error.status_code if isinstance(error, openai.APIStatusError) else 0
        said = error.message if isinstance(error, openai.APIError) else str(error)
        reason = type(error.__cause__ or error).__name__
        message = text.format(
            stage=self.stage, status=status, said=said[:_LONGEST_QUOTE], reason=reason
        )
        return kind(self.stage, self.provider, message)

    async def _repeat(self, send: Callable[[], Awaitable[T]]) -> T:
        attempts = AsyncRetrying(
            stop=stop_after_attempt(self.patience.retries + 1),
            wait=_wait,
            retry=retry_if_exception(self._worth_repeating),
            reraise=True,
        )
        async for attempt in attempts:
            with attempt:
                return await send()
        raise AssertionError  # the last attempt returns or raises

    def _worth_repeating(self, error: BaseException) -> bool:
        if isinstance(error, openai.RateLimitError):
            # A limit that outlasts the caller's patience is answered at once, by the fallback.
            return _retry_after(error) < self.patience.first_s
        return isinstance(
            error, openai.InternalServerError | openai.APIConnectionError | httpx2.RequestError
        )

    def _too_late(self, waited_s: float) -> ProviderTimeoutError:
        return ProviderTimeoutError(self.stage, self.provider, f"nothing came for {waited_s:g} s")


def _wait(state: RetryCallState) -> float:
    """Wait as long as the server asks, else a moment that grows and differs between calls."""
    error = state.outcome.exception() if state.outcome is not None else None
    asked = _retry_after(error) if isinstance(error, openai.APIStatusError) else 0.0
    return asked or _BACKOFF(state)


def _retry_after(error: openai.APIStatusError) -> float:
    """Return the seconds of ``Retry-After`` (RFC 9110, section 10.2.3); 0 without or as a date."""
    try:
        return max(0.0, float(error.response.headers.get("retry-after", 0)))
    except ValueError:
        return 0.0
