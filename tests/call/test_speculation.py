"""What is prepared before a turn has ended: what it may cost, and that it leaves no trace."""

from __future__ import annotations

import asyncio

import pytest

from tests.call.harness import FakeLlm, FakeStt, Rehearsal, call
from tests.call.voices import speech
from tests.speech.fake_openai import Canned, FakeOpenAi, pcm24, says, speaks, transcribes
from voicebot.call.report import BotSaid, CallerSaid, Speculated
from voicebot.call.speculation import Limits
from voicebot.config import SpeculationSettings
from voicebot.speech.openai import OpenAiSpeechToText, OpenAiTextToSpeech
from voicebot.speech.openai_chat import OpenAiLanguageModel, Sampling

UTTERANCE = speech(1.2)
# Texts after which a caller is waited for, and one that is complete.
OPEN = ("My number is", "My number is five and")
WHOLE = "My number is five and I called you yesterday."
LATE = 30.0


def always(*parts: object) -> FakeLlm:
    return FakeLlm(lambda _messages: parts)


def limits(**settings: float) -> Limits:
    return Limits(SpeculationSettings(**settings))


async def hesitate(rehearsal: Rehearsal, pauses: int = 2) -> None:
    """Say one turn with ``pauses`` pauses in it, too short to end it."""
    await rehearsal.greeted()
    for _ in range(pauses):
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(0.4)
    await rehearsal.hear(UTTERANCE)
    await rehearsal.wait(3)


async def test_what_became_of_the_drafts_is_the_last_report_of_a_call():
    stt = FakeStt([*OPEN, WHOLE])
    async with Rehearsal(stt=stt, llm=always("Thank you.")) as rehearsal:
        await hesitate(rehearsal)

    assert rehearsal.reports[-1] == rehearsal.speculated
    found = rehearsal.speculated
    assert (found.transcripts, found.drafts, found.used) == (3, 3, 1)
    assert found.dropped == {"resumed": 2}
    assert found.held_back == {}


async def test_a_call_in_which_nothing_is_said_reports_that_nothing_was_drafted():
    async with Rehearsal(stt=FakeStt([""]), llm=always()) as rehearsal:
        await rehearsal.greeted()

    assert rehearsal.speculated == Speculated(0, 0, 0, {}, {}, {})


@pytest.mark.parametrize(("per_turn", "drafts"), [(0, 0), (1, 1), (2, 2)])
async def test_a_turn_is_answered_though_no_more_drafts_of_it_may_begin(per_turn, drafts):
    stt, llm = FakeStt([*OPEN, WHOLE]), always("Thank you.")
    async with Rehearsal(stt=stt, llm=llm, limits=limits(per_turn=per_turn)) as rehearsal:
        await hesitate(rehearsal)

        assert rehearsal.caller == [WHOLE]
        assert rehearsal.bot[-1] == "Thank you."

    assert len(llm.asked) == drafts + 1
    assert rehearsal.speculated.drafts == drafts
    assert rehearsal.speculated.held_back == {"per_turn": 3 - drafts}


async def test_the_limit_of_a_turn_is_not_spent_by_the_turn_before():
    stt, llm = FakeStt(["When do you open?", "Where is your office?"]), always("At nine.")
    async with Rehearsal(stt=stt, llm=llm, limits=limits(per_turn=1)) as rehearsal:
        await rehearsal.greeted()
        for _ in range(2):
            await rehearsal.hear(UTTERANCE)
            await rehearsal.wait(2)

    assert rehearsal.speculated.used == 2
    assert rehearsal.speculated.held_back == {}


async def test_calls_share_the_drafts_under_way_and_are_answered_without():
    shared = limits(at_once=1)
    slow = always("At nine.")
    slow.gate = asyncio.Event()
    first = Rehearsal(stt=FakeStt(["My number is"]), llm=slow, limits=shared)
    second = Rehearsal(stt=FakeStt(["When do you open?"]), llm=always("At eight."), limits=shared)
    await first.__aenter__()
    await first.greeted()
    await first.hear(UTTERANCE)
    await first.wait(0.3)
    assert slow.asked

    # When another call's turn ends while the first one's draft is under way
    await second.__aenter__()
    await second.greeted()
    await second.hear(UTTERANCE)
    await second.wait(2)
    assert second.bot[-1] == "At eight."
    await end(second)
    assert second.speculated.held_back == {"at_once": 1}
    await end(first)
    assert first.speculated.drafts == 1


async def end(rehearsal: Rehearsal) -> None:
    assert rehearsal.task is not None
    rehearsal.task.cancel()
    await asyncio.gather(rehearsal.task, return_exceptions=True)


async def test_a_draft_that_only_waits_leaves_room_for_others():
    shared = limits(at_once=1)
    async with Rehearsal(
        stt=FakeStt([*OPEN, WHOLE]), llm=always("Thank you.", " Really."), limits=shared
    ) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(0.4)

        assert shared.take()
        shared.give_back()


