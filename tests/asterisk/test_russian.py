"""A caller who speaks Russian, with the prompt that ships: people's speech, and a real Asterisk."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soxr
from numpy.lib.stride_tricks import sliding_window_view
from openai import OpenAI

from bench.microphone import SPEECH_RATE
from bench.prompts import prompts
from bench.waveform import segments
from tests.asterisk.helpers import hear, leftovers
from tests.asterisk.listening import assert_heard, tone
from tests.conftest import unavailable
from voicebot.speech.clauses import sentences
from voicebot.speech.openai import wav
from voicebot.speech.prompt import builtin_prompt, load_prompt
from voicebot.speech.reading import speakable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.phone import PhoneCall
    from bench.waveform import Samples
    from tests.asterisk.conftest import Phones, Receptionists
    from tests.asterisk.programs import Program
    from tests.asterisk.server import AsteriskServer

# What espeak-ng says in Russian, Whisper base hears half: this it hears always.
UNDERSTOOD = "могу помочь"
# Anything else is known by how it rises and falls. With three frames of a hundred lost a sentence
# is like itself by 0.92 at least, like any other by 0.75 at most.
STEP_SECONDS = 0.005
SMOOTH_STEPS = 8
LIKENESS = 0.82


@pytest.fixture(scope="module")
def wish() -> Samples:
    """Somebody saying "Для связи с отделом продаж": the beginning of a sentence of a menu."""
    menu = spoken("basic-pbx-ivr-main")
    pieces = segments(menu, SPEECH_RATE, gap=0.08)
    # Its first sentence ends after some 6.6 s, its second after 11.3 s.
    third = next(piece for piece in pieces if piece.start > 11.4)
    start, end = (round(second * SPEECH_RATE) for second in (third.start - 0.1, third.end + 0.05))
    return menu[start:end]


def spoken(name: str) -> Samples:
    """Return a recording of Debian's Russian prompts, as a caller would speak it."""
    try:
        return prompts("ru")[name].samples()
    except FileNotFoundError as error:
        unavailable(str(error))


def synthesised(models: str, text: str, speed: float = 1.0) -> Samples:
    """Return ``text`` in Russian by espeak-ng."""
    order = {"model": "tts-1", "voice": "ru", "input": speakable(text, "ru"), "speed": speed}
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{models}/audio/speech",
        data=json.dumps(order | {"response_format": "pcm"}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
        samples = np.frombuffer(answer.read(), "<i2").astype(np.float32)
    return np.clip(soxr.resample(samples, 24_000, SPEECH_RATE), -32768, 32767).astype(np.int16)


def outline(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Return how loud it is around each step, with a mean of zero."""
    step = round(STEP_SECONDS * rate)
    frames = samples[: len(samples) // step * step].reshape(-1, step).astype(np.float64)
    power = np.convolve(np.mean(frames**2, axis=1), np.ones(SMOOTH_STEPS) / SMOOTH_STEPS, "same")
    loudness = np.sqrt(power)
    return np.asarray(loudness - loudness.mean())


def likeness(call: PhoneCall, models: str, text: str) -> float:
    """Return how surely the phone has heard every sentence of ``text``, anywhere: up to 1."""
    recording = call.recording()
    heard = outline(recording.heard, recording.rate)
    found = []
    for sentence in sentences(text, "ru"):
        wanted = outline(synthesised(models, sentence), SPEECH_RATE)
        windows = sliding_window_view(heard, len(wanted))
        windows = windows - windows.mean(axis=1, keepdims=True)
        norms = np.linalg.norm(windows, axis=1) * np.linalg.norm(wanted)
        found.append(float(np.max(windows @ wanted / np.maximum(norms, 1.0))))
    return min(found)


def load_recogniser(models: str) -> None:
    """Have the models load what understands Russian, which takes longer than a bot waits."""
    with OpenAI(base_url=models, api_key="local") as client:
        client.audio.transcriptions.create(
            model="whisper-1", file=("a.wav", wav(bytes(32_000))), language="ru"
        )


async def receptionist(receptionists: Receptionists, **settings: str) -> Program:
    prompt = str(builtin_prompt("ru"))
    return await receptionists(RECEPTIONIST__PROMPT=prompt, TTS__VOICE="ru", **settings)


async def words(call: PhoneCall) -> str:
    """Return what the phone has heard so far, in lower case."""
    recording = call.recording()
    return (await hear(recording.heard, recording.rate, "ru")).lower()


async def test_a_person_asks_for_a_department_and_is_put_through(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, models: str, wish: Samples
) -> None:
    bot = await receptionist(receptionists)
    colleague, caller = await phones("201"), await phones("203")

    call = await caller.dial("bot")
    await call.listen()
    greeting = load_prompt(builtin_prompt("ru")).greeting
    assert UNDERSTOOD in await words(call)
    assert likeness(call, models, greeting) > LIKENESS

    await call.say(wish)
    taken = await colleague.called()
    await taken.answered()
    await bot.says("tool")
    assert [(line["name"], line["argument"], line["result"]) for line in bot.said("tool")] == [
        ("transfer", "sales", "answered")
    ]
    announcement = "Соединяю вас: отдел продаж. Одну минуту, пожалуйста."
    assert likeness(call, models, announcement) > LIKENESS
    await asyncio.sleep(0.5)
    await asyncio.gather(call.say(tone(700, 1.5)), taken.say(tone(1300, 1.5)))
    await asyncio.sleep(0.3)
    assert_heard(call, 1300)
    assert_heard(taken, 700)

    await taken.hang_up()
    await call.closed()
    assert await leftovers(pbx) == []


async def test_a_question_is_answered_from_the_front_matter(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, models: str
) -> None:
    await receptionist(receptionists)
    caller = await phones("203")
    call = await caller.dial("bot")
    await call.listen()

    # Of what espeak-ng asks, this is what Whisper base understands.
    await call.say(synthesised(models, "Где можно поставить машину?", 0.8))
    await call.listen(quiet=1.0)

    answers = [item.answer for item in load_prompt(builtin_prompt("ru")).faq]
    alike = {answer: likeness(call, models, answer) for answer in answers}
    heard = [answer for answer, likely in alike.items() if likely > LIKENESS]
    assert len(heard) == 1, alike
    assert "парковка" in heard[0]
    await call.hang_up()
    assert await leftovers(pbx) == []


async def test_a_person_who_thanks_over_the_greeting_hears_it_to_its_end(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, models: str
) -> None:
    await asyncio.to_thread(load_recogniser, models)
    bot = await receptionist(receptionists, LOG__LEVEL="debug")
    caller = await phones("203")
    call = await caller.dial("bot")

    await asyncio.sleep(0.8)
    await call.say(spoken("auth-thankyou"))
    await call.listen(quiet=1.5)

    question = list(sentences(load_prompt(builtin_prompt("ru")).greeting, "ru"))[-1]
    assert likeness(call, models, question) > LIKENESS
    assert {line["reason"] for line in bot.said("barge-in rejected")} == {"back-channel"}
    assert bot.said("turn") == []
    await call.hang_up()
    assert await leftovers(pbx) == []


async def test_a_person_says_goodbye_and_the_bot_hangs_up(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists
) -> None:
    bot = await receptionist(receptionists)
    caller = await phones("203")
    call = await caller.dial("bot")
    await call.listen()

    await call.say(spoken("goodbye"))
    await call.closed()

    await bot.says("call over")
    assert [line["name"] for line in bot.said("tool")] == ["hang_up"]
    assert await leftovers(pbx) == []
