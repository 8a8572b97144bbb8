"""A demonstration with fake ears and a fake voice; all else is what callers meet."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.call.voices import speech
from voicebot.apps.calls import Office
from voicebot.apps.demo import CONVERSATIONS, Conversation, run_demo
from voicebot.apps.demo.acts import Line
from voicebot.apps.demo.checks import share_heard
from voicebot.apps.demo.voices import CALLER_PITCH, speak
from voicebot.call.common import Providers
from voicebot.call.speculation import Limits
from voicebot.config import Settings
from voicebot.media.endpoint import RtpEndpoint
from voicebot.speech.prompt import load_prompt
from voicebot.speech.protocols import Transcript
from voicebot.speech.scripted import ScriptedLanguageModel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    import pytest

    from voicebot.ari.models import Channel
    from voicebot.call.report import Reporter
    from voicebot.call.waiting import Colleagues
    from voicebot.media.audio import Pcm

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
SECONDS_PER_WORD = 0.06


def noon() -> dt.datetime:
    return NOON


@dataclass
class Voice:
    """Speaks 0.06 s a word, at least 0.3 s."""

    spoken: list[str] = field(default_factory=list)

    async def synthesise(self, text: str, *, language: str) -> AsyncIterator[Pcm]:
        self.spoken.append(f"{language}: {text}")
        # No two lines sound the same.
        pitch = 110 + zlib.crc32(text.encode()) % 80
        yield speech(max(0.3, SECONDS_PER_WORD * len(text.split())), pitch=pitch)


@dataclass
class Ears:
    """Understands ``texts`` when ``Voice`` says them, each by any frame that comes unharmed.

    However often it is asked: where the machine stalls, a line may be heard in pieces.
    """

    texts: list[str]

    async def transcribe(self, pcm: Pcm, *, language: str, hint: str = "") -> Transcript:
        assert pcm
        del hint
        shares = {"": 0.0}
        for text in self.texts:
            line = await speak(Voice(), text, language=language, pitch=CALLER_PITCH)
            shares[text] = share_heard(line, pcm)
        return Transcript(max(shares, key=shares.__getitem__), language)


def office_with(ears: Ears, *, error: Exception | None = None) -> Any:
    """Return an ``OfficeOpener``: fake ears and voice; all else is what callers meet."""

    @asynccontextmanager
    async def open_office(
        settings: Settings, *, watch: Callable[[Channel], Reporter], colleagues: Colleagues
    ) -> AsyncIterator[Office]:
        if error is not None:
            raise error
        assert settings.receptionist.prompt is not None
        prompt = load_prompt(settings.receptionist.prompt)
        llm = ScriptedLanguageModel(prompt, noon, colleagues.availability)
        providers = Providers(ears, llm, Voice())
        transport = RtpEndpoint()
        await transport.start()
        try:
            limits = Limits(settings.speculation)
            office = Office(settings, prompt, providers, transport, noon, watch, limits)
            yield replace(office, colleagues=colleagues)
        finally:
            await transport.close()

    return open_office


def stage(
    monkeypatch: pytest.MonkeyPatch, conversation: Conversation, *, language: str = "en"
) -> Ears:
    """Put ``conversation`` among those that can be named; return ears that understand it."""
    monkeypatch.setitem(CONVERSATIONS[language], conversation.name, conversation)
    return Ears([act.text for act in conversation.acts if isinstance(act, Line) and act.answered])


async def demonstrate(
    conversation: Conversation, ears: Ears, output: Path, *, as_json: bool = True
) -> None:
    await run_demo(
        Settings(),
        language="en",
        conversations=[conversation.name],
        output=output,
        as_json=as_json,
        open_office=office_with(ears),
    )


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]
