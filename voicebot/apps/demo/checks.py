"""What must come of a call: each check is a sentence and a look at the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from voicebot.call.report import BotSaid, CallerSaid, ToolUsed
from voicebot.media.audio import FRAME_BYTES, SAMPLE_RATE, samples
from voicebot.sim.recording import SPEECH_LEVEL
from voicebot.sim.tones import loudness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicebot.call.report import CallReport
    from voicebot.media.audio import Pcm
    from voicebot.sim import Recording

_YIELD_S: Final = 0.5
# A stalled machine may cost single frames; a line that does not arrive loses all of them.
_SHARE_HEARD: Final = 0.8


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a call that is over.

    ``colleague`` holds the lines that a colleague was to say. ``trouble`` is what stopped the
    caller's script; empty when it was played to its end.
    """

    reports: Sequence[CallReport]
    recording: Recording
    colleague: Sequence[Pcm] = ()
    left_behind: int = 0
    trouble: str = ""


class Check(Protocol):
    """Something that must have happened."""

    def __str__(self) -> str:
        """Return it as a sentence."""
        ...

    def met(self, evidence: Evidence) -> bool:
        """Return whether it happened."""
        ...


@dataclass(frozen=True, slots=True)
class Answers:
    """The bot said ``words`` somewhere, and could finish the sentence."""

    words: str

    def __str__(self) -> str:
        return f"the caller is told '{self.words}'"

    def met(self, evidence: Evidence) -> bool:
        """Look at what was heard to its end."""
        said = [e for e in evidence.reports if isinstance(e, BotSaid) and not e.interrupted]
        return any(self.words.casefold() in event.text.casefold() for event in said)


@dataclass(frozen=True, slots=True)
class Transfers:
    """A transfer to the directory's ``key`` ended with ``result``."""

    key: str
    result: str = "answered"

    def __str__(self) -> str:
        return f"a transfer to {self.key} is {self.result}"

    def met(self, evidence: Evidence) -> bool:
        """Look at the tools that were used."""
        return ToolUsed("transfer", self.key, self.result) in evidence.reports


@dataclass(frozen=True, slots=True)
class Waits:
    """The caller waited for the directory's ``key``, who became free."""

    key: str

    def __str__(self) -> str:
        return f"the caller waits until {self.key} is free"

    def met(self, evidence: Evidence) -> bool:
        """Look at the tools that were used."""
        return ToolUsed("wait", self.key, "free") in evidence.reports


@dataclass(frozen=True, slots=True)
class Talks:
    """The caller and the colleague heard each other.

    The caller's recording must hold every line of the colleague's, who says the next one only when
    the caller was heard.
    """

    def __str__(self) -> str:
        return "the caller and the colleague hear each other"

    def met(self, evidence: Evidence) -> bool:
        """Look for the colleague's audio in what the caller heard."""
        heard = evidence.recording.heard
        return bool(evidence.colleague) and all(
            share_heard(line, heard) >= _SHARE_HEARD for line in evidence.colleague
        )


@dataclass(frozen=True, slots=True)
class HangsUp:
    """The bot said goodbye and ended the call."""

    def __str__(self) -> str:
        return "the bot says goodbye and hangs up"

    def met(self, evidence: Evidence) -> bool:
        """Look at the last thing said or done."""
        happened = [
            it for it in evidence.reports if isinstance(it, CallerSaid | BotSaid | ToolUsed)
        ]
        return happened[-1:] == [ToolUsed("hang_up", "", "done")]


@dataclass(frozen=True, slots=True)
class Yields:
    """The bot fell silent soon after the caller began to say ``text`` over it."""

    text: str

    def __str__(self) -> str:
        return f"the bot falls silent within {_YIELD_S:g} s when interrupted"

    def met(self, evidence: Evidence) -> bool:
        """Look at the overlap in the recording."""
        if not any(isinstance(e, BotSaid) and e.interrupted for e in evidence.reports):
            return False
        overlaps = [
            evidence.recording.quiet_after(spoken.started)
            for spoken in evidence.recording.spoken
            if spoken.text == self.text
        ]
        begun = [s.started for s in evidence.recording.spoken if s.text == self.text]
        return any(
            quiet is not None and quiet - start <= _YIELD_S * SAMPLE_RATE
            for quiet, start in zip(overlaps, begun, strict=True)
        )


@dataclass(frozen=True, slots=True)
class GoesOn:
    """The bot finished everything that it began to say."""

    def __str__(self) -> str:
        return "the bot is not put off by a murmur"

    def met(self, evidence: Evidence) -> bool:
        """Look for interruptions."""
        said = [event for event in evidence.reports if isinstance(event, BotSaid)]
        return bool(said) and not any(event.interrupted for event in said)


@dataclass(frozen=True, slots=True)
class FollowsScript:
    """The caller could play its script to the end."""

    def __str__(self) -> str:
        return "the call takes its course"

    def met(self, evidence: Evidence) -> bool:
        """Look for what stopped it."""
        return not evidence.trouble


@dataclass(frozen=True, slots=True)
class LeavesNothing:
    """No channel, bridge or playback was left in the PBX."""

    def __str__(self) -> str:
        return "nothing is left in the PBX"

    def met(self, evidence: Evidence) -> bool:
        """Count what was left."""
        return evidence.left_behind == 0


ALWAYS: Final[Sequence[Check]] = (FollowsScript(), LeavesNothing())
"""What must come of every call."""


def share_heard(line: Pcm, heard: Pcm) -> float:
    """Return how much of the speech in ``line``, from 0 to 1, is in ``heard``, to the bit."""
    frames = [line[at : at + FRAME_BYTES] for at in range(0, 2 * samples(line), FRAME_BYTES)]
    spoken = [f for f in frames if len(f) == FRAME_BYTES and loudness(f) >= SPEECH_LEVEL]
    return sum(frame in heard for frame in spoken) / len(spoken) if spoken else 0.0
