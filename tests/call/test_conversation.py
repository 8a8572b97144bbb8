"""A call from greeting to end, as the caller and the language model see it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

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
from voicebot.call.timeline import Stamp
from voicebot.config import TurnSettings
from voicebot.errors import ProviderFailedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from voicebot.speech.protocols import Message, ReplyPart, Tool

LONG_ANSWER = "One two three four five six seven eight nine ten eleven twelve."
UTTERANCE = speech(1.2)
FRAMES_PER_WORD = 8


def always(*parts: object) -> FakeLlm:
    return FakeLlm(lambda _messages: parts)


def said(llm: FakeLlm, request: int = -1) -> list[tuple[str, str]]:
    """What the model was told, without the system prompt."""
    return [(message.role, message.content) for message in llm.asked[request][1:]]


async def test_the_caller_is_greeted_at_once():
    async with Rehearsal(stt=FakeStt([""]), llm=always()) as rehearsal:
        await rehearsal.wait(0.02)

        assert rehearsal.stream.sent[0] is not None


async def test_a_question_is_understood_and_answered():
    llm = always("We open at nine.")
    async with Rehearsal(stt=FakeStt(["When do you open?"]), llm=llm) as rehearsal:
        await rehearsal.greeted()

        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(2)

        assert rehearsal.caller == ["When do you open?"]
        assert rehearsal.bot[-1] == "We open at nine."
        assert said(llm) == [("assistant", PROMPT.greeting), ("user", "When do you open?")]


async def test_the_answer_is_ready_when_the_turn_ends():
    # Given providers that need no time, a caller waits for the silence that ends the turn only.
    async with Rehearsal(stt=FakeStt(["When do you open?"]), llm=always("At nine.")) as rehearsal:
        await rehearsal.greeted()

        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(2)

        (answer,) = [report for report in rehearsal.reports[1:] if isinstance(report, BotSaid)]
        steps = answer.timeline.since_speech_end()
        assert set(steps) == set(Stamp)
        assert steps[Stamp.PAUSE] < steps[Stamp.TURN_END] <= steps[Stamp.FIRST_PACKET]
        assert steps[Stamp.FIRST_AUDIO] <= steps[Stamp.TURN_END]
        assert steps[Stamp.FIRST_PACKET] - steps[Stamp.TURN_END] <= 20.1


@pytest.mark.parametrize("used", ["transfer", "repeat", "unheard of"])
async def test_the_wait_for_what_a_tool_has_said_is_the_turns(used):
    def answer(messages):
        if messages[-1].role == "tool":
            return ["That is not possible."]
        return [call(used, destination="sales")]

    stt = FakeStt(["Could you do something for me, please?"])
    async with Rehearsal(stt=stt, llm=FakeLlm(answer)) as rehearsal:
        await rehearsal.greeted()

        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(5)

        waited = [
            report.timeline.wait_ms()
            for report in rehearsal.reports
            if isinstance(report, BotSaid) and report.timeline is not None
        ]
        assert len(waited) == 1
        assert waited[0] < 400


async def test_a_draft_is_dropped_without_trace_when_the_caller_goes_on():
    stt = FakeStt(["My number is", "My number is five."])
    llm = always("Thank you.")
    async with Rehearsal(stt=stt, llm=llm) as rehearsal:
        await rehearsal.greeted()

        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(0.3)
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(3)

        assert rehearsal.caller == ["My number is five."]
        assert rehearsal.bot == [PROMPT.greeting, "Thank you."]
        assert stt.heard[1] > stt.heard[0]
        assert said(llm)[-1] == ("user", "My number is five.")


async def test_no_tool_is_used_before_the_turn_has_ended():
    stt = FakeStt(["Sales and", "Sales and nothing else."])
    llm = always("Connecting.", call("transfer", destination="sales"))
    async with Rehearsal(stt=stt, llm=llm) as rehearsal:
        await rehearsal.greeted()

        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(0.4)
        assert llm.asked
        assert rehearsal.dialled == []

        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(3)
        assert rehearsal.dialled == ["201"]


async def test_a_transfer_is_announced_then_made():
    llm = always("I'll connect you.", call("transfer", destination="sales"))
    async with Rehearsal(stt=FakeStt(["Sales please."]), llm=llm) as rehearsal:
        await rehearsal.greeted()

        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(2)

        assert rehearsal.dialled == ["201"]
        assert rehearsal.ending is Ending.TRANSFERRED
        used = rehearsal.reports.index(ToolUsed("transfer", "sales", "answered"))
        announced = [report for report in rehearsal.reports[:used] if isinstance(report, BotSaid)]
        assert announced[-1].text == "I'll connect you."


async def test_a_transfer_without_words_is_announced_all_the_same():
    llm = always(call("transfer", destination="sales"))
    async with Rehearsal(stt=FakeStt(["Sales please."]), llm=llm) as rehearsal:
        await rehearsal.greeted()

        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(6)

        assert rehearsal.bot[-1].startswith(PROMPT.phrases.transferring.split("{")[0].strip())
        assert rehearsal.dialled == ["201"]


@pytest.mark.parametrize(
    "outcome", [outcome for outcome in TransferOutcome if outcome is not TransferOutcome.ANSWERED]
)
async def test_after_a_failed_transfer_the_model_goes_on_with_what_happened(outcome):
    def answer(messages):
        if messages[-1].role == "tool":
            return [f"It was {messages[-1].content}."]
        return ["Connecting.", call("transfer", destination="sales")]

    llm = FakeLlm(answer)
    stt = FakeStt(["Sales please."])
    async with Rehearsal(stt=stt, llm=llm, outcomes=[outcome]) as rehearsal:
        await rehearsal.greeted()

        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(4)

        assert rehearsal.bot[-1] == f"It was {outcome}."
        assert rehearsal.ending is None
        roles = [role for role, _ in said(llm)]
        assert roles == ["assistant", "user", "assistant", "tool"]
        assert llm.asked[-1][-2].tool_calls[0].id == llm.asked[-1][-1].tool_call_id


@pytest.mark.parametrize("invented", ["+79161234567", "201", "", None, ["sales"], "marketing"])
async def test_a_destination_that_the_model_invents_is_never_dialled(invented):
    def answer(messages):
        if messages[-1].role == "tool":
            return ["I can't connect you there."]
        return ["Connecting.", call("transfer", destination=invented)]

    llm = FakeLlm(answer)
    async with Rehearsal(stt=FakeStt(["Call my friend."]), llm=llm) as rehearsal:
        await rehearsal.greeted()

        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(4)

        assert rehearsal.dialled == []
        assert rehearsal.bot[-1] == "I can't connect you there."
        assert "unknown_destination" in llm.asked[-1][-1].content


async def test_the_call_ends_only_after_the_goodbye_was_heard():
    llm = always("Goodbye and thank you for calling us.", call("hang_up"))
    async with Rehearsal(stt=FakeStt(["Thanks, bye."]), llm=llm) as rehearsal:
        await rehearsal.greeted()

        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(1.0)
        assert rehearsal.ending is None

        await rehearsal.wait(2.0)
        assert rehearsal.ending is Ending.GOODBYE
        assert rehearsal.bot[-1] == "Goodbye and thank you for calling us."


async def test_repeat_says_the_last_reply_again():
    answers = iter([["We open at nine."], [call("repeat")]])
    llm = FakeLlm(lambda _messages: next(answers))
    stt = FakeStt(["When do you open?", "What did you say?"])
    async with Rehearsal(stt=stt, llm=llm) as rehearsal:
        await rehearsal.greeted()

        for _ in range(2):
            await rehearsal.hear(UTTERANCE)
            await rehearsal.wait(3)

        assert rehearsal.bot[-2:] == ["We open at nine.", "We open at nine."]


async def test_an_interruption_stops_the_bot_and_the_history_keeps_what_was_heard():
    answers = iter([[LONG_ANSWER], ["All right."]])
    llm = FakeLlm(lambda _messages: next(answers))
    stt = FakeStt(["Count please.", "Stop, I want something else."])
    async with Rehearsal(stt=stt, llm=llm) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(1.2)

        await rehearsal.hear(speech(1.5))
        await rehearsal.wait(2)

        interrupted = [
            report
            for report in rehearsal.reports
            if isinstance(report, BotSaid) and report.interrupted
        ]
        assert len(interrupted) == 1
        heard = interrupted[0].text
        assert LONG_ANSWER.startswith(heard)
        assert 0 < len(heard.split()) < len(LONG_ANSWER.split())
        assert ("assistant", heard) in said(llm)
        assert rehearsal.bot[-1] == "All right."


async def test_an_answer_that_is_interrupted_within_its_first_word_is_told_with_its_wait():
    llm = FakeLlm(lambda _messages: ["Antidisestablishmentarianism is long."])
    async with Rehearsal(stt=FakeStt(["Tell me.", "No, wait please."]), llm=llm) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(speech(1.2))
        while rehearsal.stream.playout.idle:
            await rehearsal.wait(0.02)
        await rehearsal.hear(speech(1.5))

        told = [report for report in rehearsal.reports if isinstance(report, BotSaid)][1]
        assert (told.text, told.interrupted) == ("", True)
        assert told.timeline is not None
        assert told.timeline.wait_ms() is not None
        assert "" not in [message.content for message in llm.asked[-1]]


async def test_the_bot_is_silent_soon_after_the_caller_starts_to_interrupt():
    stt = FakeStt(["Count please.", "Stop that now."])
    async with Rehearsal(stt=stt, llm=always(LONG_ANSWER)) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(1.0)
        assert any(rehearsal.stream.sent[-1])

        await rehearsal.hear(speech(0.2))

        last = rehearsal.stream.sent[-1]
        assert last is None or not any(last)


async def test_a_back_channel_lets_the_bot_go_on():
    stt = FakeStt(["Count please.", "Uh-huh."])
    async with Rehearsal(stt=stt, llm=always(LONG_ANSWER)) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(1.0)

        await rehearsal.hear(speech(0.25))
        await rehearsal.wait(4)

        assert rehearsal.bot[-1] == LONG_ANSWER
        assert rehearsal.caller == ["Count please."]


@pytest.mark.parametrize(
    ("confidence", "readings", "goes_on"),
    [
        (0.9, {}, False),
        (0.1, {}, True),
        (0.6, {"Them.": 0.5, "Then.": 0.2}, False),
        (0.6, {"Them.": 0.1, "Mm.": 0.2}, True),
    ],
)
async def test_a_murmur_is_known_by_what_the_recogniser_doubts_of_it(
    confidence: float, readings: dict[str, float], goes_on: bool
):
    stt = FakeStt(["Count please.", "Them."], confidence=confidence, readings=readings)
    async with Rehearsal(stt=stt, llm=always(LONG_ANSWER)) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(1.0)

        await rehearsal.hear(speech(0.35))
        await rehearsal.wait(4)

        assert (rehearsal.caller == ["Count please."]) is goes_on


@pytest.mark.parametrize(
    ("readings", "goes_on"), [({"Okay.": 0.3}, True), ({"Stop.": 0.3, "Okay.": 0.01}, False)]
)
async def test_what_is_written_as_a_nod_stops_the_bot_where_an_order_is_likelier(
    readings: dict[str, float], goes_on: bool
):
    stt = FakeStt(["Count please.", "Okay."], confidence=0.4, readings=readings)
    async with Rehearsal(stt=stt, llm=always(LONG_ANSWER)) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(1.0)

        await rehearsal.hear(speech(0.35))
        await rehearsal.wait(4)

        assert (rehearsal.caller == ["Count please."]) is goes_on


async def test_after_a_back_channel_the_bot_goes_on_with_the_word_it_was_saying():
    stt = FakeStt(["Count please.", "Uh-huh."])
    async with Rehearsal(stt=stt, llm=always(LONG_ANSWER), tts=TellingTts()) as rehearsal:
        await rehearsal.greeted()
        greeting = len(levels(rehearsal))
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(0.9)

        before, again = await murmured_over(rehearsal, since=greeting, then=0.3)

        # Each word is a step louder than the one before: the last one is heard again, from its
        # beginning on, and then the next.
        interrupted = before[-1]
        assert before.count(interrupted) < FRAMES_PER_WORD <= again.count(interrupted)
        assert set(again) == {interrupted, interrupted + 1}


async def test_after_a_back_channel_a_filler_goes_on_with_the_word_it_was_saying():
    class Faltering(FakeLlm):
        async def reply(self, messages, *, tools):
            async for part in super().reply(messages, tools=tools):
                yield part
            await asyncio.Event().wait()

    stt = FakeStt(["Count please.", "Uh-huh."])
    llm = Faltering(lambda _: ["One two three. "])
    async with Rehearsal(stt=stt, llm=llm, tts=TellingTts()) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        while PROMPT.phrases.filler not in rehearsal.tts.spoken:
            await rehearsal.wait(0.02)
        reply = len(levels(rehearsal))
        await rehearsal.wait(0.25)

        before, again = await murmured_over(rehearsal, since=reply, then=0.3)

        assert before.count(before[-1]) < FRAMES_PER_WORD <= again.count(before[-1])


async def test_zero_reaches_the_operator_at_any_time():
    async with Rehearsal(stt=FakeStt([""]), llm=always()) as rehearsal:
        await rehearsal.wait(0.2)

        rehearsal.conversation.press("0")
        await rehearsal.wait(0.2)

        assert rehearsal.dialled == ["200"]
        assert rehearsal.ending is Ending.TRANSFERRED


async def test_zero_pressed_twice_in_a_moment_rings_once():
    async with Rehearsal(stt=FakeStt([""]), llm=always()) as rehearsal:
        rehearsal.conversation.press("0")
        rehearsal.conversation.press("0")
        await rehearsal.wait(0.2)

        assert rehearsal.dialled == ["200"]


async def test_zero_during_a_transfer_takes_the_attempt_back():
    ringing = asyncio.Event()
    taken_back = []

    async def transfer(extension: str) -> TransferOutcome:
        if extension == "200":
            return TransferOutcome.ANSWERED
        try:
            await ringing.wait()
        except asyncio.CancelledError:
            taken_back.append(extension)
            raise
        return TransferOutcome.NO_ANSWER

    llm = always("Connecting.", call("transfer", destination="sales"))
    stt = FakeStt(["Sales please."])
    async with Rehearsal(stt=stt, llm=llm, transfer=transfer) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(2)
        assert rehearsal.ending is None

        rehearsal.conversation.press("0")
        await rehearsal.wait(0.2)

        assert taken_back == ["201"]
        assert rehearsal.ending is Ending.TRANSFERRED


async def test_other_digits_change_nothing():
    async with Rehearsal(stt=FakeStt([""]), llm=always()) as rehearsal:
        rehearsal.conversation.press("5")

        await rehearsal.greeted()
        assert rehearsal.dialled == []


async def test_an_operator_who_does_not_answer_leaves_the_caller_with_the_bot():
    silent, outcomes = FakeStt([""]), [TransferOutcome.NO_ANSWER]
    async with Rehearsal(stt=silent, llm=always(), outcomes=outcomes) as rehearsal:
        await rehearsal.greeted()

        rehearsal.conversation.press("0")
        await rehearsal.wait(6)

        no_answer = PROMPT.phrases.no_answer.format(name="the operator")
        assert rehearsal.bot[-1] == f"{no_answer} {PROMPT.phrases.anything_else}"
        assert rehearsal.ending is None


async def test_while_it_rings_the_caller_hears_ringing():
    ringing = asyncio.Event()

    async def transfer(_extension: str) -> TransferOutcome:
        await ringing.wait()
        return TransferOutcome.ANSWERED

    async with Rehearsal(stt=FakeStt([""]), llm=always(), transfer=transfer) as rehearsal:
        await rehearsal.greeted()

        rehearsal.conversation.press("0")
        await rehearsal.wait(0.5)

        assert rehearsal.stream.sent[-1] is not None
        assert any(rehearsal.stream.sent[-1])


async def test_a_silent_caller_is_asked_twice_and_then_let_go():
    turns = TurnSettings(silence_s=2.0)
    phrases = PROMPT.phrases
    async with Rehearsal(stt=FakeStt([""]), llm=always(), turns=turns) as rehearsal:
        await rehearsal.wait(18)

        assert rehearsal.bot == [
            PROMPT.greeting,
            phrases.still_there,
            phrases.still_there_again,
            phrases.goodbye_silence,
        ]
        assert rehearsal.ending is Ending.SILENCE


async def mumble(rehearsal: Rehearsal) -> None:
    """Say something without words each time that the bot has asked."""
    await rehearsal.greeted()
    for asked in range(2, 5):
        await rehearsal.hear(speech(0.7))
        while len(rehearsal.bot) < asked and rehearsal.ending is None:
            await rehearsal.wait(0.5)
    await rehearsal.wait(4)


async def test_who_speaks_but_is_not_understood_is_asked_to_say_it_again_and_then_handed_over():
    turns = TurnSettings(silence_s=2.0)
    phrases = PROMPT.phrases
    async with Rehearsal(stt=FakeStt([""]), llm=always(), turns=turns) as rehearsal:
        await mumble(rehearsal)

        assert rehearsal.bot == [
            PROMPT.greeting,
            phrases.not_understood,
            phrases.not_understood,
            phrases.handing_over.format(name=PROMPT.directory[PROMPT.operator].name),
        ]
        assert rehearsal.dialled == ["200"]
        assert rehearsal.ending is Ending.TRANSFERRED


async def test_who_speaks_but_is_not_understood_is_let_go_where_the_prompt_says_so():
    turns = TurnSettings(silence_s=2.0)
    prompt = PROMPT.model_copy(update={"fallback": "hang_up"})
    async with Rehearsal(stt=FakeStt([""]), llm=always(), turns=turns, prompt=prompt) as rehearsal:
        await mumble(rehearsal)

        assert rehearsal.bot[-1] == prompt.phrases.goodbye_silence
        assert rehearsal.ending is Ending.SILENCE


@pytest.mark.parametrize("stage", ["stt", "llm"])
async def test_when_a_provider_fails_the_caller_hears_an_apology_and_reaches_a_person(stage):
    error = ProviderFailedError(stage, "openai", "broken")
    stt = FakeStt(["Hello there."], error=error if stage == "stt" else None)
    llm = always(error) if stage == "llm" else always("Hi.")
    async with Rehearsal(stt=stt, llm=llm) as rehearsal:
        await rehearsal.greeted()

        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(6)

        assert rehearsal.bot[-1] == PROMPT.phrases.apology
        assert rehearsal.dialled == ["200"]
        assert rehearsal.ending is Ending.TRANSFERRED


async def test_without_a_voice_the_caller_is_handed_over_without_words():
    tts = FakeTts(error=ProviderFailedError("tts", "openai", "broken"))
    async with Rehearsal(stt=FakeStt([""]), llm=always(), tts=tts) as rehearsal:
        await rehearsal.wait(0.5)

        assert rehearsal.dialled == ["200"]
        assert rehearsal.ending is Ending.TRANSFERRED


async def test_when_everything_fails_the_call_ends():
    tts = FakeTts(error=ProviderFailedError("tts", "openai", "broken"))
    failed = [TransferOutcome.FAILED]
    silent = FakeStt([""])
    async with Rehearsal(stt=silent, llm=always(), tts=tts, outcomes=failed) as rehearsal:
        await rehearsal.wait(0.5)

        assert rehearsal.ending is Ending.FAILED


async def test_a_failure_of_our_own_is_treated_like_a_provider_that_failed():
    llm = always(ZeroDivisionError("a mistake"))
    async with Rehearsal(stt=FakeStt(["Hello there."]), llm=llm) as rehearsal:
        await rehearsal.greeted()

        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(6)

        assert rehearsal.bot[-1] == PROMPT.phrases.apology
        assert rehearsal.ending is Ending.TRANSFERRED


async def test_who_goes_on_before_the_answer_is_heard_is_answered_once_with_everything():
    llm = always("On Saturday we are closed.")
    llm.gate = asyncio.Event()
    stt = FakeStt(["When do you open?", "When do you open? On Saturday?"])
    async with Rehearsal(stt=stt, llm=llm) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(0.6)
        assert rehearsal.caller == ["When do you open?"]

        await rehearsal.hear(speech(0.8))
        await rehearsal.wait(0.8)
        llm.gate.set()
        await rehearsal.wait(3)

        assert rehearsal.bot == [PROMPT.greeting, "On Saturday we are closed."]
        assert said(llm)[-1] == ("user", "When do you open? On Saturday?")
        assert len([role for role, _ in said(llm) if role == "user"]) == 1


async def test_a_model_that_uses_tools_in_circles_ends_at_a_person():
    llm = always("Trying.", call("transfer", destination="nowhere"))
    async with Rehearsal(stt=FakeStt(["Sales please."]), llm=llm) as rehearsal:
        await rehearsal.greeted()

        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(8)

        assert rehearsal.dialled == ["200"]


async def test_what_is_cancelled_fades_within_the_next_frame_and_is_not_heard_any_more():
    async with Rehearsal(stt=FakeStt(["Count please."]), llm=always(LONG_ANSWER)) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(1.0)
        assert any(rehearsal.stream.sent[-1])

        rehearsal.task.cancel()
        await asyncio.gather(rehearsal.task, return_exceptions=True)
        rehearsal.stream.tick()
        rehearsal.stream.tick()

        fading, after = rehearsal.stream.sent[-2:]
        # 5 ms of 20, so that it does not click.
        assert not any(fading[len(fading) // 4 :])
        assert after is None


async def test_what_was_heard_when_the_caller_hung_up_is_told():
    async with Rehearsal(stt=FakeStt(["Count please."]), llm=always(LONG_ANSWER)) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(2.0)

        rehearsal.task.cancel()
        await asyncio.gather(rehearsal.task, return_exceptions=True)

        told = [report for report in rehearsal.reports if isinstance(report, BotSaid)][-1]
        assert told.interrupted
        assert LONG_ANSWER.startswith(told.text)
        assert 0 < len(told.text.split()) < len(LONG_ANSWER.split())


async def test_a_call_is_over_once_its_draft_has_ended():
    ended = asyncio.Event()

    class Slow(FakeLlm):
        async def reply(
            self, messages: Sequence[Message], *, tools: Sequence[Tool]
        ) -> AsyncIterator[ReplyPart]:
            try:
                async for part in super().reply(messages, tools=tools):
                    yield part
                await asyncio.Event().wait()
            finally:
                await settle()
                ended.set()

    llm = Slow(lambda _messages: ["Well"])
    async with Rehearsal(stt=FakeStt(["My number is"]), llm=llm) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(0.3)
        assert len(llm.asked) == 1
        assert rehearsal.caller == []

        rehearsal.task.cancel()
        await asyncio.gather(rehearsal.task, return_exceptions=True)

        assert ended.is_set()


async def test_a_key_that_comes_as_the_call_ends_rings_at_nobodys():
    taken_back = asyncio.Event()

    async def transfer(_extension: str) -> TransferOutcome:
        try:
            await asyncio.Event().wait()
        finally:
            await taken_back.wait()
        raise AssertionError

    llm = always("One moment.", call("transfer", destination="sales"))
    async with Rehearsal(stt=FakeStt(["Sales."]), llm=llm, transfer=transfer) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(2)
        rehearsal.task.cancel()
        await rehearsal.wait(0.2)
        assert rehearsal.ending is None

        rehearsal.conversation.press("0")
        taken_back.set()
        await settle()

        assert rehearsal.task.cancelled()
        assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_what_fails_while_a_call_is_taken_apart_starts_nothing_new():
    async def transfer(_extension: str) -> TransferOutcome:
        try:
            await asyncio.Event().wait()
        finally:
            raise ProviderFailedError("llm", "test", "it broke while it was ended")

    llm = always("One moment.", call("transfer", destination="sales"))
    async with Rehearsal(stt=FakeStt(["Sales."]), llm=llm, transfer=transfer) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(2)
        spoken = len(rehearsal.tts.spoken)

        with capture_logs() as logs:
            rehearsal.task.cancel()
            await settle()

        assert rehearsal.task.cancelled()
        assert [line["log_level"] for line in logs] == ["warning"]
        assert len(rehearsal.tts.spoken) == spoken
        assert asyncio.all_tasks() == {asyncio.current_task()}
