"""What a caller hears where a provider fails in the middle of something."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.call.harness import (
    FILLER_S,
    PROMPT,
    FakeLlm,
    FakeStt,
    FakeTts,
    Rehearsal,
    TellingTts,
    call,
    levels,
    settle,
)
from tests.call.voices import speech
from voicebot.call.report import Ending, TransferOutcome
from voicebot.errors import ProviderFailedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from voicebot.media.audio import Pcm
    from voicebot.speech.protocols import Message, ReplyPart, SpeechPart, Tool, Transcript

UTTERANCE = speech(1.2)
QUESTION = "When do you open?"
BROKEN = ProviderFailedError("llm", "openai", "the stream broke off")
SENTENCE = "We open at nine in the morning."
APOLOGY = PROMPT.phrases.apology


def breaks_once(*parts: object) -> FakeLlm:
    """A model that writes ``parts`` and fails; from then on it answers."""

    def answer(_messages: Sequence[Message]) -> Sequence[object]:
        return [*parts, BROKEN] if len(llm.asked) == 1 else ["At nine."]

    llm = FakeLlm(answer)
    return llm


def apologised(rehearsal: Rehearsal) -> bool:
    return any(map(APOLOGY.startswith, rehearsal.tts.spoken))


async def ask(rehearsal: Rehearsal) -> int:
    """Have the caller ask something; return how many words were heard before."""
    await rehearsal.greeted()
    before = len(levels(rehearsal))
    await rehearsal.hear(UTTERANCE)
    return before


@pytest.mark.parametrize("parts", [[f"{SENTENCE} "], [f"{SENTENCE} And on Sundays we"]])
async def test_a_sentence_that_is_being_said_is_finished_before_the_apology(parts: list[str]):
    stt, llm = FakeStt([QUESTION]), breaks_once(*parts)
    async with Rehearsal(stt=stt, llm=llm, tts=TellingTts()) as rehearsal:
        before = await ask(rehearsal)
        await rehearsal.wait(6)

        # Every word of both, whole, one after the other.
        words = len(SENTENCE.split())
        spoken = levels(rehearsal)[before:]
        assert [spoken.count(level) >= 8 for level in range(1, words + 1)] == [True] * words
        assert spoken[: 8 * words] == [level for level in range(1, words + 1) for _ in range(8)]
        assert rehearsal.bot[-2:] == [SENTENCE, APOLOGY]
        assert rehearsal.ending is Ending.TRANSFERRED


async def test_there_is_no_pause_between_what_was_being_said_and_the_apology():
    async with Rehearsal(stt=FakeStt([QUESTION]), llm=breaks_once(f"{SENTENCE} ")) as rehearsal:
        await ask(rehearsal)
        await rehearsal.wait(0.6)
        said = len(rehearsal.stream.sent)
        await rehearsal.wait(4)

        assert rehearsal.stream.sent[said:].count(None) <= 2


async def test_the_model_that_goes_on_is_told_what_was_heard_of_what_broke_off():
    refused = [TransferOutcome.NO_ANSWER]
    llm = breaks_once(f"{SENTENCE} And on Sundays we")
    async with Rehearsal(stt=FakeStt([QUESTION]), llm=llm, outcomes=refused) as rehearsal:
        await ask(rehearsal)
        await rehearsal.wait(5)
        # Over the last words that it says before it hangs up.
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(2)

        told = [(message.role, message.content) for message in llm.asked[-1][1:]]
        assert told[1:4] == [("user", QUESTION), ("assistant", SENTENCE), ("assistant", APOLOGY)]


async def test_who_speaks_over_what_is_left_of_it_is_answered_and_not_handed_over():
    stt = FakeStt([QUESTION, "Stop, tell me about Sundays instead."])
    async with Rehearsal(stt=stt, llm=breaks_once(f"{SENTENCE} ")) as rehearsal:
        await ask(rehearsal)
        await rehearsal.wait(0.7)
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(3)

        assert rehearsal.bot[-1] == "At nine."
        assert not apologised(rehearsal)
        assert rehearsal.dialled == []


async def test_a_tool_that_was_asked_for_before_it_broke_off_is_not_used():
    llm = breaks_once(f"{SENTENCE} ", call("transfer", destination="sales"))
    async with Rehearsal(stt=FakeStt([QUESTION]), llm=llm) as rehearsal:
        await ask(rehearsal)
        await rehearsal.wait(6)

        assert rehearsal.dialled == ["200"]


async def test_a_request_that_fails_as_it_is_cancelled_is_nobodys_trouble():
    class Rude(FakeStt):
        async def transcribe(self, pcm: Pcm, *, language: str, hint: str = "") -> Transcript:
            try:
                return await super().transcribe(pcm, language=language, hint=hint)
            except asyncio.CancelledError:
                raise ProviderFailedError("stt", "openai", "connection closed") from None

    stt = Rude([QUESTION])
    async with Rehearsal(stt=stt, llm=FakeLlm(lambda _: ["At nine."])) as rehearsal:
        stt.gate = asyncio.Event()
        await ask(rehearsal)
        await rehearsal.wait(0.3)
        await rehearsal.hear(UTTERANCE)
        stt.gate.set()
        await rehearsal.wait(3)

        assert rehearsal.bot[-1] == "At nine."
        assert not apologised(rehearsal)


async def test_a_call_ends_whatever_a_reply_makes_of_that():
    class Rude(FakeLlm):
        async def reply(
            self, messages: Sequence[Message], *, tools: Sequence[Tool]
        ) -> AsyncIterator[ReplyPart]:
            try:
                async for part in super().reply(messages, tools=tools):
                    yield part
            except asyncio.CancelledError:
                raise BROKEN from None

    llm = Rude(lambda _: ["Never."], gate=asyncio.Event())
    async with Rehearsal(stt=FakeStt([QUESTION]), llm=llm) as rehearsal:
        await ask(rehearsal)
        await rehearsal.wait(0.8)
        await asyncio.wait_for(rehearsal.hang_up(), 1)


async def test_what_fails_while_it_rings_does_not_ring_a_second_time():
    class LateFiller(FakeTts):
        async def synthesise(self, text: str, *, language: str) -> AsyncIterator[SpeechPart]:
            if text == PROMPT.phrases.filler:
                await fails.wait()
                raise ProviderFailedError("tts", "openai", "broken")
            async for part in super().synthesise(text, language=language):
                yield part

    async def ring(extension: str) -> TransferOutcome:
        rung.append(extension)
        await answered.wait()
        return TransferOutcome.ANSWERED

    rung: list[str] = []
    fails, answered, never = asyncio.Event(), asyncio.Event(), asyncio.Event()
    llm = FakeLlm(lambda _: ["Never."], gate=never)
    async with Rehearsal(
        stt=FakeStt([QUESTION]), llm=llm, tts=LateFiller(), transfer=ring
    ) as rehearsal:
        await ask(rehearsal)
        await rehearsal.wait(FILLER_S + 0.5)
        rehearsal.conversation.press("0")
        await settle()
        assert rung == ["200"]
        fails.set()
        await rehearsal.wait(3)

        assert rung == ["200"]
        assert not apologised(rehearsal)
        answered.set()
        await rehearsal.wait(0.1)
        assert rehearsal.ending is Ending.TRANSFERRED
