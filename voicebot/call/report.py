"""What a conversation tells whoever watches it: the terminal, the log, the records."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from voicebot.call.timeline import Timeline


class Ending(StrEnum):
    """How a conversation ended."""

    GOODBYE = "goodbye"
    TRANSFERRED = "transferred"
    SILENCE = "silence"
    FAILED = "failed"


class TransferOutcome(StrEnum):
    """What became of an attempt to reach a colleague. The values are the tool's results."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CallerSaid:
    """The caller has finished turn ``turn``; the same turn again replaces it."""

    text: str
    turn: int


@dataclass(frozen=True, slots=True)
class BotSaid:
    """The bot has finished, or was interrupted; ``text`` is what the caller heard.

    That may be nothing, where an answer is interrupted within its first word. ``timeline`` is the
    turn's that it answers; ``None`` for what the bot says of its own accord.
    """

    text: str
    interrupted: bool
    timeline: Timeline | None


@dataclass(frozen=True, slots=True)
class ToolUsed:
    """A tool was executed. ``argument`` is the directory's key for a transfer."""

    name: str
    argument: str
    result: str


@dataclass(frozen=True, slots=True)
class Speculated:
    """What was prepared in the call before turns had ended: the conversation's last report.

    ``transcripts`` were begun at pauses, and on them ``drafts`` of answers: ``used`` became the
    answer, the others were ``dropped``, by reason; ``held_back`` counts those that a limit forbade,
    by limit. ``wasted_ms`` is what the work took that was of no use, by stage (``stt``, ``llm``,
    ``tts``).
    """

    transcripts: int
    drafts: int
    used: int
    dropped: Mapping[str, int]
    held_back: Mapping[str, int]
    wasted_ms: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CallOver:
    """Nothing more is reported.

    Without an ``ending`` of the conversation the caller has ``hung_up``, or voicebot was stopped.
    """

    ending: Ending | None
    hung_up: bool = False


CallReport: TypeAlias = CallerSaid | BotSaid | ToolUsed | Speculated | CallOver
Reporter: TypeAlias = "Callable[[CallReport], None]"
