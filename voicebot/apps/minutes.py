"""What is kept of a call with the receptionist."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from voicebot.call.report import BotSaid, CallerSaid, CallOver, Ending, ToolUsed
from voicebot.records.events import (
    SAMPLE_RATE,
    CallEnded,
    CallStarted,
    PartyJoined,
    ToolCalled,
    TurnTaken,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from voicebot.ari.models import Channel
    from voicebot.call.report import CallReport
    from voicebot.records.events import Reason, Sink

CALLER: Final = "caller"
BOT: Final = "bot"

_REASONS: Final[Mapping[Ending, Reason]] = {
    Ending.GOODBYE: "goodbye",
    Ending.TRANSFERRED: "transferred",
    Ending.SILENCE: "silence",
    Ending.FAILED: "failed",
}


class Minutes:
    """Tells ``sink`` what a call reports: a ``Reporter``.

    The call begins now. ``company`` is the bot's name; ``wall_clock`` tells the time of day,
    ``clock`` monotonic seconds.
    """

    def __init__(
        self,
        sink: Sink,
        caller: Channel,
        *,
        company: str,
        wall_clock: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sink = sink
        self._call = caller.id
        self._wall_clock = wall_clock
        self._clock = clock
        self._began = clock()
        sink.put(CallStarted(caller.id, wall_clock(), "incoming", "receptionist"))
        who = caller.caller
        sink.put(PartyJoined(caller.id, CALLER, who.number, who.name, 0))
        sink.put(PartyJoined(caller.id, BOT, caller.dialplan.exten, company, 0))

    def __call__(self, report: CallReport) -> None:
        """Keep ``report``."""
        now = round((self._clock() - self._began) * SAMPLE_RATE)
        match report:
            case CallerSaid():
                self._sink.put(TurnTaken(self._call, CALLER, report.turn, now, report.text))
            case BotSaid():
                self._sink.put(self._answer(report, now))
            case ToolUsed():
                self._sink.put(
                    ToolCalled(self._call, now, report.name, report.argument, report.result)
                )
            case CallOver():
                self._sink.put(CallEnded(self._call, self._wall_clock(), now, _reason(report)))

    def _answer(self, report: BotSaid, now: int) -> TurnTaken:
        timeline = report.timeline
        return TurnTaken(
            self._call,
            BOT,
            timeline.number if timeline is not None else 0,
            now,
            report.text,
            interrupted=report.interrupted,
            steps={str(step): ms for step, ms in timeline.since_speech_end().items()}
            if timeline is not None
            else {},
        )


def _reason(report: CallOver) -> Reason:
    if report.ending is not None:
        return _REASONS[report.ending]
    return "hung up" if report.hung_up else "stopped"
