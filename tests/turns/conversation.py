"""Drives a turn taker through a conversation, told in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from tests.turns.signals import frames, silence
from voicebot.config import TurnSettings
from voicebot.media.audio import SILENCE
from voicebot.turns.events import SpeechContested, SpeechPaused
from voicebot.turns.turntaker import TurnTaker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.turns.signals import Signal
    from voicebot.turns.events import TurnEvent

Event = TypeVar("Event")


SILENCES = {"sentence_ms": 200, "likely_ms": 400, "unsure_ms": 600, "open_ms": 1500}
"""What the tests reckon with, whatever the defaults are."""


class Talk:
    """A turn taker, what it has said so far, and what the recogniser will understand.

    ``words`` are the transcripts in the order of the pauses; the last one is repeated. ``None``:
    the recogniser stays mute. ``beginning`` is what it understands while the bot's word is
    contested and the caller goes on.
    """

    def __init__(
        self,
        *words: str | None,
        language: str = "en",
        beginning: str | None = None,
        names: Sequence[str] = (),
        **settings: Any,
    ) -> None:
        self.turns = TurnTaker(TurnSettings(**{**SILENCES, **settings}), language, names=names)
        self.beginning = beginning
        self.words = list(words) or ["Where are you on Saturday?"]
        self.events: list[TurnEvent] = []

    def hear(self, caller: Signal, bot: Signal | None = None) -> list[TurnEvent]:
        """Push ``caller``, with ``bot`` played meanwhile; return what came of it."""
        played = [SILENCE for _ in frames(caller)] if bot is None else list(frames(bot))
        since = len(self.events)
        for frame, back in zip(frames(caller), played, strict=True):
            self.take(self.turns.push(frame, bot=None if bot is None else back))
        return self.events[since:]

    def wait(self, ms: float) -> list[TurnEvent]:
        """Push silence."""
        return self.hear(silence(ms))

    def take(self, events: list[TurnEvent]) -> None:
        """Keep ``events`` and transcribe each pause at once."""
        for event in events:
            self.events.append(event)
            if isinstance(event, SpeechPaused | SpeechContested):
                text = self.beginning if isinstance(event, SpeechContested) else self.understood()
                if text is not None:
                    utterance = event.utterance
                    self.take(self.turns.transcribed(utterance.number, utterance.revision, text))

    def understood(self) -> str | None:
        """Return the next transcript."""
        return self.words.pop(0) if len(self.words) > 1 else self.words[0]

    def finish(self, heard: str = "") -> list[TurnEvent]:
        """Let the bot finish."""
        since = len(self.events)
        self.take(self.turns.bot_finished(heard))
        return self.events[since:]

    def names(self) -> list[str]:
        """Return the events' kinds, in order."""
        return [type(event).__name__ for event in self.events]

    def only(self, kind: type[Event]) -> list[Event]:
        """Return the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]
