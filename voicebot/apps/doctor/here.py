"""Our own side: prompt, models, disk, ports, providers."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicebot.apps.doctor.finding import Check
from voicebot.errors import (
    ConfigError,
    MediaError,
    ModelError,
    PortInUseError,
    ProviderBusyError,
    ProviderError,
    ProviderProtocolError,
)
from voicebot.media.address import bind_address, open_socket
from voicebot.models.espeak import Espeak
from voicebot.models.weights import PIPER_EN, SMOLLM2, WHISPER_BASE, WHISPER_TINY_EN, own_file
from voicebot.speech.openai import openai_client
from voicebot.speech.prompt import builtin_prompt, load_prompt
from voicebot.speech.providers import KEY, local_stages, provider_of
from voicebot.speech.requests import Patience, Requests

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
    from pathlib import Path

    from voicebot.apps.doctor.finding import Finding
    from voicebot.config import MediaSettings, ModelsSettings, Settings
    from voicebot.models.weights import Store
    from voicebot.speech.prompt import Prompt
    from voicebot.speech.providers import AnySettings, Stage

_PROMPT = Check("prompt", "what the receptionist knows; without it no call is answered")
_MODELS = Check("models", "speech is understood and spoken on this machine")
_DISK = Check("disk", "synthesised sentences and gathered models are kept there")
_PORT = Check("media port", "the callers' audio comes in there")
_PROVIDER = Check("provider", "without it the bot apologises and hands the caller over")

_LITTLE, _TOO_LITTLE = 500 << 20, 50 << 20
_PATIENCE: Final = Patience(first_s=10.0, retries=0)


def read_prompt(settings: Settings) -> tuple[Prompt | None, Finding]:
    """Return the prompt, if it can be used, and what is to be said about it."""
    try:
        path = settings.receptionist.prompt or builtin_prompt("en")
        prompt = load_prompt(path)
    except ConfigError as error:
        return None, _PROMPT.failed(str(error), fix="correct the file at the line named")
    if settings.receptionist.prompt is None:
        return prompt, _PROMPT.warning(
            f"the built-in example ({prompt.company})",
            fix=f"copy {path}, put your company's facts in, and set receptionist.prompt to it",
        )
    count = len(prompt.directory)
    return prompt, _PROMPT.ok(f"{prompt.company}: {count} destinations, language {prompt.language}")


async def check_models(
    settings: Settings, language: str, store: Store, variables: Mapping[str, str]
) -> AsyncGenerator[Finding, None]:
    """Judge each model that runs on this machine: there, and the one that was tested."""
    stages = local_stages(settings, variables)
    if not stages:
        yield _MODELS.ok("none are needed: all stages are served elsewhere")
    for model in _wanted(settings.models, stages, language, store):
        try:
            path = await asyncio.to_thread(model.locate)
        except ModelError as error:
            yield _MODELS.failed(f"{model.name}: {error}", fix=model.fix)
        else:
            yield _MODELS.ok(f"{model.name}: {path}")


@dataclass(frozen=True, slots=True)
class _Model:
    """A local model, what finds it (raising ``ModelError``), and what to do when that fails."""

    name: str
    locate: Callable[[], Path | str]
    fix: str


def _wanted(
    models: ModelsSettings, stages: frozenset[Stage], language: str, store: Store
) -> Iterator[_Model]:
    if "stt" in stages:
        english = language == "en"
        own = models.whisper_en if english else models.whisper
        setting = "models.whisper_en" if english else "models.whisper"
        weights = WHISPER_TINY_EN if english else WHISPER_BASE
        yield _own("speech to text", own, setting) or _Model(
            "speech to text", lambda: store.folder(weights), fix=weights.install
        )
    if "tts" in stages:
        voice = _own("text to speech", models.piper.get(language), f"models.piper.{language}")
        if voice is None and language == "en":
            voice = _Model("text to speech", lambda: store.file(PIPER_EN), fix=PIPER_EN.install)
        yield voice or _Model(
            "text to speech",
            lambda: _robot(language),
            fix=f"apt install espeak-ng, or set models.piper.{language} to a Piper voice",
        )
    if "llm" in stages:
        yield _own("language model", models.gguf, "models.gguf") or _Model(
            "language model",
            lambda: store.file(SMOLLM2),
            fix=f"{SMOLLM2.install}, or set models.gguf",
        )


def _own(name: str, path: Path | None, setting: str) -> _Model | None:
    if path is None:
        return None
    return _Model(name, lambda: own_file(path, setting), fix=f"correct the setting {setting}")


def _robot(language: str) -> str:
    Espeak(language)
    return f"espeak-ng ({language})"


def check_disk(folder: Path, free: Callable[[Path], int] | None = None) -> Finding:
    """Judge the room where ``folder`` is or will be. ``free`` tells the octets left."""
    place = next(
        it
        for it in (folder.expanduser().absolute(), *folder.expanduser().absolute().parents)
        if it.exists()
    )
    left = free(place) if free is not None else shutil.disk_usage(place).free
    text = f"{left / (1 << 30):.1f} GB free at {place}"
    if left >= _LITTLE:
        return _DISK.ok(text)
    judge = _DISK.failed if left < _TOO_LITTLE else _DISK.warning
    return judge(text, fix="make room, or set tts.cache to a folder on another disk")


def check_port(media: MediaSettings) -> Finding:
    """Judge whether the media address can be bound."""
    where = f"UDP {media.host}:{media.port or 'any'}"
    try:
        open_socket(bind_address(media.host), media.port).close()
    except PortInUseError as error:
        return _PORT.warning(
            str(error),
            fix="if your receptionist is running and has it, all is well; if not, set media.port "
            "to a free port, or to 0",
        )
    except (MediaError, ConfigError) as error:
        return _PORT.failed(str(error), fix="set media.host to an address of this machine")
    return _PORT.ok(f"{where} can be bound")


async def check_providers(
    settings: Settings, variables: Mapping[str, str]
) -> AsyncGenerator[Finding, None]:
    """Ask each provider that is not on this machine for its models: cheap, and shows the key."""
    stages: tuple[tuple[Stage, AnySettings], ...] = (
        ("stt", settings.stt),
        ("llm", settings.llm),
        ("tts", settings.tts),
    )
    for stage, own in stages:
        if "openai" not in (provider_of(stage, own, variables), own.fallback):
            continue
        key = own.api_key.get_secret_value() if own.api_key is not None else variables.get(KEY, "")
        if not key and own.base_url is None:
            yield _PROVIDER.failed(
                f"{stage}: no key", fix=f"set {stage}.api_key or the variable {KEY}"
            )
            continue
        yield await _ask(stage, own, key)


async def _ask(stage: Stage, own: AnySettings, key: str) -> Finding:
    where = own.base_url or "OpenAI"
    async with openai_client(own.base_url, key or "none") as openai:
        try:
            page = await Requests(stage, "openai", _PATIENCE).first(openai.models.list)
        except (ProviderBusyError, ProviderProtocolError) as error:
            return _PROVIDER.warning(
                str(error), fix="try again later; not every server lists its models"
            )
        except ProviderError as error:
            return _PROVIDER.failed(
                str(error), fix=f"check {stage}.base_url, {stage}.api_key and the way to {where}"
            )
    names = {model.id for model in page.data}
    if own.model is not None and names and own.model not in names:
        return _PROVIDER.warning(
            f"{stage}: {where} does not list the model {own.model!r}",
            fix=f"set {stage}.model to one of: {', '.join(sorted(names)[:8])}",
        )
    return _PROVIDER.ok(f"{stage}: {where} answers, {len(names)} models")
