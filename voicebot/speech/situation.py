"""What a conversation so far means for the next answer. All of it is read from the messages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicebot.speech.prompt import Prompt
    from voicebot.speech.protocols import Message

STILL_WAITING: Final = "waiting"
"""The result of the tool ``wait`` while the caller waits."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Where the conversation stands.

    ``offered`` is whom the caller was last asked about, ``asked_more`` whether the last question
    was if anything else is wanted, ``lost`` how often in a row the caller was not understood.
    ``on_call`` is who was said to be on another call, when the caller was asked what to do about
    it; ``waiting`` is for whom the caller was waiting when it spoke.
    """

    offered: str | None
    asked_more: bool
    lost: int
    on_call: str | None = None
    waiting: str | None = None


def situation_of(prompt: Prompt, messages: Sequence[Message]) -> Situation:
    """Return where the conversation stands before its last message."""
    said = [m.content for m in messages[:-1] if m.role == "assistant" and m.content]
    last = said[-1] if said else ""
    return Situation(
        offered=_offered(prompt, last),
        asked_more=_ends_with(last, prompt.phrases.anything_else),
        lost=_lost(prompt, said),
        on_call=_on_call(prompt, said),
        waiting=_waiting(messages[:-1]),
    )


def _offered(prompt: Prompt, said: str) -> str | None:
    phrases = prompt.phrases
    for key, entry in prompt.directory.items():
        for question in (
            phrases.offer_transfer,
            phrases.offer_instead,
            phrases.instead_or_wait,
            phrases.not_understood_again,
        ):
            if _ends_with(said, question.format(name=entry.name), at_least=entry.name):
                return key
    return None


def _on_call(prompt: Prompt, said: list[str]) -> str | None:
    # After an answer that told nothing, the question is put again without that statement.
    again = (prompt.phrases.offer_wait, prompt.phrases.not_understood)
    count = 2 if said and said[-1].rstrip(" .?!") in {it.rstrip(" .?!") for it in again} else 1
    told = " ".join(said[-count:])
    others = (prompt.phrases.offer_instead.format(name=it.name) for it in prompt.directory.values())
    if any(_ends_with(told, question) for question in others):
        # Nobody may wait: that is a question about somebody else, and nothing more.
        return None
    for key, entry in prompt.directory.items():
        if prompt.phrases.on_call.format(name=entry.name).rstrip(" .!") in told:
            return key
    return None


def _waiting(messages: Sequence[Message]) -> str | None:
    """Return for whom the caller waits: the last thing that the bot did was to let it wait."""
    last = next((m for m in reversed(messages) if m.role in {"assistant", "user"}), None)
    if last is None or not last.tool_calls or last.tool_calls[-1].name != "wait":
        return None
    if outcome_word(messages[-1].content) != STILL_WAITING:
        return None
    key = last.tool_calls[-1].arguments.get("destination")
    return key if isinstance(key, str) else None


def _ends_with(said: str, question: str, *, at_least: str = "") -> bool:
    """Return whether ``said`` ends with ``question``.

    The history keeps what was heard: a caller who answers early has cut the question short, but
    not before ``at_least`` of it.
    """
    said = said.rstrip(" .?!")
    shortest = (
        question.index(at_least) + len(at_least) if at_least else len(question.rstrip(" .?!"))
    )
    return any(said.endswith(question[:end]) for end in range(shortest, len(question) + 1))


def _lost(prompt: Prompt, said: list[str]) -> int:
    """Count the replies at the end that asked again."""
    phrases = prompt.phrases
    operator = prompt.directory[prompt.operator].name
    asked = (phrases.not_understood, phrases.not_understood_again.format(name=operator))
    count = 0
    for text in reversed(said):
        # Half of the sentence tells it from all others, also where the caller cut it short.
        if not any(text.startswith(sentence[: len(sentence) // 2]) for sentence in asked):
            break
        count += 1
    return count


def destination_of(messages: Sequence[Message]) -> str | None:
    """Return the destination of the tool call whose result is the last message."""
    call_id = messages[-1].tool_call_id
    for message in reversed(messages):
        for call in message.tool_calls:
            if call.id == call_id:
                key = call.arguments.get("destination")
                return key if isinstance(key, str) else None
    return None


def outcome_word(content: str) -> str:
    """Return the first word of a tool's result: ``busy`` of ``'busy; tried 201'``."""
    match = re.match(r"\w+", content)
    return match.group() if match else ""
