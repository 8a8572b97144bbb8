"""A receptionist without a language model: it says nothing that the prompt does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.speech.answer import Answer
from voicebot.speech.answers import Answers
from voicebot.speech.availability import nobody_knows
from voicebot.speech.clauses import sentences
from voicebot.speech.decisions import decide
from voicebot.speech.protocols import TextDelta, ToolCall
from voicebot.speech.situation import destination_of, outcome_word, situation_of
from voicebot.speech.understanding import Understanding

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Callable, Sequence

    from voicebot.speech.availability import Whereabouts
    from voicebot.speech.prompt import Prompt
    from voicebot.speech.protocols import Message, ReplyPart, Tool


class ScriptedLanguageModel:
    """Answers from ``prompt`` alone, the same words to the same conversation.

    ``clock`` gives the time, with a time zone; ``whereabouts`` tells who is free. Knows the tools
    ``transfer``, ``wait``, ``hang_up`` and ``repeat``, and uses those that it is offered. A result
    that needs no words, such as that of ``hang_up``, gets an empty reply.
    """

    def __init__(
        self,
        prompt: Prompt,
        clock: Callable[[], dt.datetime],
        whereabouts: Whereabouts = nobody_knows,
    ) -> None:
        self._prompt = prompt
        self._clock = clock
        self._whereabouts = whereabouts
        self._understanding = Understanding(prompt)

    async def reply(
        self, messages: Sequence[Message], *, tools: Sequence[Tool]
    ) -> AsyncIterator[ReplyPart]:
        """Yield the reply sentence by sentence, then its tool call; see ``LanguageModel``."""
        offered = {tool.name for tool in tools}
        answer = self._answer(messages, can_wait="wait" in offered)
        spoken = [part for text in answer.said for part in sentences(text, self._prompt.language)]
        for number, sentence in enumerate(spoken):
            yield TextDelta(f" {sentence}" if number else sentence)
        if answer.tool is not None and answer.tool in offered:
            yield ToolCall(f"call_{len(messages)}", answer.tool, answer.arguments or {})

    def _answer(self, messages: Sequence[Message], *, can_wait: bool) -> Answer:
        answers = Answers(self._prompt, self._clock(), self._whereabouts, can_wait=can_wait)
        match messages[-1].role if messages else None:
            case "user":
                meaning = self._understanding.of(messages[-1].content)
                return decide(meaning, situation_of(self._prompt, messages), answers)
            case "tool":
                outcome = outcome_word(messages[-1].content)
                return answers.connect.back(outcome, destination_of(messages))
            case _:
                return Answer()
