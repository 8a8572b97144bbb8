"""Events as JSON objects: one line each, with names that stay."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import msgspec

from voicebot.errors import RecordsError
from voicebot.records import events

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicebot.records.events import CallEvent

NAMES: Final[Mapping[type[CallEvent], str]] = {
    events.CallStarted: "call_started",
    events.PartyJoined: "party_joined",
    events.Partial: "partial",
    events.Final: "final",
    events.PartyLeft: "party_left",
    events.CallEnded: "call_ended",
    events.TurnTaken: "turn_taken",
    events.ToolCalled: "tool_called",
}
"""What the field ``event`` says."""

_TYPES: Final[Mapping[str, type[CallEvent]]] = {name: kind for kind, name in NAMES.items()}


def to_json(event: CallEvent) -> bytes:
    """Return ``event`` as one JSON object on one line, in UTF-8."""
    fields = {"event": NAMES[type(event)], **msgspec.to_builtins(event)}
    try:
        return msgspec.json.encode(fields)
    except UnicodeEncodeError:
        # A lone surrogate, which no encoding has.
        return json.dumps(fields).encode()


def from_json(body: bytes) -> CallEvent:
    """Return the event that ``to_json`` wrote; fields that are not known are ignored.

    Raises ``RecordsError``.
    """
    try:
        fields = msgspec.json.decode(body, type=dict[str, object])
        return msgspec.convert(fields, _TYPES[str(fields.pop("event"))])
    except (KeyError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise RecordsError(f"not an event of this version: {error!r}") from error
