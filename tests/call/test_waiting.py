"""A colleague is on another call: what the caller is told, hears and may do meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.call.harness import (
    PROMPT,
    FakeLlm,
    FakeStt,
    FakeTts,
    Rehearsal,
    TellingTts,
    call,
    levels,
    murmured_over,
    settle,
)
from tests.call.voices import speech
from voicebot.call.report import BotSaid, Ending, ToolUsed, TransferOutcome
from voicebot.call.waiting import Waiting
from voicebot.errors import ProviderFailedError
from voicebot.media.audio import FRAME_SECONDS
from voicebot.speech.availability import Availability

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from voicebot.speech.protocols import Message, ToolCall

SALES, OPERATOR = "201", "200"
UTTERANCE = speech(1.2)
WAIT = call("wait", destination="sales")


class Colleagues:
    """``busy`` is on a call until ``free`` is set; all others are free."""

    def __init__(self) -> None:
        self.free = asyncio.Event()
        self.busy = SALES
        self.music = 0

    def availability(self, extension: str) -> Availability:
        busy = extension == self.busy and not self.free.is_set()
        return Availability.BUSY if busy else Availability.FREE

    @asynccontextmanager
    async def turn(self, extension: str) -> AsyncIterator[None]:
        if extension == self.busy:
            await self.free.wait()
        yield

    @asynccontextmanager
    async def play(self) -> AsyncIterator[None]:
        self.music += 1
        try:
            yield
        finally:
            self.music -= 1

    def waiting(self, longest_s: float = 60.0, remind_s: float = 60.0) -> Waiting:
        return Waiting(self, longest_s=longest_s, remind_s=remind_s, music=self.play)


def model(*replies: Sequence[str | ToolCall]) -> FakeLlm:
    """Answers once with each of ``replies``; a tool's result is answered with its words."""
    left = list(replies)

    def answer(messages: Sequence[Message]) -> Sequence[str | ToolCall]:
        if messages[-1].role == "tool":
            return [f"It was {messages[-1].content}."]
        return left.pop(0) if len(left) > 1 else left[0]

    return FakeLlm(answer)


@asynccontextmanager
async def waiting_for_sales(
    colleagues: Colleagues,
    llm: FakeLlm,
    *said: str,
    outcomes: Sequence[TransferOutcome] = (),
    waiting: Callable[[], Waiting] | None = None,
    tts: FakeTts | None = None,
    transfer: Callable[[str], Awaitable[TransferOutcome]] | None = None,
) -> AsyncIterator[Rehearsal]:
    stt = FakeStt(["I'll wait.", *said])
    how = (waiting or colleagues.waiting)()
    async with Rehearsal(
        stt=stt, llm=llm, tts=tts, outcomes=outcomes, waiting=how, transfer=transfer
    ) as rehearsal:
        while PROMPT.greeting not in rehearsal.bot:
            await rehearsal.wait(0.1)
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(2)
        yield rehearsal


def used(rehearsal: Rehearsal) -> list[tuple[str, str, str]]:
    return [
        (report.name, report.argument, report.result)
        for report in rehearsal.reports
        if isinstance(report, ToolUsed)
    ]


async def test_who_waits_hears_music_and_is_put_through_once_the_colleague_is_free():
    colleagues = Colleagues()
    async with waiting_for_sales(colleagues, model(["All right.", WAIT])) as rehearsal:
        await rehearsal.wait(5)
        assert colleagues.music == 1
        assert rehearsal.dialled == []

        colleagues.free.set()
        await rehearsal.wait(5)

        assert colleagues.music == 0
        assert PROMPT.phrases.now_free.format(name="sales") in rehearsal.bot
        assert rehearsal.dialled == [SALES]
        assert rehearsal.ending is Ending.TRANSFERRED
        assert used(rehearsal) == [("wait", "sales", "free"), ("transfer", "sales", "answered")]


async def test_a_wait_without_words_is_announced_all_the_same():
    colleagues = Colleagues()
    async with waiting_for_sales(colleagues, model([WAIT])) as rehearsal:
        await rehearsal.wait(6)

        assert rehearsal.bot[-1] == PROMPT.phrases.waiting.format(name="sales")
        assert colleagues.music == 1


