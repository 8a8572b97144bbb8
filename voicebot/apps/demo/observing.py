"""Tells what happens in one call, with the wait of every turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.apps.demo.events import BotSpoke, BotUsedTool, CallerSpeaks, ColleagueSpeaks, Heard
from voicebot.call.report import BotSaid, CallerSaid, ToolUsed
from voicebot.media.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voicebot.apps.demo.acts import Line
    from voicebot.apps.demo.events import DemoEvent
    from voicebot.call.report import CallReport
    from voicebot.sim import SimCaller


class Observer:
    """Hears from the caller's script and from the bot; ``reports`` keeps what the bot reported."""

    def __init__(self, caller: SimCaller, tell: Callable[[DemoEvent], None]) -> None:
        self.reports: list[CallReport] = []
        self._caller = caller
        self._tell = tell
        self._lines: list[Line] = []
        self._measured = 0

    def caller_speaks(self, line: Line) -> None:
        """Note that the caller begins to say ``line``."""
        self._lines.append(line)
        self._tell(CallerSpeaks(at=self._now, text=line.text))

    def colleague_speaks(self, name: str, text: str) -> None:
        """Note that a colleague begins to say ``text``."""
        self._tell(ColleagueSpeaks(at=self._now, name=name, text=text))

    def report(self, event: CallReport) -> None:
        """Note what the bot reports: a ``Reporter``."""
        self.reports.append(event)
        match event:
            case CallerSaid(text=text):
                self._tell(Heard(at=self._now, text=text))
            case BotSaid(text=text, interrupted=interrupted):
                wait = self._wait_ms()
                self._tell(BotSpoke(at=self._now, text=text, interrupted=interrupted, wait_ms=wait))
            case ToolUsed(name=name, argument=argument, result=result):
                self._tell(BotUsedTool(at=self._now, name=name, argument=argument, result=result))

    def waits_ms(self) -> Sequence[int | None]:
        """Return the waits of all turns that wanted an answer; ``None`` where there was none."""
        recording = self._caller.recording
        # A line that the end of the call came before was never said.
        lines = zip(self._lines, recording.waits() if recording.spoken else (), strict=False)
        return [_ms(wait) for line, wait in lines if line.answered]

    def greeting_ms(self) -> int | None:
        """Return when the greeting was first heard."""
        first = self._caller.recording.answer_after(0)
        return _ms(None if first is None else first / SAMPLE_RATE)

    @property
    def _now(self) -> float:
        return round(self._caller.now, 2)

    def _wait_ms(self) -> int | None:
        """Return the wait of the turn that is answered; it is measured once."""
        recording = self._caller.recording
        turns = [
            spoken
            for spoken, line in zip(recording.spoken, self._lines, strict=False)
            if line.answered
        ]
        if len(turns) <= self._measured:
            return None
        self._measured = len(turns)
        answer = recording.answer_after(turns[-1].ended)
        return _ms(None if answer is None else (answer - turns[-1].ended) / SAMPLE_RATE)


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)
