"""The real models, with the weights of the extra ``local``, as clients of the API see them."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import time
import wave
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from openai import AsyncOpenAI, BadRequestError, OpenAI

from tests.conftest import unavailable
from voicebot.config import ModelsSettings
from voicebot.errors import ModelMissingError
from voicebot.models.audio_file import read_audio
from voicebot.models.espeak import Espeak
from voicebot.models.seams import SPEECH_RATE, WHISPER_RATE
from voicebot.models.supervisor import LocalModels
from voicebot.models.weights import (
    MOONSHINE_EN,
    PIPER_EN,
    SMOLLM2,
    WHISPER_BASE,
    WHISPER_TINY_EN,
    Store,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicebot.models.seams import Samples

pytestmark = [
    pytest.mark.local,
    pytest.mark.timeout(120),
    # One model process for all of them.
    pytest.mark.xdist_group("models"),
]

SENTENCE = "The office is open from nine to five. Would you like to leave a message?"
HELLO: list[Any] = [{"role": "user", "content": "Hello, who are you?"}]
SOUNDS = Path("/usr/share/asterisk/sounds")


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    """One model process for this module, kept by a loop of its own."""
    try:
        for weights in (WHISPER_TINY_EN, WHISPER_BASE, MOONSHINE_EN, PIPER_EN, SMOLLM2):
            Store().folder(weights)
        Espeak("ru")
    except ModelMissingError as error:
        unavailable(str(error))
    with asyncio.Runner() as runner:
        keeper = LocalModels(ModelsSettings(nice=0), languages={"en", "ru"})
        runner.run(keeper.__aenter__())
        yield keeper.base_url
        runner.run(keeper.__aexit__(None, None, None))


@pytest.fixture
def client(base_url: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=base_url, api_key="none", max_retries=0) as client:
        yield client


def speak(client: OpenAI, text: str, voice: str) -> bytes:
    return client.audio.speech.create(
        model="tts-1", voice=voice, input=text, response_format="wav"
    ).content


def hear(client: OpenAI, audio: bytes, language: str) -> str:
    return client.audio.transcriptions.create(
        model="whisper-1", file=("a.wav", audio), language=language
    ).text


def as_wav(samples: np.ndarray, rate: int = WHISPER_RATE) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((samples * 32767).astype("<i2").tobytes())
    return file.getvalue()


def plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def test_what_piper_says_whisper_understands(client: OpenAI):
    heard = plain(hear(client, speak(client, SENTENCE, "en"), "en"))

    assert "office is open from" in heard
    assert "would you like to leave a message" in heard


def test_piper_tells_when_it_says_each_word(client: OpenAI):
    answer = client.audio.speech.with_raw_response.create(
        model="tts-1", voice="en", input=SENTENCE, response_format="pcm", stream_format="sse"
    )
    lines = answer.text.splitlines()
    events = [json.loads(line.removeprefix("data:")) for line in lines if line]
    words = [word for event in events for word in event.get("words", ())]
    audio = b"".join(base64.b64decode(event.get("audio", "")) for event in events)
    whole = np.frombuffer(audio, "<i2")[: len(audio) // 480 * 240].astype(float)
    loud = np.abs(whole).reshape(-1, 240).mean(axis=1) > 100

    assert [word["word"] for word in words] == SENTENCE.split()
    assert all(one["end"] <= other["start"] for one, other in pairwise(words))
    # The second sentence begins after a pause, and just there.
    would = round(words[8]["start"] * 100)
    assert not loud[would - 6]
    assert loud[would - 6 : would + 7].any()


def test_russian_is_spoken_by_espeak(client: OpenAI):
    """No more than that: nobody, and no Whisper, understands espeak-ng's Russian well."""
    samples = read_audio(speak(client, "Спасибо, до свидания.", ""))

    assert 1.0 < len(samples) / WHISPER_RATE < 3.0
    assert 0.5 < np.abs(samples).max() < 0.95


@pytest.mark.parametrize(
    ("path", "language", "words"),
    [
        ("en_US_f_Allison/conf-locked.wav", "en", "this conference is locked"),
        ("en_US_f_Allison/agent-loginok.wav", "en", "agent logged in"),
        ("en_US_f_Allison/vm-goodbye.wav", "en", "goodbye"),
        ("ru_RU_f_IvrvoiceRU/conf-locked.wav", "ru", "эта конференция закрыта"),
    ],
)
def test_a_short_human_prompt_is_heard_once_and_not_in_a_loop(
    client: OpenAI, path: str, language: str, words: str
):
    if not (SOUNDS / path).exists():
        unavailable(f"{SOUNDS / path} is missing; apt install asterisk-core-sounds-{language}-wav")

    assert plain(hear(client, (SOUNDS / path).read_bytes(), language)) == words


