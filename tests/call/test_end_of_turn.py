"""When a turn ends, by what the recogniser and an end-of-turn model make of it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.call.harness import FakeLlm, FakeStt, Rehearsal
from tests.call.voices import speech
from voicebot.media.audio import SAMPLE_RATE

SAID = "I would like to speak to sales."
UTTERANCE = speech(1.2)


@dataclass
class FakeEndOfTurn:
    """Holds every turn for equally finished, and remembers how long they were (seconds)."""

    finished: float
    heard: list[float]

    async def probability(self, pcm: bytes) -> float:
        self.heard.append(len(pcm) / 2 / SAMPLE_RATE)
        return self.finished


def answering() -> FakeLlm:
    return FakeLlm(lambda _messages: ("Certainly.",))


@pytest.mark.parametrize(("finished", "answered"), [(0.99, True), (0.3, False)])
async def test_the_recognisers_full_stop_is_believed_as_far_as_it_is_sure(
    finished: float, answered: bool
):
    stt = FakeStt([SAID], finished=finished)
    async with Rehearsal(stt=stt, llm=answering()) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(1)

        assert bool(rehearsal.caller) is answered


@pytest.mark.parametrize(("finished", "answered"), [(0.99, True), (0.01, False)])
async def test_a_model_hears_the_turn_beside_the_recogniser(finished: float, answered: bool):
    model = FakeEndOfTurn(finished, [])
    async with Rehearsal(stt=FakeStt([SAID]), llm=answering(), end_of_turn=model) as rehearsal:
        await rehearsal.greeted()
        await rehearsal.hear(UTTERANCE)
        await rehearsal.wait(1)

        assert bool(rehearsal.caller) is answered
    assert model.heard
    assert model.heard == rehearsal.stt.heard
