from __future__ import annotations

import pytest

from tests.apps.demo.stage import noon
from voicebot.apps.demo import CONVERSATIONS, Conversation
from voicebot.apps.demo.acts import Line, Meets, OnCall
from voicebot.speech.availability import Availability
from voicebot.speech.prompt import builtin_prompt, load_prompt
from voicebot.speech.protocols import Message, TextDelta, Tool
from voicebot.speech.scripted import ScriptedLanguageModel

SCRIPTS = [
    pytest.param(language, conversation, id=f"{language}-{conversation.name}")
    for language, conversations in CONVERSATIONS.items()
    for conversation in conversations.values()
]


@pytest.mark.parametrize(("language", "conversation"), SCRIPTS)
async def test_the_scripted_receptionist_can_answer_every_line(
    language: str, conversation: Conversation
):
    prompt = load_prompt(builtin_prompt(language))
    calls = [act for act in conversation.acts if isinstance(act, OnCall)]
    busy = {prompt.directory[act.key].extension for act in calls}
    model = ScriptedLanguageModel(
        prompt, noon, lambda it: Availability.BUSY if it in busy else Availability.FREE
    )
    tools = [Tool(name, "", {}) for name in ("transfer", "hang_up", "repeat", "wait")]
    lines = [act.text for act in conversation.acts if isinstance(act, Line) and act.answered]
    said = prompt.greeting
    for text in lines:
        if language == "ru" and text.endswith("уже знаю."):
            continue  # said only to interrupt
        messages = [Message("assistant", said), Message("user", text)]
        parts = [part async for part in model.reply(messages, tools=tools)]
        said = "".join(part.text for part in parts if isinstance(part, TextDelta))
        assert said
        assert prompt.phrases.not_understood not in said, text
    for act in conversation.acts:
        assert not isinstance(act, Meets) or act.key in prompt.directory
