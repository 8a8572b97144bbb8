"""The parts that make up the simulated PBX, and what is in it now."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from voicebot.sim.refusal import Refusal
from voicebot.sim.rtp_leg import RtpLeg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from voicebot.media.audio import Pcm
    from voicebot.sim.agenda import Agenda
    from voicebot.sim.bridge import Bridge
    from voicebot.sim.channel import Channel
    from voicebot.sim.dialling import Attempt
    from voicebot.sim.dialplan import Dialplan
    from voicebot.sim.hub import EventHub
    from voicebot.sim.playback import Playback
    from voicebot.sim.rtp_leg import RtpCounters


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Ids of what is in the PBX; false when there is nothing."""

    channels: tuple[str, ...]
    bridges: tuple[str, ...]
    playbacks: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.channels or self.bridges or self.playbacks)


@dataclass(eq=False, slots=True)
class Exchange:
    """All state of the simulated PBX. What happens to it is in the modules beside this one.

    ``open_rtp`` makes the socket of an externalMedia channel from ``external_host`` and ``format``;
    ``soon`` does something when the request at hand has been answered.
    """

    hub: EventHub
    agenda: Agenda
    dialplan: Dialplan
    sounds: Mapping[str, Pcm]
    modules: set[str]
    open_rtp: Callable[[str, str], RtpLeg]
    soon: Callable[[Callable[[], None]], None]
    context: str = "internal"
    channels: dict[str, Channel] = field(default_factory=dict)
    bridges: dict[str, Bridge] = field(default_factory=dict)
    playbacks: dict[str, Playback] = field(default_factory=dict)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    globals: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def number(self) -> int:
        """Return a number that was not given out before."""
        return next(self._numbers)

    def new_id(self) -> str:
        """Return an id as Asterisk makes them when the client names none."""
        return f"1700000000.{self.number()}"

    def channel(self, channel_id: str) -> Channel:
        """Return a channel. Raises ``Refusal`` 404."""
        try:
            return self.channels[channel_id]
        except KeyError:
            raise Refusal(404, "Channel not found") from None

    def stasis_channel(self, channel_id: str) -> Channel:
        """Return a channel that is in a Stasis application. Raises ``Refusal`` 404 or 409."""
        channel = self.channel(channel_id)
        if channel.stasis is None:
            raise Refusal(409, "Channel not in Stasis application")
        return channel

    def bridge(self, bridge_id: str) -> Bridge:
        """Return a bridge. Raises ``Refusal`` 404."""
        try:
            return self.bridges[bridge_id]
        except KeyError:
            raise Refusal(404, "Bridge not found") from None

    def playback(self, playback_id: str) -> Playback:
        """Return a playback. Raises ``Refusal`` 404."""
        try:
            return self.playbacks[playback_id]
        except KeyError:
            raise Refusal(404, "Playback not found") from None

    def rtp_counters(self, channel_id: str) -> RtpCounters:
        """Return the packet counts of an externalMedia channel. Raises ``Refusal`` 404 or 409."""
        leg = self.channel(channel_id).leg
        if not isinstance(leg, RtpLeg):
            raise Refusal(409, "Channel has no RTP")
        return leg.counters

    def leftovers(self) -> Leftovers:
        """Return what is in the PBX now."""
        return Leftovers(tuple(self.channels), tuple(self.bridges), tuple(self.playbacks))

    def set_variable(self, channel: Channel, name: str, value: str) -> None:
        """Set a channel variable and say so."""
        channel.variables[name] = value
        self.emit("ChannelVarset", channel, variable=name, value=value)

    def emit(self, event: str, channel: Channel, **fields: Any) -> None:  # noqa: ANN401 - JSON
        """Tell the applications that watch ``channel``."""
        fields["channel"] = channel.describe()
        self.hub.publish(event, channel.watchers, fields)
