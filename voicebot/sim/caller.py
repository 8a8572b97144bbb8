"""A simulated caller, as tests, benches and the demonstration use it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from voicebot.sim import calls, devices, dialling
from voicebot.sim.caller_leg import CallerLeg
from voicebot.sim.script import Performance, ScriptTimeoutError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicebot.media.audio import Pcm
    from voicebot.sim.channel import Channel, Party
    from voicebot.sim.dialplan import Extension
    from voicebot.sim.exchange import Exchange
    from voicebot.sim.recording import Recording
    from voicebot.sim.script import Step


class SimCaller:
    """One call into the simulated PBX, from the caller's side. Times are seconds since it began."""

    def __init__(self, exchange: Exchange, channel: Channel, leg: CallerLeg) -> None:
        self._exchange = exchange
        self._channel = channel
        self._leg = leg
        self._end: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        channel.ended.append(self._end.set_result)

    @property
    def channel(self) -> Channel:
        """The caller's channel in the PBX."""
        return self._channel

    @property
    def recording(self) -> Recording:
        """What was said and heard so far."""
        return self._leg.recording

    @property
    def now(self) -> float:
        """The caller's clock."""
        return self._leg.now

    @property
    def heard_at(self) -> float | None:
        """When the caller last heard somebody speak; ``None``: not yet."""
        return self._leg.heard_at

    @property
    def speaking(self) -> bool:
        """Whether the caller is still saying something."""
        return self._leg.speaking

    @property
    def ended(self) -> bool:
        """Whether the call is over."""
        return self._end.done()

    def say(self, pcm: Pcm, text: str = "") -> None:
        """Begin to say ``pcm`` (slin16); ``text`` labels it in the recording."""
        self._leg.say(pcm, text)

    def hold(self, *, on: bool = True) -> None:
        """Put the other side on hold: no packets come from this phone until it is off again."""
        self._leg.on_hold = on
        self._exchange.emit("ChannelHold" if on else "ChannelUnhold", self._channel)

    def dtmf(self, digits: str) -> None:
        """Press keys, 100 ms each."""
        for digit in digits:
            self._exchange.emit("ChannelDtmfReceived", self._channel, digit=digit, duration_ms=100)

    def hang_up(self) -> None:
        """End the call. Ending it twice is allowed."""
        calls.hang_up(self._exchange, self._channel)

    async def wait_for_end(self) -> int:
        """Wait until the call is over, whoever ended it; return the cause (Q.850)."""
        return await asyncio.shield(self._end)

    async def perform(self, steps: Sequence[Step]) -> Recording:
        """Play ``steps`` on the media clock; return the recording when the last one is done.

        Raises ``ScriptTimeoutError`` when the other side doesn't do what a step waits for.
        """
        performance = Performance(steps, self)
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def advance() -> None:
            if not done.done():
                _advance(performance, done)

        def end() -> None:
            """Let the step that waits for the end go on; the script must be over with it."""
            advance()
            if not done.done():
                done.set_exception(ScriptTimeoutError("the call ended before the script"))

        self._leg.on_tick = advance

        def ended(_cause: int) -> None:
            # Later, because a step of this very script may be what ends the call.
            loop.call_soon(end)

        self._channel.ended.append(ended)
        await done
        return self.recording


def place_call(
    exchange: Exchange,
    target: Extension | None,
    caller: Party,
    *,
    extension: str = "s",
    wideband: bool = True,
    record: bool = True,
) -> SimCaller:
    """Let a phone call in and do what ``target`` says; an unknown extension ends the call."""
    leg = CallerLeg(exchange.agenda, wideband=wideband, record=record)
    name = f"PJSIP/{caller.number}-{exchange.number():08x}"
    channel = dialling.new_channel(exchange, name, leg, caller=caller)
    channel.wideband = wideband
    channel.state = "Ring"
    devices.tell(exchange, channel)
    channel.position.exten = extension
    sim_caller = SimCaller(exchange, channel, leg)
    dialling.execute(exchange, channel, target)
    return sim_caller


def _advance(performance: Performance, done: asyncio.Future[None]) -> None:
    """Move the script on by one tick, and tell ``done`` when it is over."""
    try:
        performance.advance()
    except ScriptTimeoutError as error:
        done.set_exception(error)
        return
    if performance.done:
        done.set_result(None)
