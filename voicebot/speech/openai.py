"""Speech through the OpenAI API: the cloud, the local models, any server that speaks it."""

from __future__ import annotations

import io
import wave
from contextlib import AsyncExitStack
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

import httpx2
import structlog
from openai import (
    AsyncOpenAI,
    BadRequestError,
    DefaultAsyncHttpxClient,
    UnprocessableEntityError,
    omit,
)

from voicebot.media.audio import SAMPLE_RATE
from voicebot.speech.decoding import PcmDecoder
from voicebot.speech.protocols import SpokenWord, Transcript, closing
from voicebot.speech.requests import Patience, Requests
from voicebot.speech.speech_events import EVENTS, WORD_TIMES, speech_events
from voicebot.speech.transcripts import transcript_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from voicebot.media.audio import Pcm
    from voicebot.speech.protocols import SpeechPart

_Piece: TypeAlias = bytes | SpokenWord
"""What a server sends of speech."""

_log = structlog.get_logger(__name__)

SPEECH_RATE: Final = 24_000
"""Rate of the API's ``pcm`` format."""

_AUDIO_TYPES: Final = ("audio/", "application/octet-stream", "binary/octet-stream")


def openai_client(base_url: str | None, api_key: str) -> AsyncOpenAI:
    """Return a client that repeats nothing by itself; ``Patience`` decides about that."""
    http = DefaultAsyncHttpxClient(verify=_certificates())
    return AsyncOpenAI(base_url=base_url, api_key=api_key, max_retries=0, http_client=http)


@cache
def _certificates() -> ssl.SSLContext:
    """Read the authorities only once: that takes 100 ms."""
    return httpx2.create_ssl_context()


class OpenAiSpeechToText:
    """``POST /audio/transcriptions``. ``hint`` may hold names and words that callers use.

    ``words`` asks for words in time. Not every model can give them; one that refuses is asked for
    the text alone from then on, and its transcripts have no words.
    """

    def __init__(
        self,
        client: AsyncOpenAI,
        *,
        model: str,
        provider: str = "openai",
        patience: Patience | None = None,
        hint: str = "",
        words: bool = False,
    ) -> None:
        self._client = client
        self._model = model
        self._hint = hint
        self._words = words
        self._requests = Requests("stt", provider, patience or Patience())

    async def transcribe(self, pcm: Pcm, *, language: str, hint: str = "") -> Transcript:
        """Return the text of ``pcm``; see ``SpeechToText``."""
        if not pcm:
            return Transcript("", language)
        answer = await self._requests.first(lambda: self._ask(wav(pcm), language, hint))
        try:
            transcript = transcript_of(answer, language)
        except ValueError as error:
            raise self._requests.unusable(str(error)) from None
        return transcript

    async def _ask(self, file: bytes, language: str, hint: str) -> object:
        if self._words:
            try:
                return await self._request(file, language, hint, words=True)
            except (BadRequestError, UnprocessableEntityError) as error:
                _log.info("the recogniser gives no words in time", reason=error.message)
                answer = await self._request(file, language, hint, words=False)
                # It was the words that were refused, not the audio.
                self._words = False
                return answer
        return await self._request(file, language, hint, words=False)

    async def _request(self, file: bytes, language: str, hint: str, *, words: bool) -> object:
        return await self._client.audio.transcriptions.create(
            file=("speech.wav", file, "audio/wav"),
            model=self._model,
            language=language,
            response_format="verbose_json" if words else "json",
            timestamp_granularities=["word", "segment"] if words else omit,
            prompt=" ".join(filter(None, (self._hint, hint))) or omit,
        )


class OpenAiTextToSpeech:
    """``POST /audio/speech``, as PCM while it is being synthesised.

    The local models are asked for events, which tell where the words are, and so is from its
    second answer on any other server that announces them.
    """

    def __init__(
        self,
        client: AsyncOpenAI,
        *,
        model: str,
        voice: str,
        speed: float = 1.0,
        provider: str = "openai",
        patience: Patience | None = None,
    ) -> None:
        self._client = client
        self._model = model
        self._voice = voice
        self._speed = speed
        self._local = provider == "local"
        self._tells_words = self._local
        self._requests = Requests("tts", provider, patience or Patience())

    async def synthesise(self, text: str, *, language: str) -> AsyncIterator[SpeechPart]:
        """Yield the speech of ``text``; see ``TextToSpeech``."""
        stack, chunks, first = await self._requests.first(lambda: self._begin(text, language))
        heard = False
        async with stack, closing(self._decoded(first, chunks)) as speech:
            async for part in speech:
                heard = heard or isinstance(part, bytes)
                yield part
        if not heard:
            raise self._requests.unusable("the speech is empty")

    async def _decoded(self, first: _Piece, chunks: AsyncIterator[_Piece]) -> AsyncIterator[_Piece]:
        decoder = PcmDecoder(SPEECH_RATE)
        async with closing(self._requests.following(chunks, first)) as pieces:
            try:
                async for piece in pieces:
                    if isinstance(piece, SpokenWord):
                        yield piece
                    elif pcm := decoder.push(piece):
                        yield pcm
                if pcm := decoder.finish():
                    yield pcm
            except ValueError as error:
                raise self._requests.unusable(str(error)) from None

    async def _begin(
        self, text: str, language: str
    ) -> tuple[AsyncExitStack, AsyncIterator[_Piece], _Piece]:
        """Send the request and wait for its first piece."""
        if self._tells_words and not self._local:
            try:
                return await self._request(text, language, words=True)
            except (BadRequestError, UnprocessableEntityError) as error:
                # Behind one address there may be servers of several kinds.
                _log.info("the voice gives no words in time", reason=error.message)
                self._tells_words = False
        return await self._request(text, language, words=self._tells_words)

    async def _request(
        self, text: str, language: str, *, words: bool
    ) -> tuple[AsyncExitStack, AsyncIterator[_Piece], _Piece]:
        attempt = AsyncExitStack()
        try:
            response = await attempt.enter_async_context(
                self._client.audio.speech.with_streaming_response.create(
                    input=text,
                    model=self._model,
                    voice=self._voice,
                    response_format="pcm",
                    speed=self._speed if self._speed != 1.0 else omit,
                    stream_format="sse" if words else omit,
                    # Not in the API: the local models choose the voice by it.
                    extra_body={"language": language} if self._local else None,
                )
            )
            kind = response.headers.get("content-type", "audio/")
            if kind.startswith(EVENTS):
                chunks: AsyncIterator[_Piece] = speech_events(response.iter_lines())
            elif kind.startswith(_AUDIO_TYPES):
                chunks = aiter(response.iter_bytes())
                self._tells_words = self._local or response.headers.get(WORD_TIMES) == "sse"
            else:
                raise self._requests.unusable(f"the answer is {kind}, not audio")
            return attempt, chunks, await anext(chunks)
        except StopAsyncIteration:
            await attempt.aclose()
            raise self._requests.unusable("the speech is empty") from None
        except BaseException:
            await attempt.aclose()
            raise


def wav(pcm: Pcm) -> bytes:
    """Return ``pcm`` (slin16) as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(SAMPLE_RATE)
        writer.writeframes(pcm)
    return file.getvalue()
