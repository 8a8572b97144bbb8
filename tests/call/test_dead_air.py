"""The caller is not left in silence while it is the bot's turn."""

from __future__ import annotations

import asyncio

import pytest

from tests.call.harness import (
    FILLER_S,
    HAND_OVER_S,
    PROMPT,
    FakeLlm,
    FakeStt,
    Rehearsal,
    call,
)
from tests.call.voices import speech
from voicebot.call.report import BotSaid, Ending, TransferOutcome
from voicebot.config import TurnSettings
from voicebot.errors import ProviderFailedError
from voicebot.media.audio import FRAME_SECONDS

UTTERANCE = speech(1.2)
QUESTION = "When do you open?"
FILLERS = [PROMPT.phrases.filler, PROMPT.phrases.filler_again]


def late(*parts: object) -> FakeLlm:
    """A model that says ``parts`` once its gate is opened."""
    llm = FakeLlm(lambda _messages: parts)
    llm.gate = asyncio.Event()
    return llm


def fillers(rehearsal: Rehearsal) -> list[str]:
    return [text for text in rehearsal.tts.spoken if text in FILLERS]


def silences(rehearsal: Rehearsal, since: int) -> list[float]:
    """The stretches of silence that the caller heard from frame ``since`` on, in seconds."""
    found, length = [], 0
    for frame in rehearsal.stream.sent[since:]:
        if frame is None:
            length += 1
        elif length:
            found.append(length * FRAME_SECONDS)
            length = 0
    return [*found, length * FRAME_SECONDS]


async def ask(rehearsal: Rehearsal) -> int:
    """Have the caller ask something; return the frame at which the question ended."""
    await rehearsal.greeted()
    await rehearsal.hear(UTTERANCE)
    return len(rehearsal.stream.sent)


async def test_an_answer_in_time_is_all_that_is_heard():
    llm = late("At nine.")
    async with Rehearsal(stt=FakeStt([QUESTION]), llm=llm) as rehearsal:
        await ask(rehearsal)
        await rehearsal.wait(1.3)
        llm.gate.set()
        await rehearsal.wait(3)

        assert fillers(rehearsal) == []
        assert rehearsal.bot[-1] == "At nine."


async def test_a_late_answer_is_bridged_by_a_filler_and_follows_it():
    llm = late("At nine.")
    async with Rehearsal(stt=FakeStt([QUESTION]), llm=llm) as rehearsal:
        asked = await ask(rehearsal)
        await rehearsal.wait(1.8)
        assert fillers(rehearsal) == FILLERS[:1]
        llm.gate.set()
        await rehearsal.wait(3)

        assert fillers(rehearsal) == FILLERS[:1]
        assert rehearsal.bot[-1] == "At nine."
        # The silence that ended the turn, and then that of the filler.
        assert FILLER_S <= silences(rehearsal, asked)[0] <= FILLER_S + 0.4


async def test_a_second_filler_comes_later_and_others_until_the_caller_is_handed_over():
    async with Rehearsal(stt=FakeStt([QUESTION]), llm=late("Never.")) as rehearsal:
        asked = await ask(rehearsal)
        await rehearsal.wait(HAND_OVER_S - 1)
        assert fillers(rehearsal) == [*FILLERS, FILLERS[1]]
        assert rehearsal.bot == [PROMPT.greeting]

        await rehearsal.wait(6)

        assert rehearsal.bot[-1] == PROMPT.phrases.apology
        assert rehearsal.dialled == ["200"]
        assert rehearsal.ending is Ending.TRANSFERRED
        assert max(silences(rehearsal, asked)[:-1]) <= 2 * FILLER_S + 0.1


async def test_when_nobody_is_there_to_be_handed_over_to_the_caller_is_told_and_let_go():
    failed = [TransferOutcome.NO_ANSWER]
    llm = late("Never.")
    async with Rehearsal(stt=FakeStt([QUESTION]), llm=llm, outcomes=failed) as rehearsal:
        await ask(rehearsal)
        await rehearsal.wait(HAND_OVER_S + 10)

        assert rehearsal.bot[-2:] == [PROMPT.phrases.apology, PROMPT.phrases.apology_hang_up]
        assert rehearsal.ending is Ending.FAILED


async def test_a_filler_also_bridges_a_transcription_that_is_late():
    stt = FakeStt([QUESTION])
    stt.gate = asyncio.Event()
    async with Rehearsal(stt=stt, llm=FakeLlm(lambda _: ["At nine."])) as rehearsal:
        await ask(rehearsal)
        await rehearsal.wait(1.5)
        assert fillers(rehearsal) == FILLERS[:1]

        stt.gate.set()
        await rehearsal.wait(3)
        assert rehearsal.bot[-1] == "At nine."


