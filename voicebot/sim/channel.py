"""Channels of the simulated PBX, as ``GET /channels`` describes them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicebot.media.audio import Frame
    from voicebot.sim.bridge import Bridge
    from voicebot.sim.playback import Playback
    from voicebot.sim.snooping import SnoopLeg

ChannelState: TypeAlias = Literal["Down", "Ring", "Ringing", "Up"]
Indication: TypeAlias = Literal["", "ringing", "moh", "silence"]

CAUSES = {
    0: "Unknown",
    1: "Unallocated (unassigned) number",
    3: "No route to destination",
    16: "Normal Clearing",
    17: "User busy",
    18: "No user responding",
    19: "User alerting, no answer",
    20: "Subscriber absent",
    21: "Call Rejected",
    26: "Answered elsewhere",
    27: "Destination out of order",
    34: "Circuit/channel congestion",
    38: "Network out of order",
    127: "Interworking, unspecified",
}
"""Hang-up causes (Q.850) with Asterisk's texts."""

HANGUP_REASONS = {
    "normal": 16,
    "busy": 17,
    "congestion": 34,
    "no_answer": 19,
    "timeout": 38,
    "rejected": 21,
    "unallocated": 1,
    "normal_unspecified": 31,
    "number_incomplete": 28,
    "codec_mismatch": 127,
    "interworking": 127,
    "failure": 38,
    "answered_elsewhere": 26,
}
"""``reason`` of ``DELETE /channels/{channelId}``."""


class Leg(Protocol):
    """The far end of a channel: a phone, a simulated colleague, an RTP socket."""

    def speak(self) -> Frame | None:
        """Return what this end says in this tick; ``None`` when it sends nothing at all."""
        ...

    def hear(self, frame: Frame | None) -> None:
        """Take what this end hears in this tick; ``None`` when nothing comes."""
        ...

    def close(self) -> None:
        """Release everything: the channel is gone."""
        ...


class SilentLeg:
    """A channel with nobody at its end, such as the far half of a Local channel."""

    def speak(self) -> Frame | None:
        """Say nothing."""
        return None

    def hear(self, frame: Frame | None) -> None:
        """Listen to nothing."""

    def close(self) -> None:
        """Have nothing to release."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who is at one end of a call."""

    number: str = ""
    name: str = ""

    @classmethod
    def parse(cls, caller_id: str) -> Party:
        """Read ``Name <number>`` or a bare number, as ``callerId`` of originate is written."""
        name, bracket, rest = caller_id.partition("<")
        if bracket:
            return cls(rest.rstrip("> "), name.strip(' "'))
        return cls(caller_id.strip())

    def describe(self) -> dict[str, str]:
        """Return ARI's ``CallerID``."""
        return {"name": self.name, "number": self.number}


@dataclass(slots=True)
class Position:
    """Where in the dialplan a channel is."""

    context: str = "internal"
    exten: str = "s"
    priority: int = 1
    app_name: str = ""
    app_data: str = ""

    def describe(self) -> dict[str, Any]:
        """Return ARI's ``DialplanCEP``."""
        return {
            "context": self.context,
            "exten": self.exten,
            "priority": self.priority,
            "app_name": self.app_name,
            "app_data": self.app_data,
        }


@dataclass(eq=False, slots=True)
class Channel:
    """One channel. ``watchers`` are the applications that are told what happens to it.

    ``linked_id`` is the id of the channel with which its call began, its own where it is empty;
    ``snoops`` are the ends of the channels that snoop on it.
    """

    id: str
    name: str
    created: str
    leg: Leg
    state: ChannelState = "Down"
    caller: Party = Party()
    connected: Party = Party()
    position: Position = field(default_factory=Position)
    wideband: bool = True
    variables: dict[str, str] = field(default_factory=dict)
    channelvars: tuple[str, ...] = ()
    stasis: str | None = None
    watchers: set[str] = field(default_factory=set)
    bridge: Bridge | None = None
    indication: Indication = ""
    muted: set[str] = field(default_factory=set)
    playbacks: deque[Playback] = field(default_factory=deque)
    relatives: list[Channel] = field(default_factory=list)
    linked_id: str = ""
    snoops: list[SnoopLeg] = field(default_factory=list)
    fallback: str = ""
    ended: list[Callable[[int], None]] = field(default_factory=list)

    def describe(self) -> dict[str, Any]:
        """Return ARI's ``Channel``."""
        described: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "protocol_id": "",
            "caller": self.caller.describe(),
            "connected": self.connected.describe(),
            "accountcode": "",
            "dialplan": self.position.describe(),
            "creationtime": self.created,
            "language": "en",
        }
        if self.channelvars:
            described["channelvars"] = {name: self.variables[name] for name in self.channelvars}
        return described

    def variable(self, name: str) -> str | None:
        """Return a variable or a dialplan function's value, ``None`` where there is none."""
        codec = "g722" if self.wideband else "alaw"
        functions = {
            "CHANNEL(state)": self.state,
            "CHANNEL(name)": self.name,
            "CHANNEL(linkedid)": self.linked_id or self.id,
            "CHANNEL(language)": "en",
            "CHANNEL(audionativeformat)": f"({codec})",
            "CHANNEL(audioreadformat)": codec,
            "CHANNEL(audiowriteformat)": codec,
            "CALLERID(num)": self.caller.number,
            "CALLERID(name)": self.caller.name,
        }
        return functions.get(name, self.variables.get(name))
