"""The tools that a language model is offered, and what their arguments may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.errors import TransferRefusedError
from voicebot.speech.protocols import Tool

if TYPE_CHECKING:
    from voicebot.speech.prompt import Prompt
    from voicebot.speech.protocols import ToolCall

TRANSFER = "transfer"
HANG_UP = "hang_up"
REPEAT = "repeat"


def tools_of(prompt: Prompt) -> tuple[Tool, ...]:
    """Return the tools for a call under ``prompt``.

    A transfer names a key of the directory; a telephone number is never an argument.
    """
    keys = sorted(prompt.directory)
    nothing = {"type": "object", "properties": {}, "additionalProperties": False}
    return (
        Tool(
            TRANSFER,
            "Connect the caller with somebody of the directory, after saying so.",
            {
                "type": "object",
                "properties": {"destination": {"type": "string", "enum": keys}},
                "required": ["destination"],
                "additionalProperties": False,
            },
        ),
        Tool(HANG_UP, "End the call, after saying goodbye.", nothing),
        Tool(REPEAT, "Say the last sentence again.", nothing),
    )


def destination_of(call: ToolCall, prompt: Prompt) -> str:
    """Return the directory key that ``call`` names.

    Raises ``TransferRefusedError`` for everything else: what a model or a caller makes up is never
    dialled.
    """
    key = call.arguments.get("destination")
    if not isinstance(key, str) or key not in prompt.directory:
        known = ", ".join(sorted(prompt.directory))
        raise TransferRefusedError(f"unknown_destination; the directory has: {known}")
    return key
