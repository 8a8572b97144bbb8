"""Conversations of a simulated caller, as data: a list of steps.

A step is begun once and then asked at each tick whether it is done, so that a caller's timing is
exact to 20 ms however busy the event loop is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicebot.media.audio import Pcm


class Stage(Protocol):
    """What a step can see and do. Times are seconds since the caller's phone was answered."""

    @property
    def now(self) -> float:
        """The time of this tick."""
        ...

    @property
    def heard_at(self) -> float | None:
        """When the other side was last heard to speak; ``None``: not yet."""
        ...

    @property
    def speaking(self) -> bool:
        """Whether the caller is still saying something."""
        ...

    @property
    def ended(self) -> bool:
        """Whether the call is over."""
        ...

    def say(self, pcm: Pcm, text: str = "") -> None:
        """Begin to say ``pcm``, slin16."""
        ...

    def dtmf(self, digits: str) -> None:
        """Press keys."""
        ...

    def hang_up(self) -> None:
        """End the call."""
        ...


class ScriptTimeoutError(Exception):
    """The other side did not do what a step waited for."""


class Step(Protocol):
    """One thing that a caller does, or waits for."""

    def play(self, stage: Stage) -> Iterator[None]:
        """Yield once a tick until done. Raises ``ScriptTimeoutError``."""
        ...


@dataclass(frozen=True, slots=True)
class Say:
    """Say ``pcm`` (slin16) to its end, whether the other side speaks or not."""

    pcm: Pcm
    text: str = ""

    def play(self, stage: Stage) -> Iterator[None]:
        """Speak until the last sample is out."""
        stage.say(self.pcm, self.text)
        while stage.speaking:
            yield


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait ``seconds``."""

    seconds: float

    def play(self, stage: Stage) -> Iterator[None]:
        """Wait."""
        until = stage.now + self.seconds
        while stage.now < until:
            yield


@dataclass(frozen=True, slots=True)
class WaitForSpeech:
    """Wait until the other side begins to speak, and ``seconds`` more: the time to interrupt it."""

    seconds: float = 0.0
    timeout: float = 15.0

    def play(self, stage: Stage) -> Iterator[None]:
        """Wait for the first sound after now."""
        begun = stage.now
        while stage.heard_at is None or stage.heard_at < begun:
            _check(self, stage, begun + self.timeout)
            yield
        yield from Pause(self.seconds).play(stage)


@dataclass(frozen=True, slots=True)
class WaitForQuiet:
    """Wait until the other side has spoken and has then been silent for ``seconds``."""

    seconds: float = 0.7
    timeout: float = 30.0

    def play(self, stage: Stage) -> Iterator[None]:
        """Wait for speech, then for silence."""
        begun = stage.now
        while (
            stage.heard_at is None
            or stage.heard_at < begun
            or stage.now - stage.heard_at < self.seconds
        ):
            _check(self, stage, begun + self.timeout)
            yield


@dataclass(frozen=True, slots=True)
class Dtmf:
    """Press keys."""

    digits: str

    def play(self, stage: Stage) -> Iterator[None]:
        """Press them all in this tick."""
        stage.dtmf(self.digits)
        yield from ()


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""

    def play(self, stage: Stage) -> Iterator[None]:
        """Hang up, and be done in the same tick."""
        stage.hang_up()
        yield from ()


@dataclass(frozen=True, slots=True)
class WaitForEnd:
    """Wait until the other side ends the call."""

    timeout: float = 30.0

    def play(self, stage: Stage) -> Iterator[None]:
        """Wait for the end."""
        until = stage.now + self.timeout
        while not stage.ended:
            if stage.now >= until:
                raise ScriptTimeoutError(f"{self}: the call is still up")
            yield


def _check(step: Step, stage: Stage, until: float) -> None:
    if stage.ended:
        raise ScriptTimeoutError(f"{step}: the call ended")
    if stage.now >= until:
        raise ScriptTimeoutError(f"{step}: nothing came")


class Performance:
    """Plays ``steps`` one after the other, moved on by ``advance`` once a tick."""

    def __init__(self, steps: Sequence[Step], stage: Stage) -> None:
        self._running = _in_turn(steps, stage)
        self.done = False

    def advance(self) -> None:
        """Do what is to be done in this tick. Raises ``ScriptTimeoutError``."""
        self.done = self.done or next(self._running, _END) is _END


_END = object()


def _in_turn(steps: Sequence[Step], stage: Stage) -> Iterator[None]:
    for step in steps:
        yield from step.play(stage)
