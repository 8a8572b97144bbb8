"""All engines of the process, and which of them a request means."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from voicebot.models.voices import VoiceName, base_language, language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from voicebot.models.engines import AnyEngine, Engine
    from voicebot.models.seams import ChatModel, Hearer, Recogniser, Synthesiser

E = TypeVar("E")

ALIASES = {
    "stt": frozenset({"", "local", "whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe"}),
    "tts": frozenset({"", "local", "tts-1", "tts-1-hd", "gpt-4o-mini-tts"}),
    "llm": frozenset({"", "local"}),
}
"""Model names that mean 'the local one', for clients written for the cloud."""

_MOST_ESPEAK = 128


class UnknownModelError(LookupError):
    """No model has this name."""


class Fleet:
    """The engines by what they are for.

    ``whispers`` and ``pipers`` are by language, with ``*`` for 'every other one'; ``hearers``, by
    language, hear what is said over a bot as well; ``espeak`` makes the engine of a language that
    has no voice among ``pipers``.
    """

    def __init__(
        self,
        *,
        whispers: Mapping[str, Engine[Recogniser]],
        hearers: Mapping[str, Sequence[Engine[Hearer]]],
        pipers: Mapping[str, Engine[Synthesiser]],
        espeak: Callable[[str], Engine[Synthesiser]],
        chat: Engine[ChatModel] | None,
    ) -> None:
        self._whispers = whispers
        self._hearers = hearers
        self._pipers = pipers
        self._espeak = espeak
        self._espeaks: dict[str, Engine[Synthesiser]] = {}
        self._chat = chat

    def recogniser(self, model: str, language: str | None) -> Engine[Recogniser]:
        """Return the Whisper called ``model``, or the one for ``language``.

        Raises ``UnknownModelError``.
        """
        by_language = self._whispers.get(base_language(language or "*"), self._whispers.get("*"))
        return _named(model, self._whispers.values(), by_language, ALIASES["stt"])

    def others(self, first: Engine[Recogniser], language: str | None) -> list[Engine[Hearer]]:
        """Return who hears what ``first`` hears over a bot as well."""
        hearers = self._hearers.get(base_language(language or ""), ())
        # Who was asked by name is asked alone.
        return [] if first in hearers else list(hearers)

    def synthesiser(
        self, model: str, voice: VoiceName, language: str | None, text: str
    ) -> Engine[Synthesiser]:
        """Return the engine that speaks ``text``. Raises ``UnknownModelError``."""
        spoken = base_language(voice.language or language or language_of(text))
        piper = self._pipers.get(spoken)
        if voice.engine == "piper" and piper is None:
            message = f"no Piper voice for {spoken!r}: there are {', '.join(sorted(self._pipers))}"
            raise UnknownModelError(message)
        if piper is None or voice.engine == "espeak" or model == "espeak-ng":
            piper = self._speaker(voice.language or spoken)
        names = ALIASES["tts"] | {"espeak-ng"}
        return _named(model, self._pipers.values(), piper, names)

    def chat(self, model: str) -> Engine[ChatModel]:
        """Return the chat model. Raises ``UnknownModelError``."""
        engines = [] if self._chat is None else [self._chat]
        return _named(model, engines, self._chat, ALIASES["llm"])

    def __iter__(self) -> Iterator[AnyEngine]:
        hearers = chain.from_iterable(self._hearers.values())
        yield from dict.fromkeys((*self.models(), *hearers))

    def models(self) -> Iterator[AnyEngine]:
        """Yield the engines that a request can name, loaded or not."""
        yield from dict.fromkeys(self._whispers.values())
        yield from dict.fromkeys(self._pipers.values())
        yield from self._espeaks.values()
        if self._chat is not None:
            yield self._chat

    def close(self) -> None:
        """Begin no further job in any engine."""
        for engine in self:
            engine.close()

    def _speaker(self, language: str) -> Engine[Synthesiser]:
        engine = self._espeaks.get(language)
        if engine is None:
            if len(self._espeaks) >= _MOST_ESPEAK:
                self._espeaks.pop(next(iter(self._espeaks))).close()
            engine = self._espeaks[language] = self._espeak(language)
        return engine


def _named(
    model: str, engines: Iterable[Engine[E]], default: Engine[E] | None, aliases: frozenset[str]
) -> Engine[E]:
    engines = list(dict.fromkeys(engines))
    if model in aliases and default is not None:
        return default
    for engine in engines:
        if engine.name == model:
            return engine
    known = ", ".join(engine.name for engine in engines) or "none of this kind"
    message = f"the model {model!r} does not exist here; there is: {known}"
    raise UnknownModelError(message)
