"""What a scripted conversation is made of: what is said and done, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from voicebot.apps.demo.checks import Check
    from voicebot.sim.script import Step


@dataclass(frozen=True, slots=True)
class Line:
    """Something that the caller says; ``answered``: the bot is expected to answer it."""

    text: str
    answered: bool = True


@dataclass(frozen=True, slots=True)
class Meets:
    """Wait for the directory's ``key`` to lift the phone, who then says ``lines`` in turn."""

    key: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnCall:
    """The directory's ``key`` talks with somebody else for ``seconds`` from now."""

    key: str
    seconds: float


Act: TypeAlias = "Line | Meets | OnCall | Step"


@dataclass(frozen=True, slots=True)
class Conversation:
    """One call, from its beginning to its end, and what must come of it.

    ``clear_voice``: the caller says what only a natural voice makes understood.
    """

    name: str
    title: str
    acts: tuple[Act, ...]
    checks: tuple[Check, ...]
    clear_voice: bool = False
