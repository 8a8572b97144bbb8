"""A second provider takes over: when, for how long, and what is never done twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from voicebot.errors import ProviderFailedError
from voicebot.speech.fallback import (
    FAILURES,
    REST_S,
    CircuitBreaker,
    FallbackLanguageModel,
    FallbackSpeechToText,
    FallbackTextToSpeech,
)
from voicebot.speech.protocols import Message, SpokenWord, TextDelta, Transcript

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from voicebot.speech.protocols import SpeechPart

WORD, OTHER_WORD = SpokenWord("Hello.", 0, 4000), SpokenWord("Hello.", 0, 8000)
DOWN = ProviderFailedError("tts", "openai", "the server failed")


class Voice:
    """Speaks ``chunks``, then fails where ``error`` says so."""

    def __init__(self, *chunks: SpeechPart, error: Exception | None = None) -> None:
        self.chunks = chunks
        self.error = error
        self.asked = 0
        self.closed = 0

    async def synthesise(self, text: str, *, language: str) -> AsyncIterator[SpeechPart]:
        del text, language
        self.asked += 1
        try:
            for chunk in self.chunks:
                yield chunk
            if self.error is not None:
                raise self.error
        finally:
            self.closed += 1


class Ear:
    """Understands ``text``, or fails."""

    def __init__(self, text: str = "", error: Exception | None = None) -> None:
        self.text = text
        self.error = error
        self.hint = ""

    async def transcribe(self, pcm: bytes, *, language: str, hint: str = "") -> Transcript:
        del pcm
        self.hint = hint
        if self.error is not None:
            raise self.error
        return Transcript(self.text, language)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def parts(tts: FallbackTextToSpeech) -> list[SpeechPart]:
    return [part async for part in tts.synthesise("Hello.", language="en")]


async def spoken(tts: FallbackTextToSpeech) -> bytes:
    return b"".join([part for part in await parts(tts) if isinstance(part, bytes)])


class TestCircuitBreaker:
    def test_it_opens_after_failures_in_a_row(self):
        breaker = CircuitBreaker()

        opened = [breaker.fail(0.0) for _ in range(FAILURES)]

        assert opened == [False, False, True]
        assert not breaker.allows(REST_S - 1)

    def test_a_success_in_between_begins_the_count_anew(self):
        breaker = CircuitBreaker()
        for _ in range(FAILURES - 1):
            breaker.fail(0.0)

        breaker.succeed()
        breaker.fail(0.0)

        assert breaker.allows(0.0)

    def test_after_the_rest_one_request_may_try(self):
        breaker = CircuitBreaker()
        for _ in range(FAILURES):
            breaker.fail(0.0)

        assert breaker.allows(REST_S)
        assert not breaker.allows(REST_S)

    def test_a_try_that_fails_opens_it_again(self):
        breaker = CircuitBreaker()
        for _ in range(FAILURES):
            breaker.fail(0.0)
        breaker.allows(REST_S)

        assert not breaker.fail(REST_S + 1)
        assert not breaker.allows(2 * REST_S)
        assert breaker.allows(2 * REST_S + 1)

    def test_a_try_that_succeeds_closes_it(self):
        breaker = CircuitBreaker()
        for _ in range(FAILURES):
            breaker.fail(0.0)
        breaker.allows(REST_S)

        assert breaker.succeed()
        assert breaker.allows(REST_S)


class TestTextToSpeech:
    async def test_the_first_speaks_while_it_can(self):
        second = Voice(b"two")

        assert await spoken(FallbackTextToSpeech(Voice(b"one"), second)) == b"one"
        assert second.asked == 0

    async def test_the_second_speaks_when_the_first_fails_at_once(self):
        assert await spoken(FallbackTextToSpeech(Voice(error=DOWN), Voice(b"two"))) == b"two"

    async def test_half_a_sentence_is_not_begun_again(self):
        second = Voice(b"two")
        tts = FallbackTextToSpeech(Voice(b"on", error=DOWN), second)
        heard = []

        with pytest.raises(ProviderFailedError):
            heard += [chunk async for chunk in tts.synthesise("Hello.", language="en")]

        assert second.asked == 0

    async def test_words_of_which_nothing_was_heard_are_no_beginning(self):
        first, second = Voice(WORD, error=DOWN), Voice(OTHER_WORD, b"two")
        tts = FallbackTextToSpeech(first, second, clock=Clock())

        for _ in range(FAILURES + 1):
            assert await parts(tts) == [OTHER_WORD, b"two"]

        assert first.asked == FAILURES

    async def test_words_come_before_their_audio(self):
        first = Voice(WORD, b"one", OTHER_WORD, b"more")

        assert await parts(FallbackTextToSpeech(first, Voice())) == list(first.chunks)

    async def test_when_both_fail_the_second_error_is_raised(self):
        tts = FallbackTextToSpeech(
            Voice(error=DOWN), Voice(error=ProviderFailedError("tts", "local", "gone"))
        )

        with pytest.raises(ProviderFailedError, match="local"):
            await spoken(tts)

    async def test_a_mistake_of_ours_is_not_hidden(self):
        with pytest.raises(ZeroDivisionError):
            await spoken(FallbackTextToSpeech(Voice(error=ZeroDivisionError()), Voice(b"two")))

    async def test_a_first_that_stays_down_is_not_asked_for_a_while(self):
        clock, first = Clock(), Voice(error=DOWN)
        tts = FallbackTextToSpeech(first, Voice(b"two"), clock=clock)

        for _ in range(FAILURES + 4):
            await spoken(tts)
        assert first.asked == FAILURES

        clock.now = REST_S
        await spoken(tts)
        assert first.asked == FAILURES + 1

    async def test_a_first_that_is_back_is_used(self):
        clock, first = Clock(), Voice(error=DOWN)
        tts = FallbackTextToSpeech(first, Voice(b"two"), clock=clock)
        for _ in range(FAILURES):
            await spoken(tts)
        first.error, first.chunks = None, (b"one",)
        clock.now = REST_S

        assert await spoken(tts) == b"one"
        assert await spoken(tts) == b"one"

    async def test_the_way_down_and_the_way_back_are_logged_once(self):
        clock, first = Clock(), Voice(error=DOWN)
        tts = FallbackTextToSpeech(first, Voice(b"two"), clock=clock)

        with capture_logs() as logs:
            for _ in range(FAILURES + 5):
                await spoken(tts)
            first.error, first.chunks = None, (b"one",)
            clock.now = REST_S
            await spoken(tts)
            await spoken(tts)

        assert len([entry for entry in logs if entry["log_level"] == "warning"]) == 1
        assert [entry["event"] for entry in logs][-1] == "provider is back"

    async def test_closing_early_closes_the_one_that_speaks(self):
        first = Voice(b"one", b"more")
        chunks = FallbackTextToSpeech(first, Voice()).synthesise("Hello.", language="en")
        await anext(chunks)

        await chunks.aclose()  # type: ignore[attr-defined]  # an async generator

        assert first.closed == 1


class TestSpeechToText:
    async def test_the_second_listens_when_the_first_fails(self):
        stt = FallbackSpeechToText(Ear(error=DOWN), Ear("two"))

        assert (await stt.transcribe(b"..", language="en")).text == "two"

    async def test_the_first_listens_while_it_can(self):
        stt = FallbackSpeechToText(Ear("one"), Ear(error=DOWN))

        assert (await stt.transcribe(b"..", language="en")).text == "one"

    async def test_both_are_told_what_is_likely_to_be_said(self):
        ears = Ear(error=DOWN), Ear("two")

        await FallbackSpeechToText(*ears).transcribe(b"..", language="en", hint="Stop.")

        assert [ear.hint for ear in ears] == ["Stop.", "Stop."]

    async def test_a_first_that_stays_down_is_skipped(self):
        first = Ear(error=DOWN)
        stt = FallbackSpeechToText(first, Ear("two"), clock=Clock())
        for _ in range(FAILURES):
            await stt.transcribe(b"..", language="en")
        first.error = ZeroDivisionError()

        assert (await stt.transcribe(b"..", language="en")).text == "two"


class TestLanguageModel:
    async def test_the_second_writes_when_the_first_fails(self):
        class Writer:
            def __init__(self, *texts: str) -> None:
                self.texts = texts

            async def reply(self, messages: object, *, tools: object) -> AsyncIterator[TextDelta]:
                del messages, tools
                for text in self.texts:
                    yield TextDelta(text)
                if not self.texts:
                    raise DOWN

        model = FallbackLanguageModel(Writer(), Writer("Hello."))

        reply = [part async for part in model.reply([Message("user", "Hi")], tools=())]

        assert reply == [TextDelta("Hello.")]