async def test_a_caller_who_goes_on_is_not_talked_over_by_a_filler():
    stt = FakeStt([QUESTION])
    stt.gate = asyncio.Event()
    async with Rehearsal(stt=stt, llm=FakeLlm(lambda _: ["At nine."])) as rehearsal:
        await ask(rehearsal)
        await rehearsal.wait(1.5)
        assert rehearsal.stream.sent[-1] is not None

        await rehearsal.hear(speech(0.3))
        assert rehearsal.stream.sent[-1] is None


async def test_no_filler_is_said_while_it_is_the_callers_turn():
    # Given an open clause, whose end is waited for longer than a filler is.
    stt = FakeStt(["My number is"])
    async with Rehearsal(stt=stt, llm=FakeLlm(lambda _: ["Thank you."])) as rehearsal:
        await ask(rehearsal)
        await rehearsal.wait(1.7)

        assert rehearsal.caller == []
        assert fillers(rehearsal) == []


async def test_a_reply_that_falters_is_bridged_and_what_was_heard_stays_exact():
    class Faltering(FakeLlm):
        async def reply(self, messages, *, tools):
            async for part in super().reply(messages, tools=tools):
                yield part
            await pause.wait()
            async for part in super().reply(messages, tools=tools):
                yield part

    pause = asyncio.Event()
    llm = Faltering(lambda _: ["One two three four five. "])
    stt = FakeStt(["Count please.", "Stop, where are you?"])
    async with Rehearsal(stt=stt, llm=llm) as rehearsal:
        await ask(rehearsal)
        await rehearsal.wait(4.2)
        assert fillers(rehearsal) == FILLERS[:1]
        pause.set()
        # One second of it, after the filler.
        await rehearsal.wait(0.4)
        await rehearsal.hear(speech(0.8))
        await rehearsal.wait(1)

        interrupted = [
            report
            for report in rehearsal.reports
            if isinstance(report, BotSaid) and report.interrupted
        ]
        heard = interrupted[0].text.split()
        assert heard[:5] == ["One", "two", "three", "four", "five."]
        assert len(heard) <= 9


async def test_after_a_tool_an_answer_that_is_late_is_bridged_too():
    llm = late("Nobody is there.")

    class UsesTool(FakeLlm):
        async def reply(self, messages, *, tools):
            if messages[-1].role == "tool":
                async for part in llm.reply(messages, tools=tools):
                    yield part
            else:
                yield call("transfer", destination="sales")

    outcomes = [TransferOutcome.NO_ANSWER]
    stt = FakeStt(["Sales please."])
    async with Rehearsal(stt=stt, llm=UsesTool(lambda _: []), outcomes=outcomes) as rehearsal:
        await ask(rehearsal)
        await rehearsal.wait(4)
        assert rehearsal.dialled == ["201"]
        assert rehearsal.tts.spoken[-1] == FILLERS[0]

        llm.gate.set()
        await rehearsal.wait(3)
        assert rehearsal.bot[-1] == "Nobody is there."


@pytest.mark.parametrize("seconds", [0.5, 3.0])
async def test_a_failing_voice_ends_at_a_person_not_in_silence(seconds):
    llm = late("Never.")
    async with Rehearsal(stt=FakeStt([QUESTION]), llm=llm) as rehearsal:
        await ask(rehearsal)
        await rehearsal.wait(seconds)
        rehearsal.tts.error = ProviderFailedError("tts", "openai", "broken")
        await rehearsal.wait(4)

        assert rehearsal.dialled == ["200"]


@pytest.mark.parametrize("text", [None, "My number is"])
async def test_who_presses_zero_within_a_turn_is_not_left_in_silence_where_nobody_answers(text):
    # Given a turn that is not over: its transcript has not come, or asks for more silence.
    stt = FakeStt([text or QUESTION])
    stt.gate = asyncio.Event()
    if text is not None:
        stt.gate.set()
    outcomes = [TransferOutcome.BUSY]
    async with Rehearsal(stt=stt, llm=late("Never."), outcomes=outcomes) as rehearsal:
        await ask(rehearsal)
        await rehearsal.wait(0.3)
        rehearsal.conversation.press("0")
        await rehearsal.wait(4)
        pressed = len(rehearsal.reports)
        await rehearsal.wait(TurnSettings().silence_s + 1)

        assert rehearsal.bot[-1] == PROMPT.phrases.still_there
        assert rehearsal.caller == []
        assert len(rehearsal.reports) == pressed + 1
