"""Where the reports of a call go: to the log, and to what is kept."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import structlog

from voicebot.apps.minutes import Minutes
from voicebot.call.report import BotSaid, Speculated, ToolUsed

if TYPE_CHECKING:
    from voicebot.apps.calls import Office
    from voicebot.ari.models import Channel
    from voicebot.call.report import CallReport, Reporter
    from voicebot.records.events import Sink

_log = structlog.get_logger(__name__)


def log_call(channel: Channel) -> Reporter:
    """Return a reporter that logs what happens in a call, but nothing that is said in it."""
    log = _log.bind(channel=channel.id)

    def report(event: CallReport) -> None:
        if isinstance(event, ToolUsed):
            log.info("tool", name=event.name, argument=event.argument, result=event.result)
        elif isinstance(event, BotSaid) and event.timeline is not None:
            steps = {str(step): ms for step, ms in event.timeline.since_speech_end().items()}
            log.info("turn", turn=event.timeline.number, interrupted=event.interrupted, **steps)
        elif isinstance(event, Speculated):
            log.info("speculation", **asdict(event))

    return report


def keep_call(channel: Channel, office: Office, sink: Sink) -> Reporter:
    """Return a reporter that logs what happens in a call, and tells ``sink`` all of it."""
    log = log_call(channel)
    keep = Minutes(sink, channel, company=office.prompt.company, wall_clock=office.wall_clock)

    def report(event: CallReport) -> None:
        log(event)
        keep(event)

    return report
