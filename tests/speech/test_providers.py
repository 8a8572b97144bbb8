"""Which providers the settings mean, and what is wrong with settings that mean none."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from tests.speech.fake_openai import FakeOpenAi, error
from voicebot.config import LlmSettings, Settings, SttSettings, TtsSettings
from voicebot.errors import ConfigError, ProviderRefusedError
from voicebot.speech.fallback import (
    FallbackLanguageModel,
    FallbackSpeechToText,
)
from voicebot.speech.prompt import builtin_prompt, load_prompt
from voicebot.speech.protocols import Message, TextDelta
from voicebot.speech.providers import ProviderFactory, local_stages, provider_of
from voicebot.speech.scripted import ScriptedLanguageModel

if TYPE_CHECKING:
    from pathlib import Path

KEY = {"OPENAI_API_KEY": "sk-env"}
PROMPT = load_prompt(builtin_prompt("en"))
SPOKEN = bytes(3200)


def clock() -> dt.datetime:
    return dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("own", "variables", "expected"),
    [
        ({}, {}, ("local", "scripted", "local")),
        ({}, KEY, ("openai", "openai", "openai")),
        ({"base_url": "http://x/v1"}, {}, ("openai", "openai", "openai")),
        ({"api_key": "sk"}, {}, ("openai", "openai", "openai")),
        ({"provider": "local"}, KEY, ("local", "local", "local")),
        ({"provider": "openai"}, {}, ("openai", "openai", "openai")),
    ],
)
def test_auto_is_openai_where_there_is_a_key_or_a_url(
    own: dict[str, Any], variables: dict[str, str], expected: tuple[str, str, str]
):
    assert (
        provider_of("stt", SttSettings(**own), variables),
        provider_of("llm", LlmSettings(**own), variables),
        provider_of("tts", TtsSettings(**own), variables),
    ) == expected


@pytest.mark.parametrize(
    ("settings", "variables", "stages"),
    [
        (Settings(), {}, {"stt", "tts"}),
        (Settings(), KEY, set()),
        (Settings(llm=LlmSettings(fallback="local")), KEY, {"llm"}),
    ],
)
def test_local_models_run_where_a_provider_or_a_fallback_is_local(
    settings: Settings, variables: dict[str, str], stages: set[str]
):
    assert local_stages(settings, variables) == stages


async def test_the_key_of_the_settings_comes_before_that_of_the_environment(
    openai_server: FakeOpenAi,
):
    settings = SttSettings(base_url=openai_server.url, api_key="sk-own", model="whisper-1")

    async with ProviderFactory(KEY) as factory:
        await factory.speech_to_text(settings).transcribe(SPOKEN, language="en")

    assert openai_server.requests[0].headers["Authorization"] == "Bearer sk-own"


async def test_local_models_are_never_told_a_key(openai_server: FakeOpenAi, tmp_path: Path):
    settings = TtsSettings(provider="local", cache=tmp_path)

    async with ProviderFactory(KEY, local_url=openai_server.url) as factory:
        voice = factory.text_to_speech(settings)
        assert [chunk async for chunk in voice.synthesise("Hello.", language="en")]

    assert "sk-env" not in str(openai_server.requests[0].headers)
    assert openai_server.requests[0].body["model"] == "local"


async def test_without_any_key_the_receptionist_is_scripted():
    async with ProviderFactory({}) as factory:
        assert isinstance(
            factory.language_model(LlmSettings(), PROMPT, clock), ScriptedLanguageModel
        )


async def test_a_fallback_takes_over(openai_server: FakeOpenAi):
    openai_server.chat.append(error(401))
    settings = LlmSettings(base_url=openai_server.url, fallback="scripted")

    async with ProviderFactory({}) as factory:
        model = factory.language_model(settings, PROMPT, clock)
        reply = [part async for part in model.reply([Message("user", "Hello")], tools=())]

    assert isinstance(model, FallbackLanguageModel)
    assert reply == [TextDelta("Hello!"), TextDelta(" How can I help you?")]


async def test_without_a_fallback_the_error_is_raised(openai_server: FakeOpenAi):
    openai_server.transcriptions.append(error(401))

    async with ProviderFactory(KEY) as factory:
        stt = factory.speech_to_text(SttSettings(base_url=openai_server.url))

        assert not isinstance(stt, FallbackSpeechToText)
        with pytest.raises(ProviderRefusedError, match=r"check stt\.api_key"):
            await stt.transcribe(SPOKEN, language="en")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (SttSettings(provider="openai"), r"stt\.api_key is not set; set it or OPENAI_API_KEY"),
        (SttSettings(base_url="localhost:8000"), r"stt\.base_url: 'localhost:8000' is not a URL"),
        (SttSettings(provider="local"), "stt is to be local, but the local models do not run"),
        (SttSettings(base_url="http://x/v1", fallback="local"), "stt is to be local"),
    ],
)
async def test_settings_that_mean_no_provider_are_named(settings: SttSettings, said: str):
    async with ProviderFactory({}) as factory:
        with pytest.raises(ConfigError, match=said):
            factory.speech_to_text(settings)


async def test_speech_of_one_voice_is_not_used_for_another(
    openai_server: FakeOpenAi, tmp_path: Path
):
    async with ProviderFactory({}) as factory:
        for voice in ("alloy", "nova", "alloy"):
            settings = TtsSettings(base_url=openai_server.url, voice=voice, cache=tmp_path)
            await factory.text_to_speech(settings).warm(["Hello."], "en")

    assert [request.body["voice"] for request in openai_server.requests] == ["alloy", "nova"]
