"""Builds the three providers that the settings ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Self, TypeAlias

from voicebot.errors import ConfigError
from voicebot.speech.availability import nobody_knows
from voicebot.speech.cache import CachedTextToSpeech
from voicebot.speech.fallback import (
    FallbackLanguageModel,
    FallbackSpeechToText,
    FallbackTextToSpeech,
)
from voicebot.speech.openai import OpenAiSpeechToText, OpenAiTextToSpeech, openai_client
from voicebot.speech.openai_chat import OpenAiLanguageModel, Sampling
from voicebot.speech.requests import Patience
from voicebot.speech.scripted import ScriptedLanguageModel

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from openai import AsyncOpenAI

    from voicebot.config import LlmSettings, Settings, SttSettings, TtsSettings
    from voicebot.speech.availability import Whereabouts
    from voicebot.speech.prompt import Prompt
    from voicebot.speech.protocols import LanguageModel, SpeechToText, TextToSpeech

    AnySettings: TypeAlias = SttSettings | LlmSettings | TtsSettings

Stage: TypeAlias = Literal["stt", "llm", "tts"]

KEY: Final = "OPENAI_API_KEY"

# What is used where neither a key nor a base URL is given.
_WITHOUT_KEY: Final[Mapping[Stage, str]] = {"stt": "local", "llm": "scripted", "tts": "local"}
_CLOUD_MODELS: Final[Mapping[Stage, str]] = {
    "stt": "gpt-transcribe",
    "llm": "gpt-4.1-mini",
    "tts": "gpt-4o-mini-tts",
}
# The only one of the cloud's that tells when a word was said; the local models know the name, too.
_WORDS_MODEL: Final = "whisper-1"
# The local models' own name for 'whatever fits the language'.
_LOCAL_MODEL: Final = "local"
_VOICE: Final = "alloy"
_LONGEST_GAP_S: Final = 5.0


def provider_of(stage: Stage, settings: AnySettings, variables: Mapping[str, str]) -> str:
    """Return the provider meant: ``auto`` is OpenAI where there is a key or a base URL."""
    if settings.provider != "auto":
        return settings.provider
    reachable = settings.base_url or settings.api_key or variables.get(KEY)
    return "openai" if reachable else _WITHOUT_KEY[stage]


def local_stages(settings: Settings, variables: Mapping[str, str]) -> frozenset[Stage]:
    """Return the stages that the local models serve; they must run when there is one."""
    stages: tuple[tuple[Stage, AnySettings], ...] = (
        ("stt", settings.stt),
        ("llm", settings.llm),
        ("tts", settings.tts),
    )
    return frozenset(
        stage
        for stage, own in stages
        if "local" in (provider_of(stage, own, variables), own.fallback)
    )


class ProviderFactory:
    """Builds providers and owns their connections: used with ``async with``.

    ``variables`` is the environment, ``local_url`` the base URL of the local models, ``None`` where
    they do not run. Each method raises ``ConfigError``, which names the setting.
    """

    def __init__(self, variables: Mapping[str, str], *, local_url: str | None = None) -> None:
        self._variables = variables
        self._local_url = local_url
        # Stages that use one server share its connections.
        self._clients: dict[tuple[str | None, str], AsyncOpenAI] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self._clients.values():
            await client.close()
        self._clients.clear()

    def speech_to_text(self, settings: SttSettings, *, words: bool = False) -> SpeechToText:
        """Return the recogniser with its fallback. ``words``: its transcripts tell the words."""

        def build(provider: str, model: str | None) -> SpeechToText:
            return OpenAiSpeechToText(
                self._client("stt", provider, settings),
                model=model or (_WORDS_MODEL if words else _model("stt", provider)),
                provider=provider,
                patience=_patience(settings),
                words=words,
            )

        primary = build(provider_of("stt", settings, self._variables), settings.model)
        if settings.fallback == "none":
            return primary
        return FallbackSpeechToText(primary, build(settings.fallback, None))

    def language_model(
        self,
        settings: LlmSettings,
        prompt: Prompt,
        clock: Callable[[], dt.datetime],
        whereabouts: Whereabouts = nobody_knows,
    ) -> LanguageModel:
        """Return the language model with its fallback.

        ``clock`` tells the time with its zone, ``whereabouts`` who is free: the scripted one asks
        it, others have the tool ``status``.
        """

        def build(provider: str, model: str | None) -> LanguageModel:
            if provider == "scripted":
                return ScriptedLanguageModel(prompt, clock, whereabouts)
            return OpenAiLanguageModel(
                self._client("llm", provider, settings),
                model=model or _model("llm", provider),
                sampling=Sampling(settings.temperature, settings.max_tokens),
                provider=provider,
                patience=_patience(settings),
            )

        primary = build(provider_of("llm", settings, self._variables), settings.model)
        if settings.fallback == "none":
            return primary
        return FallbackLanguageModel(primary, build(settings.fallback, None))

    def text_to_speech(self, settings: TtsSettings) -> CachedTextToSpeech:
        """Return the voice with its fallback and the cache of sentences."""

        def build(provider: str, model: str, voice: str) -> TextToSpeech:
            return OpenAiTextToSpeech(
                self._client("tts", provider, settings),
                model=model,
                voice=voice,
                speed=settings.speed,
                provider=provider,
                patience=_patience(settings),
            )

        provider = provider_of("tts", settings, self._variables)
        model, voice = settings.model or _model("tts", provider), settings.voice or _VOICE
        primary = speaker = build(provider, model, voice)
        if settings.fallback != "none":
            substitute = build(settings.fallback, _model("tts", settings.fallback), _VOICE)
            speaker = FallbackTextToSpeech(primary, substitute)
        identity = f"{provider}|{settings.base_url or ''}|{model}|{voice}|{settings.speed:g}"
        return CachedTextToSpeech(speaker, settings.cache, identity=identity, source=primary)

    def _client(self, stage: Stage, provider: str, settings: AnySettings) -> AsyncOpenAI:
        if provider == "local":
            if self._local_url is None:
                raise ConfigError(f"{stage} is to be local, but the local models do not run")
            return self._shared(self._local_url, "local")
        url = settings.base_url
        if url is not None and not url.startswith(("http://", "https://")):
            raise ConfigError(f"{stage}.base_url: '{url}' is not a URL; write https://host/v1")
        key = settings.api_key.get_secret_value() if settings.api_key is not None else ""
        key = key or self._variables.get(KEY, "")
        if not key and url is None:
            raise ConfigError(
                f"{stage}.api_key is not set; set it or {KEY}, or give {stage}.base_url of a "
                "server that needs no key"
            )
        return self._shared(url, key or "none")

    def _shared(self, url: str | None, key: str) -> AsyncOpenAI:
        if (url, key) not in self._clients:
            self._clients[url, key] = openai_client(url, key)
        return self._clients[url, key]


def _model(stage: Stage, provider: str) -> str:
    return _LOCAL_MODEL if provider == "local" else _CLOUD_MODELS[stage]


def _patience(settings: AnySettings) -> Patience:
    return Patience(
        first_s=settings.timeout_s,
        gap_s=min(settings.timeout_s, _LONGEST_GAP_S),
        retries=settings.retries,
    )