async def test_a_murmur_cuts_no_word_of_what_who_waits_is_told():
    # Given words that take longer than a quiet place is looked for.
    colleagues, tts = Colleagues(), TellingTts(word_s=0.8)
    llm = model(["Yes.", WAIT])
    async with waiting_for_sales(colleagues, llm, "Uh-huh.", tts=tts) as rehearsal:
        colleagues.free.set()
        await settle()
        begun = len(levels(rehearsal))
        await rehearsal.wait(0.6)

        before, again = await murmured_over(rehearsal, since=begun, then=0.7)

        # All that had been heard of the first word is heard again.
        assert set(before) == set(again) == {1}
        assert len(again) > 0.6 / FRAME_SECONDS
    assert rehearsal.caller == ["I'll wait."]


async def test_who_waits_long_is_told_that_it_goes_on():
    colleagues = Colleagues()
    llm = model(["All right.", WAIT])
    async with waiting_for_sales(
        colleagues, llm, waiting=lambda: colleagues.waiting(remind_s=0.05)
    ) as rehearsal:
        await asyncio.sleep(0.1)
        await rehearsal.wait(4)

        reminder = PROMPT.phrases.still_waiting.format(name="sales")
        assert reminder in [it.text for it in rehearsal.reports if isinstance(it, BotSaid)]


async def test_who_waits_in_vain_is_back_with_the_bot():
    colleagues = Colleagues()
    llm = model(["All right.", WAIT])
    async with waiting_for_sales(
        colleagues, llm, waiting=lambda: colleagues.waiting(longest_s=0.05)
    ) as rehearsal:
        await asyncio.sleep(0.1)
        await rehearsal.wait(2)

        assert rehearsal.bot[-1] == "It was waited_in_vain."
        assert used(rehearsal) == [("wait", "sales", "waited_in_vain")]
        assert colleagues.music == 0


async def test_who_speaks_while_waiting_is_answered_and_does_not_wait_any_more():
    colleagues = Colleagues()
    llm = model(["All right.", WAIT], ["As you like."])
    async with waiting_for_sales(colleagues, llm, "I don't want to wait any more.") as rehearsal:
        await rehearsal.hear(speech(1.5))
        await rehearsal.wait(3)

        assert rehearsal.bot[-1] == "As you like."
        assert colleagues.music == 0
        colleagues.free.set()
        await rehearsal.wait(1)
        assert rehearsal.dialled == []


async def test_a_murmur_does_not_end_the_wait():
    colleagues = Colleagues()
    async with waiting_for_sales(colleagues, model(["All right.", WAIT]), "Uh-huh.") as rehearsal:
        await rehearsal.hear(speech(0.25))
        await rehearsal.wait(3)

        assert colleagues.music == 1
        assert rehearsal.caller == ["I'll wait."]


async def test_who_waits_is_not_asked_nor_put_off_nor_handed_over():
    colleagues = Colleagues()
    async with waiting_for_sales(colleagues, model(["All right.", WAIT])) as rehearsal:
        await rehearsal.wait(30)

        assert rehearsal.bot == [PROMPT.greeting, "All right."]
        assert PROMPT.phrases.filler not in rehearsal.tts.spoken
        assert rehearsal.dialled == []


async def test_zero_reaches_the_operator_out_of_the_wait():
    colleagues = Colleagues()
    async with waiting_for_sales(colleagues, model(["All right.", WAIT])) as rehearsal:
        rehearsal.conversation.press("0")
        await rehearsal.wait(0.5)

        assert rehearsal.dialled == ["200"]
        assert colleagues.music == 0


async def test_who_hangs_up_while_waiting_leaves_no_music():
    colleagues = Colleagues()
    async with waiting_for_sales(colleagues, model(["All right.", WAIT])):
        assert colleagues.music == 1

    assert colleagues.music == 0


async def test_what_who_waits_was_told_when_he_hung_up_is_recorded():
    colleagues = Colleagues()
    llm = model(["All right.", WAIT])
    async with waiting_for_sales(colleagues, llm, tts=TellingTts()) as rehearsal:
        colleagues.free.set()
        await settle()
        await rehearsal.wait(0.5)

    told = PROMPT.phrases.now_free.format(name="sales")
    heard = [it for it in rehearsal.reports if isinstance(it, BotSaid) and it.interrupted]
    assert [it.text for it in heard] == [" ".join(told.split()[:2])]


async def test_who_presses_zero_over_what_he_is_told_hears_it_ring():
    async def ring(_extension: str) -> TransferOutcome:
        await asyncio.Event().wait()
        raise AssertionError

    colleagues = Colleagues()
    llm = model(["All right.", WAIT])
    async with waiting_for_sales(colleagues, llm, transfer=ring) as rehearsal:
        colleagues.free.set()
        await settle()
        await rehearsal.wait(0.5)
        rehearsal.conversation.press("0")
        await settle()
        pressed = len(rehearsal.stream.sent)
        await rehearsal.wait(1)

        # But for what fades.
        assert None not in rehearsal.stream.sent[pressed + 1 :]


