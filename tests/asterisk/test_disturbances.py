"""What a phone picks up beside its caller takes no word from the bot: real phone, real Asterisk."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import numpy as np

from bench.latency_speech import speech
from bench.microphone import SPEECH_RATE
from bench.turns_disturbances import SOUNDS
from tests.asterisk.helpers import hear, hearings, leftovers

if TYPE_CHECKING:
    from bench.waveform import Samples
    from tests.asterisk.conftest import Phones, Receptionists
    from tests.asterisk.server import AsteriskServer
    from tests.asterisk.voices import Voice

# Of each sound, and of the end of the answer.
SECONDS = 4.0
# The voice never reads twice at quite the same speed.
ALL_OF_IT = 0.85
ANSWER = (
    "Acme was founded in the spring of nineteen twenty by two brothers, and since then it has grown"
    " from a small workshop near the harbour into a company with four hundred people, who build"
    " telephones, switchboards and cables for customers in thirty countries of the world."
)


def sounds(*names: str) -> Samples:
    """Return ``SECONDS`` of each, one after the other, as a phone picks them up."""
    rng = np.random.default_rng(4)
    parts = [SOUNDS[name](SECONDS, rng) for name in names]
    return np.clip(np.concatenate(parts), -32768, 32767).astype(np.int16)


def sounding(samples: Samples, rate: int) -> float:
    """Return how long something is said in ``samples``, in seconds, without the pauses."""
    return sum(segment.length for segment in speech(samples, rate))


async def test_typing_keys_and_music_over_the_bot_leave_it_the_word(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    bot = await receptionists()
    phone = await phones("203")
    call = await phone.dial("bot")
    await call.listen(quiet=0)

    await call.say(sounds("keyboard"), wait=False)
    await call.listen()
    recording = call.recording()
    greeted = await hearings(recording.heard, recording.rate)
    assert any("how can i help you" in heard for heard in greeted), greeted

    await call.say(voice("Tell me about the company."))
    asked = call.recording().position(time.monotonic())
    await call.listen(quiet=0)
    began = call.recording().position(time.monotonic())
    await call.say(sounds("keyboard", "keys (DTMF)", "plucked chords"), wait=False)
    await bot.says("turn")
    await asyncio.sleep(0.3)

    recording = call.recording()
    rate, heard = recording.rate, recording.heard
    answer = heard[round(asked * rate) :]
    assert [line["interrupted"] for line in bot.said("turn")] == [False]
    whole = voice(ANSWER)
    assert sounding(answer, rate) > ALL_OF_IT * sounding(whole, SPEECH_RATE)
    last = (await hear(answer[-round(SECONDS * rate) :], rate)).lower()
    assert "countries of the world" in last
    # Over what is no voice it does not even pause.
    over = heard[round(began * rate) : round((began + 2 * SECONDS) * rate)]
    usual = sounding(whole, SPEECH_RATE) / len(whole) * SPEECH_RATE
    assert sounding(over, rate) > ALL_OF_IT * usual * 2 * SECONDS

    await call.hang_up()
    assert await leftovers(pbx) == []
