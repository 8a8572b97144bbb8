"""One call of the demonstration: the script is spoken, played and judged."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicebot.apps.demo.acts import Line, Meets, OnCall
from voicebot.apps.demo.checks import ALWAYS, Evidence
from voicebot.apps.demo.colleague import Colleague, WaitForColleague
from voicebot.apps.demo.events import CallEnded, CallStarted, Preparing, Verdict
from voicebot.apps.demo.observing import Observer
from voicebot.apps.demo.voices import CALLER_PITCH, COLLEAGUE_PITCH, speak
from voicebot.call.report import ToolUsed
from voicebot.media.audio import FRAME_SECONDS
from voicebot.sim.script import Say, ScriptTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from voicebot.apps.calls import Office
    from voicebot.apps.demo.acts import Act, Conversation
    from voicebot.apps.demo.events import DemoEvent
    from voicebot.call.report import Reporter
    from voicebot.media.audio import Pcm
    from voicebot.sim import Leftovers, SimCaller, SimulatedPbx
    from voicebot.sim.script import Stage, Step

NUMBER: Final = "+15550100"
_TEARDOWN_S: Final = 3.0
# Who is on another call answers late.
_ANSWER_S: Final = 40.0


class Player:
    """Plays conversations into ``pbx``, where the receptionist of ``office`` serves ``app``.

    ``follow`` is given the ``Reporter`` of each call before it comes in.
    """

    def __init__(
        self,
        pbx: SimulatedPbx,
        office: Office,
        *,
        app: str,
        tell: Callable[[DemoEvent], None],
        follow: Callable[[Reporter], None],
    ) -> None:
        self._pbx = pbx
        self._office = office
        self._app = app
        self._tell = tell
        self._follow = follow

    async def play(self, conversation: Conversation, wav: Path) -> CallEnded:
        """Play one conversation in real time, leave its recording in ``wav`` and judge it.

        Raises ``ProviderError`` when the caller has no voice, ``OSError`` when ``wav`` cannot be
        written.
        """
        voices = await self._voices(conversation)
        self._tell(CallStarted(conversation=conversation.name, title=conversation.title))
        caller = await self._pbx.call(self._app, number=NUMBER, name="Demo")
        observer = Observer(caller, self._tell)
        self._follow(observer.report)
        steps = [self._step(act, voices, observer) for act in conversation.acts]
        trouble = await _perform(caller, steps)
        evidence = Evidence(
            reports=observer.reports,
            recording=caller.recording,
            colleague=[
                voices[text]
                for act in conversation.acts
                if isinstance(act, Meets)
                for text in act.lines
            ],
            left_behind=await self._left_behind(),
            trouble=trouble,
        )
        caller.recording.write_wav(wav)
        ended = _judge(conversation, evidence, observer, wav)
        self._tell(ended)
        return ended

    async def _voices(self, conversation: Conversation) -> Mapping[str, Pcm]:
        """Return the speech of everything that callers and colleagues say."""
        lines: dict[str, float] = {}
        for act in conversation.acts:
            if isinstance(act, Line):
                lines[act.text] = CALLER_PITCH
            elif isinstance(act, Meets):
                lines |= dict.fromkeys(act.lines, COLLEAGUE_PITCH)
        voices: dict[str, Pcm] = {}
        tts, language = self._office.providers.tts, self._office.prompt.language
        for text, pitch in lines.items():
            voices[text] = await speak(tts, text, language=language, pitch=pitch)
            done = len(voices)
            self._tell(Preparing(conversation=conversation.name, done=done, total=len(lines)))
        return voices

    def _step(self, act: Act, voices: Mapping[str, Pcm], observer: Observer) -> Step:
        match act:
            case Line():
                return _SayLine(act, voices[act.text], observer)
            case OnCall():
                extension = self._office.prompt.directory[act.key].extension
                return _Engage(self._pbx, extension, act.seconds)
            case Meets():
                entry = self._office.prompt.directory[act.key]
                colleague = Colleague(
                    [(text, voices[text]) for text in act.lines],
                    lambda text: observer.colleague_speaks(entry.name, text),
                )
                return WaitForColleague(
                    self._pbx.exchange, entry.extension, colleague, timeout=_ANSWER_S
                )
            case _:
                return act

    async def _left_behind(self) -> int:
        """Return how much is in the PBX when the bot had the time to clear up."""
        for _ in range(round(_TEARDOWN_S / FRAME_SECONDS)):
            if not self._pbx.leftovers():
                break
            await asyncio.sleep(FRAME_SECONDS)
        return _count(self._pbx.leftovers())


@dataclass(frozen=True, slots=True)
class _SayLine:
    line: Line
    pcm: Pcm
    observer: Observer

    def play(self, stage: Stage) -> Iterator[None]:
        self.observer.caller_speaks(self.line)
        yield from Say(self.pcm, self.line.text).play(stage)


@dataclass(frozen=True, slots=True)
class _Engage:
    pbx: SimulatedPbx
    extension: str
    seconds: float

    def play(self, _stage: Stage) -> Iterator[None]:
        self.pbx.engage(self.extension, self.seconds)
        yield from ()


async def _perform(caller: SimCaller, steps: list[Step]) -> str:
    """Play the script; return what stopped it, nothing when it came to its end."""
    try:
        await caller.perform(steps)
    except ScriptTimeoutError as error:
        return str(error)
    finally:
        caller.hang_up()
    return ""


def _judge(
    conversation: Conversation, evidence: Evidence, observer: Observer, wav: Path
) -> CallEnded:
    waits = observer.waits_ms()
    wanted = sum(isinstance(act, Line) and act.answered for act in conversation.acts)
    answered = tuple(wait for wait in waits if wait is not None)
    checks = (*conversation.checks, *ALWAYS)
    verdicts = [Verdict(str(check), check.met(evidence)) for check in checks]
    verdicts.append(Verdict("every turn is answered", len(answered) == wanted))
    transfers = [
        f"{event.argument}: {event.result}"
        for event in evidence.reports
        if isinstance(event, ToolUsed) and event.name == "transfer"
    ]
    return CallEnded(
        conversation=conversation.name,
        seconds=round(len(evidence.recording.heard) / 32_000, 1),
        greeting_ms=observer.greeting_ms(),
        waits_ms=answered,
        unanswered=wanted - len(answered),
        transfers=tuple(transfers),
        left_behind=evidence.left_behind,
        verdicts=tuple(verdicts),
        recording=str(wav),
    )


def _count(leftovers: Leftovers) -> int:
    return len(leftovers.channels) + len(leftovers.bridges) + len(leftovers.playbacks)
