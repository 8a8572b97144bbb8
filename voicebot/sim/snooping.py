"""``POST /channels/{channelId}/snoop``: a channel that overhears another one, or whispers to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from voicebot.media.audio import FRAME_SECONDS
from voicebot.sim import calls, dialling
from voicebot.sim.bridge import mix
from voicebot.sim.channel import Party
from voicebot.sim.refusal import Refusal
from voicebot.sim.request import Answer

if TYPE_CHECKING:
    from voicebot.media.audio import Frame
    from voicebot.sim.channel import Channel
    from voicebot.sim.request import Request

Way: TypeAlias = Literal["in", "out"]
"""``in`` is what the party at the channel says, ``out`` what it hears."""

_WAYS: Final = {
    "": frozenset[Way](),
    "none": frozenset[Way](),
    "in": frozenset[Way]({"in"}),
    "out": frozenset[Way]({"out"}),
    "both": frozenset[Way]({"in", "out"}),
}


class SnoopLeg:
    """Says what is said and heard at ``spied``, and whispers there what it hears itself.

    Both a tick later. Others who snoop on the same channel do not hear the whispers.
    """

    def __init__(self, spied: Channel, spy: frozenset[Way], whisper: frozenset[Way]) -> None:
        self._spied = spied
        self._spy = spy
        self._whisper = whisper
        self._overheard: Frame | None = None
        self._whispered: Frame | None = None
        spied.snoops.append(self)

    def overhear(self, said: Frame | None, heard: Frame | None) -> None:
        """Take what is said and heard at the spied channel in this tick."""
        frames = (said if "in" in self._spy else None, heard if "out" in self._spy else None)
        self._overheard = mix([frame for frame in frames if frame is not None])

    def whispers(self, way: Way) -> Frame | None:
        """Return what is to be added to what goes this way at the spied channel."""
        return self._whispered if way in self._whisper else None

    def speak(self) -> Frame | None:
        """Return what was overheard; nothing where nothing was sent."""
        overheard, self._overheard = self._overheard, None
        return overheard

    def hear(self, frame: Frame | None) -> None:
        """Take what is to be whispered."""
        self._whispered = frame

    def close(self) -> None:
        """Leave the spied channel alone."""
        self._spied.snoops.remove(self)


def whisper(channel: Channel, way: Way, frame: Frame | None) -> Frame | None:
    """Return ``frame``, which goes this way at ``channel``, with what is whispered there."""
    if not channel.snoops:
        return frame
    frames = (frame, *(snoop.whispers(way) for snoop in channel.snoops))
    return mix([each for each in frames if each is not None])


def handle(request: Request) -> Answer:
    """Make the channel, answer, and let it enter its application; it ends with the spied one."""
    exchange, app = request.exchange, request.get("app")
    spied = _spied(request)
    spy, whispering = _ways(request, "spy"), _ways(request, "whisper")
    if not spy and not whispering:
        raise Refusal(400, "Direction must be specified for at least spy or whisper")
    if not app:
        raise Refusal(400, "Application name is required")
    channel_id = request.path.get("snoopId") or request.get("snoopId")
    if channel_id in exchange.channels:
        raise Refusal(500, "Snoop channel could not be created")
    name = f"Snoop/{spied.id}-{exchange.number():08x}"
    leg = SnoopLeg(spied, spy, whispering)
    channel = dialling.new_channel(
        exchange, name, leg, channel_id=channel_id, caller=Party(), state="Up"
    )
    channel.watchers.add(app)
    arguments = request.arguments()

    def enter() -> None:
        # Where nobody listens to the application, the channel stays all the same.
        if exchange.channels.get(channel.id) is channel:
            calls.enter_stasis(exchange, channel, app, arguments)

    def end() -> None:
        calls.hang_up(exchange, channel, 0, requested=None)

    def end_soon(_cause: int) -> None:
        # Asterisk's thread notices at its next tick.
        exchange.agenda.after(FRAME_SECONDS, end)

    spied.ended.append(end_soon)
    exchange.soon(enter)
    return Answer(channel.describe())


def _spied(request: Request) -> Channel:
    try:
        return request.exchange.channels[request.path["channelId"]]
    except KeyError:
        raise Refusal(404, "Provided channel was not found") from None


def _ways(request: Request, parameter: str) -> frozenset[Way]:
    try:
        return _WAYS[request.get(parameter)]
    except KeyError:
        raise Refusal(400, f"Invalid direction specified for {parameter}") from None
