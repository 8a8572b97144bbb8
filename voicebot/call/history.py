"""What was said in a call, as the language model is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.speech.protocols import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voicebot.speech.protocols import ToolCall


class History:
    """The conversation so far: only what was really heard, on either side.

    ``system`` renders the system prompt; it is asked anew for every request, since it tells the
    time of day.
    """

    def __init__(self, system: Callable[[], str]) -> None:
        self._system = system
        self._entries: list[Message] = []
        self._turn_starts: dict[int, int] = {}

    def messages(self, heard: str = "") -> tuple[Message, ...]:
        """Return what to send to the model; ``heard`` is a last user message not yet kept."""
        system = Message("system", self._system())
        last = (Message("user", heard),) if heard else ()
        return (system, *self._entries, *last)

    def without_turn(self, number: int, heard: str) -> tuple[Message, ...]:
        """Return ``messages(heard)`` as if turn ``number`` had not been kept yet."""
        end = self._turn_starts.get(number, len(self._entries))
        return (
            Message("system", self._system()),
            *self._entries[:end],
            Message("user", heard),
        )

    def hear(self, number: int, text: str) -> None:
        """Keep what the caller said in turn ``number``.

        The same number again replaces the turn: the caller went on before the answer was heard.
        """
        start = self._turn_starts.get(number)
        if start is not None:
            del self._entries[start:]
        self._turn_starts[number] = len(self._entries)
        self._entries.append(Message("user", text))

    def say(self, text: str, calls: Sequence[ToolCall] = ()) -> None:
        """Keep what the caller heard of a reply, and the tools it asked for."""
        if text or calls:
            self._entries.append(Message("assistant", text, tool_calls=tuple(calls)))

    def answer_tool(self, call: ToolCall, result: str) -> None:
        """Keep the result of a tool, in the place of an earlier one."""
        answer = Message("tool", result, tool_call_id=call.id)
        for index in range(len(self._entries) - 1, -1, -1):
            entry = self._entries[index]
            if entry.tool_call_id == call.id:
                self._entries[index] = answer
                return
            if call in entry.tool_calls:
                break
        self._entries.append(answer)

    def last_said(self) -> str:
        """Return the last thing the bot said, or an empty text."""
        said = (entry for entry in reversed(self._entries) if entry.role == "assistant")
        return next((entry.content for entry in said if entry.content), "")