@pytest.mark.parametrize(
    ("path", "language", "words"),
    [
        ("en_US_f_Allison/vm-goodbye.wav", "en", "goodbye"),
        ("ru_RU_f_IvrvoiceRU/conf-locked.wav", "ru", "эта конференция закрыта"),
    ],
)
def test_a_hint_longer_than_what_is_said_leaves_room_for_the_text(
    client: OpenAI, path: str, language: str, words: str
):
    if not (SOUNDS / path).exists():
        unavailable(f"{SOUNDS / path} is missing; apt install asterisk-core-sounds-{language}-wav")
    hint = ", ".join(["Northwind Telephones", "Harbour Street", "Galina Petrova"] * 20)

    heard = client.audio.transcriptions.create(
        model="whisper-1", file=SOUNDS / path, language=language, prompt=hint
    )

    assert plain(heard.text) == words


@pytest.mark.parametrize(
    ("path", "language", "said"),
    [
        pytest.param("en_US_f_Allison/vm-tempgreetactive.wav", "en", 1.46, id="your greeting is"),
        pytest.param("ru_RU_f_IvrvoiceRU/vm-toreply.wav", "ru", 1.19, id="press one for"),
    ],
)
def test_a_sentence_that_breaks_off_is_known_from_one_that_ends(
    client: OpenAI, path: str, language: str, said: float
):
    """``said``: the seconds up to the pause before the last words."""
    if not (SOUNDS / path).exists():
        unavailable(f"{SOUNDS / path} is missing; apt install asterisk-core-sounds-{language}-wav")
    speech = read_audio((SOUNDS / path).read_bytes())
    speech = speech[np.flatnonzero(np.abs(speech) > 0.01)[0] :]

    def finished(samples: Samples) -> float:
        found = client.audio.transcriptions.create(
            model="whisper-1", file=("a.wav", as_wav(samples)), language=language
        )
        assert found.model_extra, found.text
        return float(found.model_extra["finished"])

    broken, whole = finished(speech[: int(said * WHISPER_RATE)]), finished(speech)
    assert whole > 0.8
    assert broken < whole - 0.3


@pytest.mark.parametrize(
    ("said", "language", "prompt", "told"),
    [
        ("Подождите.", "ru", "Ага. Стоп.", 1),
        ("Подождите.", "ru", "", 0),
        ("Как мне проехать к вам от вокзала?", "ru", "Ага. Стоп.", 0),
        ("Please wait.", "en", "Uh-huh. Stop.", 3),
    ],
)
def test_what_else_short_speech_may_be_is_told_to_who_says_what_is_likely(
    client: OpenAI, said: str, language: str, prompt: str, told: int
):
    found = client.audio.transcriptions.create(
        model="whisper-1",
        file=("a.wav", speak(client, said, language)),
        language=language,
        prompt=prompt,
    )

    assert found.model_extra, found.text
    readings = found.model_extra.get("readings", [])
    assert len(readings) == told
    for one in readings:
        assert len(one) > 1
        assert all(likely > 0 for likely in one.values())
        assert sum(one.values()) <= 1


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("seconds", [0.02, 0.4, 3.0])
@pytest.mark.parametrize("level", [0.0, 0.002, 0.05])
def test_noise_has_no_words(client: OpenAI, language: str, seconds: float, level: float):
    noise = np.random.default_rng(3).normal(0, level, int(seconds * WHISPER_RATE))

    assert hear(client, as_wav(noise), language) == ""


@pytest.mark.parametrize("language", ["en", "ru"])
def test_words_are_where_they_were_said(client: OpenAI, language: str):
    """Digits with pauses that only the test knows."""
    folder = SOUNDS / {"en": "en_US_f_Allison", "ru": "ru_RU_f_IvrvoiceRU"}[language] / "digits"
    if not folder.exists():
        unavailable(f"{folder} is missing; apt install asterisk-core-sounds-{language}-wav")
    said, truth, at = [np.zeros(4000)], [], 4000
    for digit, pause in ((7, 3000), (4, 9000), (9, 5000), (3, 12_000), (6, 4000)):
        spoken = read_audio((folder / f"{digit}.wav").read_bytes())
        spoken = spoken[np.flatnonzero(np.abs(spoken) > 0.02)[0] :]
        spoken = spoken[: np.flatnonzero(np.abs(spoken) > 0.02)[-1] + 1]
        truth.append((at / WHISPER_RATE, (at + len(spoken)) / WHISPER_RATE))
        said += [spoken, np.zeros(pause)]
        at += len(spoken) + pause

    found = client.audio.transcriptions.create(
        model="whisper-1",
        file=("a.wav", as_wav(np.concatenate(said))),
        language=language,
        response_format="verbose_json",
        timestamp_granularities=["word"],
    )

    assert found.words
    assert len(found.words) == len(truth), found.text
    off = [
        (abs(word.start - start), abs(word.end - end))
        for word, (start, end) in zip(found.words, truth, strict=True)
    ]
    assert np.median(off) < 0.06
    assert np.max(off) < 0.3


