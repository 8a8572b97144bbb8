"""What tests against real Asterisk ask: what is left in it, and what a phone heard, in words."""

from __future__ import annotations

import asyncio
import time
from functools import cache
from typing import TYPE_CHECKING, Any

import aiohttp
import numpy as np
import soxr

if TYPE_CHECKING:
    from bench.waveform import Samples
    from tests.asterisk.server import AsteriskServer
    from voicebot.models.whisper import Whisper

WHISPER_RATE = 16_000
ANSWER_SECONDS = 20.0


async def ari(pbx: AsteriskServer, method: str, path: str, **parameters: str) -> tuple[int, Any]:
    """Ask ``pbx`` over ARI, by no code of ours; ``path`` begins below ``/ari``.

    Returns the status and the decoded answer, ``None`` for an empty one.
    """
    async with (
        aiohttp.ClientSession(
            headers=pbx.authorization, timeout=aiohttp.ClientTimeout(ANSWER_SECONDS)
        ) as session,
        session.request(method, f"{pbx.ari_url}/ari{path}", params=parameters) as answer,
    ):
        return answer.status, await answer.json() if await answer.read() else None


async def leftovers(pbx: AsteriskServer, *, within: float = 3.0) -> list[str]:
    """Return what is still there after ``within`` seconds at most: channels and bridges by name.

    An empty list comes as soon as nothing is left. A parking lot is Asterisk's own, and stays.
    """
    deadline = time.monotonic() + within
    while True:
        _, channels = await ari(pbx, "GET", "/channels")
        _, bridges = await ari(pbx, "GET", "/bridges")
        left = [f"channel {channel['name']} ({channel['state']})" for channel in channels]
        left += [
            f"bridge {bridge['id']} {bridge['channels']}"
            for bridge in bridges
            if bridge["bridge_class"] != "parking"
        ]
        if not left or time.monotonic() > deadline:
            return left
        await asyncio.sleep(0.05)


async def hear(samples: Samples, rate: int, language: str = "en") -> str:
    """Return the words in ``samples``, by the local Whisper model for ``language``."""
    return await _recognise(samples, rate, language, small=language == "en")


async def hearings(samples: Samples, rate: int) -> tuple[str, str]:
    """Return the English words in ``samples`` by each of the local Whisper models, in lower case.

    A voice that is synthesised by chance now and then makes one of them mishear a word, each time
    that it is heard; what both mishear was not said.
    """
    tiny = await _recognise(samples, rate, "en", small=True)
    base = await _recognise(samples, rate, "en", small=False)
    return tiny.lower(), base.lower()


async def _recognise(samples: Samples, rate: int, language: str, *, small: bool) -> str:
    wide = soxr.resample(samples.astype(np.float32) / 32768, rate, WHISPER_RATE)
    whisper = _whisper(small=small)
    found = await asyncio.to_thread(whisper.recognise, wide, language=language, prompt="")
    return found.text


@cache
def _whisper(*, small: bool) -> Whisper:
    # Only tests that need words load the model.
    from voicebot.models.weights import WHISPER_BASE, WHISPER_TINY_EN, Store  # noqa: PLC0415
    from voicebot.models.whisper import Whisper  # noqa: PLC0415

    weights = WHISPER_TINY_EN if small else WHISPER_BASE
    return Whisper(Store().folder(weights), threads=2)