async def test_a_colleague_who_does_not_answer_after_all_leaves_the_caller_with_the_bot():
    colleagues = Colleagues()
    llm = model(["All right.", WAIT])
    outcomes = [TransferOutcome.NO_ANSWER]
    async with waiting_for_sales(colleagues, llm, outcomes=outcomes) as rehearsal:
        colleagues.free.set()
        await rehearsal.wait(6)

        assert rehearsal.bot[-1] == "It was no_answer."


async def test_who_is_busy_is_not_rung_and_the_model_learns_who_is_free():
    llm = model([call("transfer", destination="sales")])
    stt, colleagues = FakeStt(["Sales please."]), Colleagues()
    async with Rehearsal(stt=stt, llm=llm, waiting=colleagues.waiting()) as rehearsal:
        await rehearsal.greeted()

        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(4)

        assert rehearsal.dialled == []
        result = llm.asked[-1][-1].content
        assert result.startswith("busy; on another call. Free are:")
        assert "operator" in result
        assert not any("putting you through" in text for text in rehearsal.bot)


@pytest.mark.parametrize(("key", "status"), [("sales", "busy"), ("operator", "free")])
async def test_a_model_can_ask_who_is_free(key: str, status: str):
    llm = model([call("status", destination=key)])
    stt, colleagues = FakeStt(["Is anybody there?"]), Colleagues()
    async with Rehearsal(stt=stt, llm=llm, waiting=colleagues.waiting()) as rehearsal:
        await rehearsal.greeted()

        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(2)

        assert rehearsal.bot[-1] == f"It was {status}."
        assert used(rehearsal) == [("status", key, status)]


@pytest.mark.parametrize(
    ("longest_s", "tools"),
    [
        (None, ["transfer", "hang_up", "repeat"]),
        (0.0, ["transfer", "hang_up", "repeat", "status"]),
        (60.0, ["transfer", "hang_up", "repeat", "status", "wait"]),
    ],
)
async def test_a_model_is_offered_what_there_is(longest_s: float | None, tools: list[str]):
    llm = model(["Hello."])
    waiting = None if longest_s is None else Colleagues().waiting(longest_s)
    async with Rehearsal(stt=FakeStt(["Hello."]), llm=llm, waiting=waiting) as rehearsal:
        await rehearsal.greeted()

        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(2)

        assert llm.offered == tools


async def test_a_model_never_sees_a_call_of_a_tool_without_its_result():
    # Given a caller who speaks while it waits: the tool is still under way.
    colleagues = Colleagues()
    llm = model(["All right.", WAIT], ["As you like."])
    async with waiting_for_sales(colleagues, llm, "I don't want to wait any more.") as rehearsal:
        await rehearsal.hear(speech(1.5))
        await rehearsal.wait(3)

        roles = [message.role for message in llm.asked[-1][1:]]
        assert roles == ["assistant", "user", "assistant", "tool", "user"]
        assert llm.asked[-1][-2].content == "waiting"


@pytest.mark.parametrize(("longest_s", "question"), [(60.0, "offer_wait"), (0.0, "anything_else")])
async def test_zero_does_not_ring_an_operator_who_is_on_another_call(
    longest_s: float, question: str
):
    colleagues = Colleagues()
    colleagues.busy = OPERATOR
    waiting = colleagues.waiting(longest_s)
    async with Rehearsal(stt=FakeStt([""]), llm=model(["Hi."]), waiting=waiting) as rehearsal:
        await rehearsal.greeted()

        rehearsal.conversation.press("0")
        await rehearsal.wait(5)

        told = PROMPT.phrases.on_call.format(name="the operator")
        assert rehearsal.bot[-1] == f"{told} {getattr(PROMPT.phrases, question)}"
        assert rehearsal.dialled == []


async def test_a_voice_that_fails_does_not_cost_the_place_in_the_line():
    colleagues = Colleagues()
    async with waiting_for_sales(colleagues, model(["All right.", WAIT])) as rehearsal:
        rehearsal.tts.error = ProviderFailedError("tts", "openai", "broken")

        colleagues.free.set()
        await rehearsal.wait(2)

        assert rehearsal.dialled == [SALES]
        assert rehearsal.ending is Ending.TRANSFERRED
