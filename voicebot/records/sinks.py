"""Sinks in front of the sinks: to several at once, and without numbers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from voicebot.records.events import CallEnded, Final, Partial, TurnTaken
from voicebot.records.masking import Masker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicebot.records.events import CallEvent, Sink


_log = structlog.get_logger(__name__)


class Fan:
    """Hands each event to all of ``sinks``; without any, nothing is kept."""

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self._sinks = sinks

    def put(self, event: CallEvent) -> None:
        """Take ``event`` at once."""
        for sink in self._sinks:
            sink.put(event)


class MaskingSink:
    """Takes card and phone numbers out of all texts on their way to ``sink``."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._maskers: dict[str, dict[str, Masker]] = defaultdict(lambda: defaultdict(Masker))

    def put(self, event: CallEvent) -> None:
        """Take ``event`` at once."""
        try:
            masked = self._masked(event)
        except Exception:  # noqa: BLE001 - a call must not suffer, nor a number get through
            _log.exception("an event is lost: it cannot be masked")
        else:
            self._sink.put(masked)

    def _masked(self, event: CallEvent) -> CallEvent:
        match event:
            case Partial():
                masker = self._maskers[event.call][event.party]
                return replace(event, text=masker.preview(event.text))
            case Final():
                text, words = self._maskers[event.call][event.party].mask(event.text, event.words)
                return replace(event, text=text, words=words)
            case TurnTaken():
                text, _ = self._maskers[event.call][event.party].mask(event.text)
                return replace(event, text=text)
            case CallEnded():
                self._maskers.pop(event.call, None)
        return event
