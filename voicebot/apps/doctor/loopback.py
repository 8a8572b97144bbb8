"""A round trip: two externalMedia channels joined in Asterisk, a sound sent into one of them."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from voicebot.apps.doctor import tone
from voicebot.apps.doctor.finding import Check
from voicebot.apps.legs import forgive, named
from voicebot.apps.switchboard import Switchboard
from voicebot.ari.models import StasisStart
from voicebot.errors import AriError
from voicebot.media.audio import FRAME_SAMPLES
from voicebot.media.endpoint import RtpEndpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from voicebot.apps.doctor.finding import Finding
    from voicebot.apps.doctor.tone import Arrival
    from voicebot.ari.client import AriClient
    from voicebot.media.audio import Frame
    from voicebot.media.stream import MediaStream, MediaTransport

_SETTLING_S: Final = 0.2
# Asterisk's own sound, for the way from there to here alone.
_SOUND: Final = "tone:1004"

ROUND_TRIP = Check("round trip", "whether the caller and the bot hear each other")
_LATE_S: Final = 0.15
_INTACT: Final = 0.99


@dataclass(frozen=True, slots=True)
class Trip:
    """What became of the sound.

    ``received`` are packets that came from Asterisk, ``foreign`` those from an address that it did
    not name. ``stalls`` counts how often our own machine was held up.
    """

    arrival: Arrival | None
    received: int
    foreign: int
    jitter_s: float = 0.0
    stalls: int = 0


class Loopback:
    """Two channels in one bridge: what is sent into the first is heard from the second.

    ``ari`` is registered for ``app``; ``transport`` is started. The sound may be ``patience_s``
    late: more than any delay that a conversation survives. A channel enters Stasis within
    ``entry_s``.
    """

    def __init__(
        self,
        ari: AriClient,
        app: str,
        transport: MediaTransport,
        *,
        patience_s: float = 1.0,
        entry_s: float = 5.0,
    ) -> None:
        self._patience_s = patience_s
        self._entry_s = entry_s
        self._ari = ari
        self._app = app
        self._transport = transport
        self._board = Switchboard()
        # The receptionist clears away what has its own prefixes: these have not.
        mark = f"voicebot-doctor-{uuid4().hex}"
        self.bridge = mark
        self._channels = (f"{mark}-a", f"{mark}-b")
        self._streams: list[MediaStream] = []

    @asynccontextmanager
    async def open(self, *, wideband: bool) -> AsyncIterator[Loopback]:
        """Make channels and bridge; nothing is left. Raises ``AriError``, ``MediaError``."""
        listener = asyncio.create_task(self._listen())
        try:
            for channel_id in self._channels:
                await self._make(channel_id, wideband=wideband)
            await self._ari.bridges.create_with_id(self.bridge, type="mixing")
            await self._ari.bridges.add_channel(self.bridge, channel=self._channels)
            yield self
        finally:
            await asyncio.shield(self._leave())
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)

    async def travel(self) -> Trip:
        """Send the sound and listen for it; if it is lost, let Asterisk make one."""
        speaker, hearer = self._streams
        heard: list[tuple[Frame, float]] = []
        hearer.listen(lambda frame, now: heard.append((frame, now)))
        await asyncio.sleep(_SETTLING_S)
        begun, sent_at = time.monotonic(), list[float]()
        speaker.playout.play(tone.sweep())
        # Frames are heard of when they have been sent: the first one is the sound's beginning.
        speaker.playout.mark(sent_at.append, at=FRAME_SAMPLES)
        await asyncio.sleep(tone.SECONDS + self._patience_s)
        if sent_at and not isinstance(self._transport, RtpEndpoint):
            # Over a websocket the mark tells when Asterisk had played it, not when it left.
            sent_at[0] = begun
        arrival = tone.find(heard, sent_at[0]) if sent_at else None
        if arrival is None and not hearer.statistics().received:
            await self._let_asterisk_speak()
        statistics = hearer.statistics()
        return Trip(
            arrival,
            statistics.received,
            self._transport.foreign if isinstance(self._transport, RtpEndpoint) else 0,
            statistics.jitter,
            statistics.stalls,
        )

    async def dialplan_has(self, context: str, extension: str, priority: int = 1) -> bool:
        """Return whether the dialplan has this place. Raises ``AriError``."""
        answer = await self._ari.channels.get_channel_var(
            self._channels[0], variable=f"DIALPLAN_EXISTS({context},{extension},{priority})"
        )
        return answer.value == "1"

    async def _listen(self) -> None:
        async for event in self._ari.events():
            self._board.deliver(event)

    async def _make(self, channel_id: str, *, wideband: bool) -> None:
        ours = self._transport.external_media()
        with self._board.follow(channel_id) as events:
            channel = await self._ari.channels.external_media(
                app=self._app, channel_id=channel_id, **ours
            )
            # A websocket channel enters Stasis only once we are connected.
            stream = await self._transport.open(named(channel, ours), wideband=wideband)
            self._streams.append(stream)
            try:
                async with asyncio.timeout(self._entry_s):
                    while not isinstance(await events.get(), StasisStart):
                        pass
            except TimeoutError as error:
                raise AriError(f"{channel_id} did not enter Stasis({self._app})") from error

    async def _let_asterisk_speak(self) -> None:
        hearer = self._channels[1]
        await forgive(self._ari.bridges.remove_channel(self.bridge, channel=hearer))
        await forgive(self._ari.channels.play(hearer, media=_SOUND))
        await asyncio.sleep(self._patience_s)

    async def _leave(self) -> None:
        for stream in self._streams:
            await stream.close()
        for channel_id in self._channels:
            await forgive(self._ari.channels.hangup(channel_id))
        await forgive(self._ari.bridges.destroy(self.bridge))


def judge(trip: Trip, address: str | None) -> Finding:
    """Judge a trip between Asterisk and our media ``address``, ``None`` over a websocket."""
    arrival = trip.arrival
    if arrival is None:
        return _lost(trip, address)
    text = (
        f"a sound came back after {1000 * arrival.delay_s:.0f} ms, {100 * arrival.share:.0f} % "
        f"intact, jitter {1000 * trip.jitter_s:.1f} ms"
    )
    if arrival.share < _INTACT and trip.stalls:
        return ROUND_TRIP.warning(
            f"{text}; this machine was held up {trip.stalls} times",
            fix="give voicebot a core of its own: what else runs here takes its time",
        )
    if arrival.share < _INTACT:
        return ROUND_TRIP.warning(
            text, fix="packets are lost: use a wired network between voicebot and the PBX"
        )
    if arrival.delay_s > _LATE_S:
        return ROUND_TRIP.warning(text, fix="run voicebot nearer to the PBX; callers wait for it")
    return ROUND_TRIP.ok(text)


def _lost(trip: Trip, address: str | None) -> Finding:
    if address is None:
        return ROUND_TRIP.failed(
            "the websocket is open, but the sound does not come back",
            fix="see Asterisk's log of this moment; media.transport = rtp is the other way",
        )
    if trip.received:
        return ROUND_TRIP.failed(
            "Asterisk's audio reaches us, ours does not reach Asterisk",
            fix="let the firewall of the PBX accept UDP from this machine to the RTP ports of "
            "rtp.conf",
            mikopbx="Network and firewall → Firewall: allow RTP for this machine's address",
        )
    if trip.foreign:
        return ROUND_TRIP.failed(
            f"packets come from another address than the one that Asterisk names "
            f"({trip.foreign} so far)",
            fix="there is address translation between voicebot and the PBX: connect them directly "
            "or by VPN, or set media.transport = websocket",
        )
    return ROUND_TRIP.failed(
        f"nothing from Asterisk reaches us at {address}",
        fix=f"let this machine's firewall accept UDP at {address}; if Asterisk reaches this "
        "machine at another address, set media.advertise to that",
    )
