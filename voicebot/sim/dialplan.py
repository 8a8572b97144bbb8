"""Who can be reached at the simulated PBX: extensions as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from voicebot.media.audio import Pcm

Outcome: TypeAlias = Literal["answers", "busy", "refuses", "never", "offline"]

FAILURES: Mapping[Outcome, tuple[int, str]] = {
    "busy": (17, "BUSY"),
    "refuses": (21, "NOANSWER"),
    "never": (19, "NOANSWER"),
    "offline": (3, "CHANUNAVAIL"),
}
"""Hang-up cause and ``dialstatus`` of each way in which a phone is not reached."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A colleague's phone and what happens when it is called.

    ``after`` is how many seconds it rings before the outcome (``never`` and ``offline`` need none).
    One who answers says ``says`` (slin16) once, sends back what it hears where ``echo`` is set, and
    hangs up ``hangs_up_after`` seconds after answering.
    """

    outcome: Outcome = "answers"
    after: float = 0.5
    says: Pcm = b""
    echo: bool = False
    hangs_up_after: float | None = None
    wideband: bool = True


@dataclass(frozen=True, slots=True)
class StasisExtension:
    """``Answer()``, ``Stasis(app,args…)`` and what follows it: ``fallback``, or the end.

    A call comes to the extension ``fallback`` when nobody listens to ``app``, and when the
    application hands it back.
    """

    app: str
    args: tuple[str, ...] = ()
    fallback: str = ""


Extension: TypeAlias = Phone | StasisExtension
Dialplan: TypeAlias = Mapping[str, Extension]

DIAL_STATUS: Mapping[int, str] = dict(FAILURES.values())
"""``dialstatus`` of each of these causes."""

OFFICE: Dialplan = {
    "201": Phone(after=0.5, echo=True),
    "202": Phone("busy", after=0.2),
    "203": Phone("never"),
    "204": Phone("refuses", after=0.3),
    "205": Phone("offline"),
    "bot": StasisExtension("voicebot", fallback="201"),
}
"""An office for demonstrations: every outcome has an extension."""
