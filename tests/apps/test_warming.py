"""Calls are taken once the greeting can be said; the other fixed sentences follow meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from tests.virtual_time import in_virtual_time
from voicebot.apps.warming import warmed
from voicebot.errors import ProviderError, ProviderFailedError, ProviderRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SENTENCES = [f"Sentence {number}." for number in range(50)]


class Voice:
    """Takes a second for each sentence, and fails with those it is told to."""

    def __init__(self, faults: dict[str, ProviderError] | None = None) -> None:
        self.ready: list[str] = []
        self._faults = faults or {}

    async def warm(
        self, texts: Iterable[str], language: str, *, progress: Callable[[int, int], None]
    ) -> None:
        assert language == "en"
        wanted = list(texts)
        for number, text in enumerate(wanted, start=1):
            if text not in self.ready:
                await asyncio.sleep(1)
                if text in self._faults:
                    raise self._faults[text]
                self.ready.append(text)
            progress(number, len(wanted))


@in_virtual_time
async def test_calls_are_taken_once_the_greeting_is_ready_and_progress_is_told():
    voice = Voice()
    with capture_logs() as logs:
        async with warmed(voice, SENTENCES, "en", may_be_refused=False, meanwhile=True):
            assert voice.ready == SENTENCES[:1]
            await asyncio.sleep(60)

    assert voice.ready == SENTENCES
    told = [line for line in logs if line["event"].startswith("fixed sentences")]
    assert [line.get("ready") for line in told] == [20, 40, None]
    assert told[-1]["sentences"] == 50


@in_virtual_time
async def test_otherwise_everything_is_ready_first():
    voice = Voice()
    async with warmed(voice, SENTENCES, "en", may_be_refused=False):
        assert voice.ready == SENTENCES


@in_virtual_time
async def test_who_leaves_early_leaves_nothing_running():
    voice = Voice()
    async with warmed(voice, SENTENCES, "en", may_be_refused=False, meanwhile=True):
        await asyncio.sleep(3.5)

    await asyncio.sleep(60)
    assert len(voice.ready) == 4


@pytest.mark.parametrize("failing", [0, 7])
@in_virtual_time
async def test_a_provider_that_is_down_is_told_and_no_reason_to_end(failing: int):
    voice = Voice({SENTENCES[failing]: ProviderFailedError("tts", "test", "no answer")})
    with capture_logs() as logs:
        async with warmed(voice, SENTENCES, "en", may_be_refused=False, meanwhile=True):
            await asyncio.sleep(60)

    assert len(voice.ready) == failing
    assert [line["event"] for line in logs] == ["fixed sentences are not ready"]


@in_virtual_time
async def test_a_wrong_key_is_a_reason_unless_somebody_else_speaks():
    refusal = ProviderRefusedError("tts", "test", "401")
    with pytest.raises(ProviderRefusedError):
        async with warmed(Voice({SENTENCES[0]: refusal}), SENTENCES, "en", may_be_refused=False):
            raise AssertionError("entered")

    entered = False
    async with warmed(Voice({SENTENCES[0]: refusal}), SENTENCES, "en", may_be_refused=True):
        entered = True
    assert entered