def test_what_is_longer_than_a_window_comes_in_segments_and_subtitles(client: OpenAI):
    sentences = [
        f"This is the sentence with the number {n}, and it goes on for a while."
        for n in ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    ]
    audio = speak(client, " ".join(sentences), "en")

    found = client.audio.transcriptions.create(
        model="whisper-1",
        file=("a.wav", audio),
        language="en",
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
    )
    shown = client.audio.transcriptions.create(
        model="whisper-1", file=("a.wav", audio), language="en", response_format="srt"
    )

    assert found.duration > 30
    assert found.segments
    assert found.words
    assert len(found.segments) >= 2
    assert found.segments[1].start == found.segments[0].end > 15
    starts = [word.start for word in found.words]
    assert starts == sorted(starts)
    assert found.words[-1].end > 30
    assert shown.count("-->") >= 8


def test_speech_is_streamed_and_begins_at_once(client: OpenAI):
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="en", input=SENTENCE, response_format="pcm"
    ) as response:
        pcm = b"".join(response.iter_bytes())

    samples = np.frombuffer(pcm, "<i2") / 32768
    assert 3 < len(samples) / SPEECH_RATE < 8
    assert np.abs(samples[: SPEECH_RATE // 50]).max() > 0.01, "silence before the first word"
    assert 0.5 < np.abs(samples).max() < 0.95


@pytest.mark.parametrize(("speed", "least", "most"), [(2.0, 0.4, 0.75), (0.5, 1.5, 2.5)])
@pytest.mark.parametrize("voice", ["en", "espeak:en"])
def test_speed_is_obeyed(client: OpenAI, voice: str, speed: float, least: float, most: float):
    def seconds(rate: float) -> float:
        spoken = client.audio.speech.create(
            model="", voice=voice, input=SENTENCE, response_format="wav", speed=rate
        )
        return len(read_audio(spoken.content)) / WHISPER_RATE

    assert least < seconds(speed) / seconds(1.0) < most


def test_a_completion_is_written_whole_and_streamed(client: OpenAI):
    whole = client.chat.completions.create(model="local", messages=HELLO, max_tokens=12)
    stream = client.chat.completions.create(
        model="local", messages=HELLO, max_tokens=12, stream=True
    )
    streamed = "".join(part.choices[0].delta.content or "" for part in stream if part.choices)

    assert whole.choices[0].message.content
    assert whole.usage
    assert whole.usage.completion_tokens <= 12
    assert streamed


def test_a_conversation_longer_than_the_context_is_refused(client: OpenAI):
    with pytest.raises(BadRequestError, match="context"):
        client.chat.completions.create(
            model="local", messages=[{"role": "user", "content": "word " * 20_000}]
        )


async def test_four_callers_at_once_are_all_served(base_url: str, client: OpenAI):
    audio = speak(client, SENTENCE, "en")
    async with AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0) as callers:
        heard = await asyncio.gather(
            *(
                callers.audio.transcriptions.create(
                    model="whisper-1", file=("a.wav", audio), language="en"
                )
                for _ in range(4)
            )
        )

    assert len({found.text for found in heard}) == 1
    assert "message" in heard[0].text


def test_a_short_utterance_does_not_cost_a_whole_window(client: OpenAI):
    spoken = read_audio(speak(client, "I would like to speak to the sales department.", "en"))
    window = np.concatenate([spoken, np.zeros(28 * WHISPER_RATE - len(spoken))])
    took = {"alone": 0.0, "window": 0.0}
    for audio in (spoken, window):
        hear(client, as_wav(audio), "en")

    # In turns, for the machine may be busy at times.
    for _ in range(4):
        for name, audio in (("alone", spoken), ("window", window)):
            began = time.perf_counter()
            hear(client, as_wav(audio), "en")
            took[name] += time.perf_counter() - began

    assert took["alone"] < 0.5 * took["window"]
