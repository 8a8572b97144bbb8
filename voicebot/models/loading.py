"""The engines as the settings describe them."""

from __future__ import annotations

import importlib
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import structlog

from voicebot.errors import ModelMissingError
from voicebot.models import weights
from voicebot.models.engines import KINDS, Engine
from voicebot.models.fleet import Fleet
from voicebot.models.seams import WHISPER_RATE, ChatModel, Hearer, Recogniser, Synthesiser
from voicebot.models.voices import VoiceName

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from voicebot.config import ModelsSettings
    from voicebot.models.engines import AnyEngine, Kind
    from voicebot.models.seams import Samples

_log = structlog.get_logger(__name__)

_WARM_UP = "Hello, how can I help you?"


def at_hand(settings: ModelsSettings) -> frozenset[Kind]:
    """Return the kinds that there is a model for; the extra 'local' brings no language model."""
    if settings.gguf is not None or weights.SMOLLM2.installed:
        return KINDS
    advice = f"set models.gguf, or {weights.SMOLLM2.install}"
    _log.warning("no language model is served", advice=advice)
    return KINDS - {"llm"}


def build_fleet(settings: ModelsSettings, which: Collection[Kind], store: weights.Store) -> Fleet:
    """Return the engines of the kinds in ``which``; nothing is loaded yet."""
    stt, tts, llm = (kind in which for kind in ("stt", "tts", "llm"))
    whispers = _whispers(settings, store) if stt else {}
    return Fleet(
        whispers=whispers,
        hearers=_hearers(settings, whispers, store),
        pipers=_pipers(settings, store) if tts else {},
        espeak=_espeak,
        chat=_chat(settings, store) if llm else None,
    )


def _whispers(settings: ModelsSettings, store: weights.Store) -> Mapping[str, Engine[Recogniser]]:
    english = _whisper(
        "whisper-tiny.en",
        _place(settings.whisper_en, "models.whisper_en", store, weights.WHISPER_TINY_EN),
        settings.threads,
        setting="models.whisper_en" if settings.whisper_en else None,
    )
    others = _whisper(
        "whisper-base",
        _place(settings.whisper, "models.whisper", store, weights.WHISPER_BASE),
        settings.threads,
        setting="models.whisper" if settings.whisper else None,
    )
    return {"en": english, "*": others}


def _hearers(
    settings: ModelsSettings, whispers: Mapping[str, Engine[Recogniser]], store: weights.Store
) -> Mapping[str, Sequence[Engine[Hearer]]]:
    """Return who hears English as well; one's own tiny.en serves alone without the packages."""
    if not (whispers and settings.second_hearing):
        return {}
    english: list[Engine[Hearer]] = []
    if settings.whisper is not None or weights.WHISPER_BASE.installed:
        english.append(whispers["*"])
    if weights.MOONSHINE_EN.installed:
        english += _moonshines(store)
    return {"en": english}


def _moonshines(store: weights.Store) -> list[Engine[Hearer]]:
    try:
        weights.MOONSHINE_EN.locate()
    except ModelMissingError as error:
        # Later wheels come without it; the others hear well enough to serve.
        _log.warning("Moonshine does not hear what is said over the bot", reason=str(error))
        return []
    return [_moonshine(store)]


def _moonshine(store: weights.Store) -> Engine[Hearer]:
    def load() -> Hearer:
        module = importlib.import_module("voicebot.models.moonshine")
        # Two others compute at the same time: another thread would only take from theirs.
        model: Hearer = module.Moonshine(store.folder(weights.MOONSHINE_EN), threads=1)
        model.readings(_noise(), language="en", prompt="")
        return model

    return Engine(weights.MOONSHINE_EN.name, "stt", load)


def _place(
    own: Path | None, setting: str, store: weights.Store, packaged: weights.Weights
) -> Callable[[], Path]:
    """Return what finds the model's folder, when it is needed."""
    if own is not None:
        return partial(weights.own_file, own, setting)
    return partial(store.folder, packaged)


def _whisper(
    name: str, place: Callable[[], Path], threads: int, *, setting: str | None
) -> Engine[Recogniser]:
    def load() -> Recogniser:
        module = importlib.import_module("voicebot.models.whisper")
        model: Recogniser = module.Whisper(place(), threads=threads)
        model.recognise(_noise(), language="en", prompt="")
        return model

    return Engine(name, "stt", load, setting=setting)


def _noise() -> Samples:
    """Return what a model hears first: its first run allocates, and must not be a caller's."""
    return np.random.default_rng(0).normal(0, 0.01, WHISPER_RATE).astype(np.float32)


def _pipers(settings: ModelsSettings, store: weights.Store) -> Mapping[str, Engine[Synthesiser]]:
    def packaged() -> Path:
        return store.file(weights.PIPER_EN)

    voices = {
        language: _piper(
            f"piper-{path.stem}",
            partial(weights.own_file, path, f"models.piper.{language}"),
            settings.threads,
            setting=f"models.piper.{language}",
        )
        for language, path in settings.piper.items()
    }
    if "en" not in voices:
        voices["en"] = _piper(weights.PIPER_EN.name, packaged, settings.threads)
    return voices


def _piper(
    name: str, place: Callable[[], Path], threads: int, *, setting: str | None = None
) -> Engine[Synthesiser]:
    def load() -> Synthesiser:
        module = importlib.import_module("voicebot.models.piper")
        voice: Synthesiser = module.Piper(place(), threads=threads)
        voice.synthesise(_WARM_UP, speed=1.0)
        return voice

    return Engine(name, "tts", load, setting=setting)


def _espeak(language: str) -> Engine[Synthesiser]:
    def load() -> Synthesiser:
        module = importlib.import_module("voicebot.models.espeak")
        voice: Synthesiser = module.Espeak(language)
        return voice

    return Engine(f"espeak-ng:{language}", "tts", load)


def _chat(settings: ModelsSettings, store: weights.Store) -> Engine[ChatModel]:
    own = settings.gguf
    name = weights.SMOLLM2.name if own is None else own.stem.lower()

    def load() -> ChatModel:
        module = importlib.import_module("voicebot.models.llama")
        path = store.file(weights.SMOLLM2) if own is None else weights.own_file(own, "models.gguf")
        model: ChatModel = module.Llama(
            path, name=name, threads=settings.threads, context=settings.context
        )
        return model

    # As many jobs at once as the runtime has slots for; more would wait inside of it anyway.
    setting = "models.gguf" if own is not None else None
    return Engine(name, "llm", load, workers=4, setting=setting)


def needed(
    fleet: Fleet, which: Collection[Kind], languages: Collection[str]
) -> Collection[AnyEngine]:
    """Return the engines that are loaded before the server is ready; the others when first used."""
    engines: list[AnyEngine] = []
    if "stt" in which:
        for language in languages:
            first = fleet.recogniser("", language)
            engines += [first, *fleet.others(first, language)]
    if "tts" in which:
        anyone = VoiceName(None, None)
        engines += [fleet.synthesiser("", anyone, language, "") for language in languages]
    if "llm" in which:
        engines.append(fleet.chat(""))
    return list(dict.fromkeys(engines))