@pytest.mark.parametrize("ends", ["dropped", "used", "hung up"])
async def test_every_draft_gives_its_room_back(ends):
    shared = limits(at_once=1)
    texts = ["When do you open?"] if ends == "used" else list(OPEN)
    slow = always("Thank you.")
    slow.gate = asyncio.Event()
    async with Rehearsal(stt=FakeStt(texts), llm=slow, limits=shared) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(0.2)
        assert not shared.take()

        if ends == "dropped":
            await rehearsal.hear(speech(0.3))
        elif ends == "used":
            await rehearsal.wait(0.5)
        else:
            await end(rehearsal)

        assert shared.take()


async def test_a_tool_of_a_draft_that_is_dropped_is_never_executed():
    stt = FakeStt(["Sales and", "Sales and nobody else told me your address, where is it?"])
    llm = FakeLlm(
        lambda messages: (
            ["At the station."]
            if "address" in messages[-1].content
            else [call("transfer", destination="sales")]
        )
    )
    async with Rehearsal(stt=stt, llm=llm) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(0.4)
        assert len(llm.asked) == 1

        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(6)

        assert rehearsal.dialled == []
        assert rehearsal.bot[-1] == "At the station."
    assert rehearsal.speculated.dropped == {"resumed": 1}


async def test_what_a_draft_took_in_vain_is_told_by_stage():
    # Given a model that has been asked for 200 ms when the caller goes on
    llm = always("Thank you.")
    llm.gate = asyncio.Event()
    async with Rehearsal(stt=FakeStt([*OPEN, WHOLE]), llm=llm) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(0.3)
        await rehearsal.hear(speech(0.5))
        llm.gate.set()

    wasted = rehearsal.speculated.wasted_ms
    assert 150 <= wasted["llm"] <= 350
    assert wasted["stt"] == 0


async def test_no_clause_is_spoken_long_before_it_can_be_heard():
    sentences = [f" This is sentence number {number} of a long answer." for number in range(9)]
    async with Rehearsal(
        stt=FakeStt(["Tell me all."]), llm=always(*sentences), limits=limits(ahead_s=2)
    ) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        for _ in range(120):
            await rehearsal.wait(0.1)
            ahead = rehearsal.stream.playout.end - rehearsal.stream.playout.position
            # One clause (1.8 s) may be begun while just two seconds wait.
            assert ahead <= 16000 * (2 + 1.9)
        await rehearsal.wait(8)

        # And yet all is heard, without a gap.
        said = [report for report in rehearsal.reports if isinstance(report, BotSaid)]
        assert said[-1].text == "".join(sentences).strip()
        sent = rehearsal.stream.sent
        first = next(at for at, frame in enumerate(sent) if at > 150 and frame is not None)
        spoken = sent[first : first + 790]
        assert all(frame is not None for frame in spoken)


@pytest.mark.parametrize("stage", ["stt", "llm", "tts"])
async def test_the_requests_of_a_draft_that_is_dropped_are_ended_at_the_provider(stage):
    async with FakeOpenAi() as server:
        server.transcriptions.append(
            Canned(wait_s=LATE) if stage == "stt" else transcribes("My number is")
        )
        server.chat.append(says("Thank you.", wait_s=LATE if stage == "llm" else 0))
        # The first speech is the greeting's.
        server.speech += [
            speaks(pcm24(1.0)),
            speaks(pcm24(0.1), wait_s=LATE if stage == "tts" else 0),
        ]
        client = server.client()
        async with Rehearsal(
            stt=OpenAiSpeechToText(client, model="any"),
            llm=OpenAiLanguageModel(client, model="any", sampling=Sampling()),
            tts=OpenAiTextToSpeech(client, model="any", voice="any"),
        ) as rehearsal:
            endpoint = {"stt": "transcriptions", "llm": "chat", "tts": "speech"}[stage]
            await until(lambda: len(asked(server, "speech")) == 1)
            await until(lambda: not rehearsal.stream.playout.idle)
            await rehearsal.wait(1.5)
            await rehearsal.hear(UTTERANCE)
            await rehearsal.wait(0.12)
            count = 2 if stage == "tts" else 1
            await until(lambda: len(asked(server, endpoint)) == count)
            assert not server.dropped.is_set()

            # When the caller goes on
            await rehearsal.hear(speech(0.3))

            await asyncio.wait_for(server.dropped.wait(), 5)
            assert not [report for report in rehearsal.reports if isinstance(report, CallerSaid)]


def asked(server: FakeOpenAi, endpoint: str) -> list[object]:
    return [request for request in server.requests if request.endpoint == endpoint]


async def until(condition) -> None:
    """Let the sockets work until ``condition`` holds."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - sockets tell by no event of ours
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("said", "spoken"),
    [
        # Two words last 0.4 s here, six 1.2 s.
        ("Yes, sure. We are open today.", ["Yes, sure.", "We are open today."]),
        ("We are open until nine today. Come in.", ["We are open until nine today."]),
    ],
    ids=["a short clause", "a clause that is long enough"],
)
async def test_on_probation_so_much_is_spoken_as_bridges_the_time_to_the_next_clause(said, spoken):
    async with Rehearsal(stt=FakeStt(["My number is"]), llm=always(said)) as rehearsal:
        await rehearsal.greeted()
        before = len(rehearsal.tts.spoken)
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(0.5)

        assert rehearsal.tts.spoken[before:] == spoken
