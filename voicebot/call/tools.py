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
STATUS = "status"
WAIT = "wait"


def tools_of(prompt: Prompt, *, status: bool = False, wait: bool = False) -> tuple[Tool, ...]:
    """Return the tools for a call under ``prompt``.

    A transfer names a key of the directory; a telephone number is never an argument. ``status``
    where it is known who is free, ``wait`` where callers may wait for who is not.
    """
    nothing = {"type": "object", "properties": {}, "additionalProperties": False}
    somebody = {
        "type": "object",
        "properties": {"destination": {"type": "string", "enum": sorted(prompt.directory)}},
        "required": ["destination"],
        "additionalProperties": False,
    }
    tools = [
        Tool(
            TRANSFER,
            "Connect the caller with somebody of the directory, after saying so. The result tells "
            "why where that was not possible.",
            somebody,
        ),
        Tool(HANG_UP, "End the call, after saying goodbye.", nothing),
        Tool(REPEAT, "Say the last sentence again.", nothing),
    ]
    if status:
        about = "Tell whether somebody is free, busy (on another call) or away. Use it before you "
        about += "promise to connect. Who is busy is not rung."
        tools.append(Tool(STATUS, about, somebody))
    if wait:
        about = "Let a caller who agreed to it wait until somebody busy is free, then connect. "
        about += "Speaking ends the wait; use it again when the caller still wants to wait."
        tools.append(Tool(WAIT, about, somebody))
    return tuple(tools)


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
