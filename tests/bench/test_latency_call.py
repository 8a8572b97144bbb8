from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.baresip import PhoneError
from bench.latency_call import NOTICE_SECONDS, Patience, answered_at, converse
from bench.latency_measure import Outcome, measure
from bench.latency_script import Conversation, ExpectSilence, Interrupt, Say, Wait
from bench.recording import LEAD_SECONDS, PACKET_SECONDS, Recording
from tests.bench.latency_calls import RATE, noise, says

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.waveform import Samples

STOP_SECONDS = 0.06
PATIENCE = Patience(answer=0.3, quiet=0.1)
WORDS = {"hello": says(0.3, text="hello", pad=0.0), "stop": says(0.3, seed=2, text="stop", pad=0.0)}


class FakeClock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self._now = 1000.0

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self._now += max(seconds, 0.0)


class FakeCall:
    """Keeps what is said; the bot speaks at set delays after the call begins and after each word.

    ``answers`` are (delay, length) in seconds, one for each utterance; ``None`` is no answer.
    """

    def __init__(
        self,
        greeting: tuple[float, float] | None,
        answers: Sequence[tuple[float, float] | None],
        *,
        ends_after: int | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.started = self.clock.now() - LEAD_SECONDS - PACKET_SECONDS
        self.is_up = True
        self._answers = list(answers)
        self._ends_after = ends_after
        self._said: list[tuple[float, Samples]] = []
        self._heard: list[tuple[float, float]] = []
        if greeting is not None:
            self._heard.append((self.clock.now() + greeting[0], greeting[1]))

    async def say(self, samples: Samples) -> None:
        now = self.clock.now()
        self._said.append((now, samples))
        # a bot that is spoken over falls silent
        self._heard = [
            (start, min(length, max(now + STOP_SECONDS - start, 0)))
            for start, length in self._heard
        ]
        await self.clock.sleep(len(samples) / RATE)
        answer = self._answers.pop(0) if self._answers else None
        if answer is not None:
            self._heard.append((self.clock.now() + answer[0], answer[1]))
        if self._ends_after is not None and len(self._said) >= self._ends_after:
            self.is_up = False

    def recording(self) -> Recording:
        length = round((self.clock.now() - self.started) * RATE)
        said, heard = np.zeros(length, dtype=np.int16), np.zeros(length, dtype=np.int16)
        for start, samples in self._said:
            first = round((start - self.started) * RATE)
            part = said[first : first + len(samples)]
            part[:] = samples[: len(part)]
        for start, seconds in self._heard:
            first = round((start - self.started) * RATE)
            part = heard[first : first + round(seconds * RATE)]
            part[:] = noise(seconds, 77)[: len(part)]
        return Recording(said, heard, RATE, self.started)

    async def hang_up(self) -> None:
        self.is_up = False


class FakeLine:
    def __init__(self, call: FakeCall | None) -> None:
        self._call = call

    async def dial(self, number: str) -> FakeCall:
        if self._call is None:
            raise PhoneError(f"{number}: 486 Busy Here")
        return self._call


def steps(*items: Say | Wait | Interrupt | ExpectSilence) -> Conversation:
    return Conversation("test", items)


async def figures(call: FakeCall, conversation: Conversation):
    finished = await converse(
        FakeLine(call), "bot", conversation, WORDS, PATIENCE, clock=call.clock
    )
    return measure(finished.recording, finished.established, finished.spoken)


async def test_a_conversation_is_gone_through_and_hung_up():
    call = FakeCall((0.0, 0.3), [(0.12, 0.4)])

    measured = await figures(call, steps(Wait(), Say("hello"), Wait()))

    (turn,) = measured.turns
    assert turn.outcome is Outcome.ANSWERED
    assert turn.wait_ms == pytest.approx(120, abs=2)
    assert measured.greeting_ms == pytest.approx(0, abs=2)
    assert not call.is_up


async def test_patience_has_an_end():
    call = FakeCall(None, [None])

    measured = await figures(call, steps(Wait(0.1), Say("hello"), Wait()))

    assert measured.greeting_ms is None
    assert [turn.outcome for turn in measured.turns] == [Outcome.MISSED]


async def test_the_bot_is_interrupted_in_the_middle_of_its_answer():
    call = FakeCall(None, [(0.1, 3.0), (0.1, 0.3)])

    measured = await figures(call, steps(Say("hello"), Interrupt("stop", 200), Wait()))

    first, second = measured.turns
    assert first.outcome is Outcome.ANSWERED
    assert second.barge_in_ms == pytest.approx(1000 * STOP_SECONDS, abs=2)
    # 100 ms after the end of "hello" the bot speaks, 200 ms later it is spoken over
    assert second.said.start - first.said.end == pytest.approx(0.3, abs=0.05)


async def test_a_bot_that_says_nothing_is_not_interrupted():
    call = FakeCall(None, [None, (0.1, 0.2)])

    measured = await figures(call, steps(Say("hello"), Interrupt("stop", 100), Wait()))

    assert [turn.outcome for turn in measured.turns] == [Outcome.MISSED, Outcome.ANSWERED]
    assert measured.turns[1].barge_in_ms is None


async def test_silence_can_be_expected():
    call = FakeCall(None, [(0.05, 0.2)])

    measured = await figures(call, steps(Say("hello"), ExpectSilence(0.4)))

    assert [turn.outcome for turn in measured.turns] == [Outcome.UNEXPECTED]


async def test_a_bot_that_hangs_up_ends_the_conversation():
    call = FakeCall(None, [(0.05, 0.2)], ends_after=1)

    measured = await figures(call, steps(Say("hello"), Wait(), Say("stop"), Wait()))

    assert [turn.text for turn in measured.turns] == ["hello"]


async def test_a_call_that_does_not_come_about_says_why():
    with pytest.raises(PhoneError, match="486"):
        await converse(FakeLine(None), "bot", steps(Say("hello")), WORDS, PATIENCE)


@pytest.mark.parametrize(
    ("noticed", "answered"),
    [
        (0.0, 0.0),  # media began later
        (0.03, 0.0),  # the phone told of it a moment after its media had begun
        (2.0, 2.0),  # ringing tones before the answer
    ],
)
def test_the_answer_is_when_the_media_began(noticed: float, answered: float):
    silent = np.zeros(0, dtype=np.int16)
    tape = Recording(silent, silent, RATE, started=-LEAD_SECONDS - PACKET_SECONDS)

    assert NOTICE_SECONDS > 0.03
    assert answered_at(tape, noticed) == pytest.approx(answered, abs=1e-9)
