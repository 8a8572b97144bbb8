"""Providers that stall, ramble and fail as a seed has it, and tell what they do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from tests.call.harness import FakeLlm, FakeStt, FakeTts, call
from voicebot.errors import ProviderFailedError
from voicebot.speech.protocols import SpokenWord, TextDelta, ToolCall, Transcript

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from random import Random

    from voicebot.media.audio import Frame, Pcm
    from voicebot.speech.protocols import Message, ReplyPart, SpeechPart, Tool

STT_S: Final = (0.0, 0.05, 0.1, 0.1, 0.4, 1.2, 3.0)
LLM_S: Final = (0.0, 0.0, 0.05, 0.3, 0.3, 1.0, 2.0, 5.0)
FALTERS_S: Final = (0.0, 0.02, 0.1, 0.5, 1.5)
TTS_S: Final = (0.0, 0.0, 0.1, 0.1, 0.4)

LINGERS_S: Final = 0.05

FILLERS: Final = ("Filler.", "Another filler.")
"""Said by nobody else, so that they are known."""

WORD: Final = 3200
"""Samples that a word takes, with what follows it."""
SILENT: Final = 640
"""Samples of silence after each."""

_LOUDEST: Final = 32767
_FIRST_LEVEL: Final = 1000
_STEP: Final = 3

_SAID: Final = (
    "I want to know about the {} offer.",
    "When do you open the {}?",
    "Stop, tell me something about {} instead please.",
    "Well I think that {}",
    "My number is",
    "Yes.",
    "Uh-huh.",
    "",
)
_JOINS: Final = (",", ".", "!", "?", ";", " -", "…", ":", "\n", "\n\n")
# Beside a tool only: without words and tools there is no reply.
_WORDLESS: Final = ("", "   ", "\n\n", "...", "—")


@dataclass(frozen=True)
class Odds:
    """How likely each trouble is."""

    stt_fails: float = 0.0
    llm_fails: float = 0.0
    llm_breaks: float = 0.0
    tool: float = 0.25
    tts_fails: float = 0.0
    tts_breaks: float = 0.0
    rude: float = 0.0
    """A provider that is cancelled fails instead."""
    lingers: float = 0.3
    """A provider that is cancelled takes a moment to end."""
    busy: float | None = None
    """A colleague is on another call when somebody asks; ``None`` where that is not known."""
    tells: float = 0.7
    """The voice tells when it says each word, in the whole call."""
    interrupts: float = 0.6
    hangs_up: float = 0.4
    presses: float = 0.15
    stalls: float = 0.0
    """The machine stands still for a moment while the caller speaks or waits."""


@dataclass(frozen=True)
class Asked:
    """What the model was sent, after how many reports, and the tool that its answer asks for."""

    messages: tuple[Message, ...]
    told: int
    tool: str | None

    def by(self, role: str) -> list[str]:
        """Return what was said by ``role``."""
        return [message.content for message in self.messages if message.role == role]


class Troubled:
    """Fails now and then; ``tell`` takes each line of the story."""

    def __init__(self, chance: Random, odds: Odds, tell: Callable[[str], None]) -> None:
        self.chance, self.odds, self.tell = chance, odds, tell
        self.under_way = 0
        self.has_failed = False

    def fail(self, stage: str, odds: float, when: str, *, wanted: bool = True) -> None:
        """Fail at these ``odds``, in something that is still ``wanted`` or not."""
        if self.chance.random() < odds:
            self.tell(f"{stage} fails {when}")
            self.has_failed = self.has_failed or wanted
            raise ProviderFailedError(stage, "erratic", when)

    async def stall(self, stage: str, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.fail(stage, self.odds.rude, "when cancelled", wanted=False)
            if self.chance.random() < self.odds.lingers:
                await asyncio.sleep(LINGERS_S)
            raise


class ErraticStt(FakeStt):
    """Understands anything, sooner or later."""

    def __init__(self, troubled: Troubled) -> None:
        super().__init__([])
        self._troubled = troubled
        self._words = unknown_words(troubled.chance)

    async def transcribe(self, pcm: Pcm, *, language: str, hint: str = "") -> Transcript:
        del pcm, hint
        it = self._troubled
        text = it.chance.choice(_SAID).format(next(self._words))
        seconds = it.chance.choice(STT_S)
        it.tell(f"stt: {text!r} in {seconds} s")
        await it.stall("stt", seconds)
        it.fail("stt", it.odds.stt_fails, "at once")
        return Transcript(text, language, 0.9)


class ErraticLlm(FakeLlm):
    """Writes words that there are not, in pieces of any length, each of them once in a call."""

    def __init__(self, troubled: Troubled, told: Callable[[], int]) -> None:
        super().__init__(lambda _: ())
        self.wrote: set[str] = set()
        self.questions: list[Asked] = []
        self._told = told
        self._troubled = troubled
        self._words = unknown_words(troubled.chance)

    async def reply(
        self, messages: Sequence[Message], *, tools: Sequence[Tool]
    ) -> AsyncIterator[ReplyPart]:
        it = self._troubled
        it.under_way += 1
        try:
            seconds = it.chance.choice(LLM_S)
            names = {tool.name for tool in tools} | {"unknown"}
            tool = _tool(it.chance, sorted(names)) if it.chance.random() < it.odds.tool else None
            asked = Asked(tuple(messages), self._told(), tool.name if tool else None)
            self.questions.append(asked)
            it.tell(f"llm: asked {asked.by('user')[-1:]}, in {seconds} s, tool {asked.tool}")
            await it.stall("llm", seconds)
            it.fail("llm", it.odds.llm_fails, "before a word")
            for piece in self._pieces(tool):
                yield TextDelta(piece) if isinstance(piece, str) else piece
                if it.chance.random() < 0.15:
                    await it.stall("llm", it.chance.choice(FALTERS_S))
        finally:
            it.under_way -= 1

    def _pieces(self, tool: ToolCall | None) -> Iterator[str | ToolCall]:
        it = self._troubled
        breaks = it.chance.random() < it.odds.llm_breaks
        text = self._text(tool)
        it.tell(f"llm: writes {text!r}{', breaks' if breaks else ''}")
        ends = it.chance.randint(0, len(text)) if breaks else len(text)
        asks = it.chance.choice((0, len(text) // 2, len(text)))
        at = 0
        while at < ends:
            size = it.chance.choice((1, 1, 2, 3, 5, 10, 40, 200))
            yield text[at : min(at + size, ends)]
            at += size
            if tool is not None and at >= asks:
                yield tool
                tool = None
        it.fail("llm", float(breaks), "in the middle")
        if tool is not None:
            yield tool

    def _text(self, tool: ToolCall | None) -> str:
        chance = self._troubled.chance
        if tool is not None and chance.random() < 0.3:
            return chance.choice(_WORDLESS)
        joined, often = "", chance.choice((0.0, 0.1, 0.3, 0.6))
        for _ in range(chance.choice((1, 2, 3, 8, 15, 30))):
            word = next(self._words)
            self.wrote.add(word)
            begins = not joined or joined.rstrip()[-1:] in ".!?"
            joined += word.capitalize() if begins else word
            joined += chance.choice(_JOINS) if chance.random() < often else ""
            joined += chance.choice((" ", " ", "  "))
        return joined


class ErraticTts(FakeTts):
    """Says each word of a call on a level of its own, so that it is known which one was heard."""

    def __init__(self, troubled: Troubled) -> None:
        super().__init__()
        self.words: list[str] = []
        self.clause_of: list[str] = []
        self.tells = troubled.chance.random() < troubled.odds.tells
        self._troubled = troubled

    async def synthesise(self, text: str, *, language: str) -> AsyncIterator[SpeechPart]:
        assert language
        it = self._troubled
        self.spoken.append(text)
        it.under_way += 1
        try:
            await it.stall("tts", it.chance.choice(TTS_S))
            it.fail("tts", it.odds.tts_fails, "before a word")
            it.tell(f"tts: {text!r}")
            for number, word in enumerate(filter(sounds, text.split())):
                if self.tells:
                    yield SpokenWord(word, number * WORD, (number + 1) * WORD - SILENT)
                yield self._say(word, text)
                if it.chance.random() < 0.1:
                    await it.stall("tts", it.chance.choice((0.0, 0.05, 0.3)))
            # What was heard of a clause that breaks off is a guess, if the voice does not tell.
            it.fail("tts", it.odds.tts_breaks * self.tells, "at the end")
        finally:
            it.under_way -= 1

    def word_of(self, frame: Frame) -> int | None:
        """Return the number of the word that sounds in most of ``frame``."""
        pcm = np.frombuffer(frame, "<i2")
        level = int(pcm.max())
        number, rest = divmod(level - _FIRST_LEVEL, _STEP)
        whole = 2 * int((pcm == level).sum()) > len(pcm)
        return number if whole and not rest and 0 <= number < len(self.words) else None

    def _say(self, word: str, clause: str) -> Pcm:
        level = _FIRST_LEVEL + _STEP * len(self.words)
        assert level <= _LOUDEST, "the call is too long"
        self.words.append(word)
        self.clause_of.append(clause)
        return np.full(WORD - SILENT, level, "<i2").tobytes() + bytes(2 * SILENT)


def sounds(word: str) -> bool:
    """Return whether ``word`` is said, as a dash is not."""
    return any(map(str.isalnum, word))


def unknown_words(chance: Random) -> Iterator[str]:
    """Yield words that no language has, each of them once."""
    number = chance.randrange(2_000, 100_000)
    while True:
        word, left = "", number
        while left:
            left, at = divmod(left, 60)
            word += "bdfgklmnprst"[at % 12] + "aeiou"[at // 12]
        yield word
        number += 1


def _tool(chance: Random, names: Sequence[str]) -> ToolCall:
    name = chance.choice(("transfer", *names))
    return call(name, destination=chance.choice(("sales", "operator", "nobody")))
