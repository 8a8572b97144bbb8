"""What arrives on the events websocket, and what the client itself has to say there."""

from __future__ import annotations

from typing import Any

import msgspec
import structlog

from voicebot.ari.models import AnyMessage, Application, Message

log = structlog.get_logger(__name__)


class UnknownEvent(Message, frozen=True, kw_only=True):
    """An event that the models do not describe: its ``type`` is new, or its fields do not fit.

    ``raw`` is the decoded JSON, or the text itself where it is no JSON object.
    """

    type: str
    raw: Any


class Connected(Message, frozen=True, kw_only=True):
    """The events websocket is open, for the first time or again. Not sent by Asterisk.

    ``application`` is Asterisk's own view, taken after the websocket was registered. Events of a
    gap are lost and ``StasisStart`` is not repeated: compare ``application.channel_ids`` and
    ``bridge_ids`` with what you hold. The snapshot may already contain what the next events tell.
    With ``subscribe_all`` these are placeholders of Asterisk's for 'all'; ``GET /channels`` tells.
    """

    application: Application
    again: bool


class Disconnected(Message, frozen=True, kw_only=True):
    """The events websocket is lost and is being reopened. Not sent by Asterisk.

    Channels and bridges stay up in Asterisk meanwhile; new calls do not reach the application.
    """

    reason: str


class MessageDecoder:
    """Turns text from the websocket into messages and fails at nothing.

    Each kind of misfit is logged once.
    """

    def __init__(self) -> None:
        self._decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(AnyMessage)
        self._reported: set[str] = set()

    def decode(self, text: str | bytes) -> Message:
        """Return the message in ``text``."""
        try:
            return self._decoder.decode(text)
        except msgspec.MsgspecError as error:
            return self._unknown(text, str(error))

    def _unknown(self, text: str | bytes, reason: str) -> UnknownEvent:
        try:
            raw: Any = msgspec.json.decode(text)
        except msgspec.MsgspecError:
            raw = text if isinstance(text, str) else text.decode(errors="replace")
        kind = str(raw.get("type", "")) if isinstance(raw, dict) else ""
        misfit = f"{kind}: {reason}"
        if misfit not in self._reported:
            self._reported.add(misfit)
            log.warning("ari event is not as described", type=kind, reason=reason)
        return UnknownEvent(type=kind, raw=raw)
