"""A whole PBX in a few lines: ARI on HTTP, RTP on loopback, phones that are simulated."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final, Self

from aiohttp import web

from voicebot.media.clock import MediaClock
from voicebot.sim import calls, mixing, tones
from voicebot.sim.agenda import Agenda
from voicebot.sim.caller import SimCaller, place_call
from voicebot.sim.channel import Party
from voicebot.sim.dialplan import OFFICE, Phone, StasisExtension
from voicebot.sim.exchange import Exchange
from voicebot.sim.faults import Faults
from voicebot.sim.hub import EventHub
from voicebot.sim.rest_system import ALL_MODULES
from voicebot.sim.rtp_leg import FORMATS, RtpLeg
from voicebot.sim.web import AriServer

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Collection, Mapping
    from types import TracebackType

    from voicebot.media.audio import Pcm
    from voicebot.sim.dialplan import Dialplan
    from voicebot.sim.exchange import Leftovers

SOUNDS: Mapping[str, Pcm] = {
    "hello-world": tones.tone(440, 1.0),
    "beep": tones.tone(1000, 0.2),
}
"""Sounds that the PBX can play when it is given none: tones that stand for them."""


class SimulatedPbx:
    """A simulated Asterisk for programs that speak ARI.

    Such as the unchanged receptionist::

        async with SimulatedPbx(username="bot", password="secret") as pbx:
            ...  # connect a program to pbx.url
            caller = await pbx.call("voicebot")
            await caller.perform([WaitForQuiet(), Say(pcm), WaitForQuiet(), HangUp()])

    It listens on ``host`` and a port of the system's choice unless ``port`` names one, and runs in
    real time; with ``real_time=False`` time passes only in ``advance``. ``dialplan`` says who can
    be reached; ``modules`` are loaded, as ``GET /asterisk/modules`` lists them: without
    ``chan_rtp.so`` there is no externalMedia. ``faults`` is what goes wrong, also later: add to it.
    ``exchange`` is all that is in the PBX.
    """

    def __init__(
        self,
        *,
        username: str = "voicebot",
        password: str = "secret",  # noqa: S107 - a PBX on loopback that holds nothing
        prefix: str = "asterisk",
        host: str = "127.0.0.1",
        port: int = 0,
        dialplan: Dialplan = OFFICE,
        sounds: Mapping[str, Pcm] = SOUNDS,
        faults: Faults | None = None,
        modules: Collection[str] = ALL_MODULES,
        real_time: bool = True,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.faults: Final = faults or Faults()
        self._host, self._port, self._tls = host, port, tls
        self._prefix = prefix.strip("/")
        self.exchange: Final = Exchange(
            hub=EventHub(),
            agenda=Agenda(),
            dialplan=dialplan,
            sounds=sounds,
            modules=set(modules),
            open_rtp=partial(_open_rtp, host, self.faults),
            soon=self._soon,
        )
        users = {username: password}
        self._server = AriServer(self.exchange, self.faults, users=users, prefix=self._prefix)
        self._runner: web.AppRunner | None = None
        self._clock = MediaClock() if real_time else None
        self._last_tick: int | None = None

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(
            self._server.application(), access_log=None, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, ssl_context=self._tls)
        await site.start()
        self._port = self._runner.addresses[0][1]
        if self._clock is not None:
            self._clock.add(self._tick)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._clock is not None:
            self._clock.stop()
        for channel in tuple(self.exchange.channels.values()):
            calls.hang_up(self.exchange, channel)
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The base URL of ARI, without ``/ari``: what ``VOICEBOT_ARI__URL`` wants."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{self._host}:{self._port}/{self._prefix}".rstrip("/")

    async def call(
        self,
        app: str,
        *,
        number: str = "100",
        name: str = "",
        fallback: str = "",
        wideband: bool = True,
        record: bool = True,
    ) -> SimCaller:
        """Call in, be answered and enter the Stasis application ``app``.

        Where nobody listens to ``app``, or it hands the call back, the call goes to the extension
        ``fallback``, or ends.
        """
        caller = Party(number, name)
        target = StasisExtension(app, fallback=fallback)
        return place_call(self.exchange, target, caller, wideband=wideband, record=record)

    async def dial(
        self,
        extension: str,
        *,
        number: str = "100",
        name: str = "",
        wideband: bool = True,
        record: bool = True,
    ) -> SimCaller:
        """Call ``extension`` of the dialplan."""
        target = self.exchange.dialplan.get(extension)
        caller = Party(number, name)
        return place_call(
            self.exchange, target, caller, extension=extension, wideband=wideband, record=record
        )

    def engage(self, extension: str, seconds: float) -> None:
        """Let somebody talk on the phone ``extension`` for ``seconds`` from now."""
        caller = Party(extension)
        talk = place_call(self.exchange, Phone("never"), caller, extension="talk", record=False)
        self.exchange.agenda.after(seconds, talk.hang_up)

    async def wait_for_app(self, app: str, *, within: float = 10.0) -> None:
        """Wait until ``app`` is connected. Raises ``TimeoutError`` after ``within`` seconds."""
        hub, connected = self.exchange.hub, asyncio.Event()

        def listen(name: str) -> None:
            if name == app:
                connected.set()

        hub.on_connect.append(listen)
        try:
            if not hub.is_connected(app):
                await asyncio.wait_for(connected.wait(), within)
        finally:
            hub.on_connect.remove(listen)

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass at once, in a PBX that doesn't run in real time."""
        until = self.exchange.agenda.now + seconds
        while self.exchange.agenda.now + 1e-9 < until:
            mixing.pass_tick(self.exchange)

    def drop_websocket(self, app: str) -> None:
        """Break the events websocket of ``app``, as a lost network does."""
        self._server.drop_websocket(app)

    def leftovers(self) -> Leftovers:
        """Return what is in the PBX: nothing, when every call was taken down properly."""
        return self.exchange.leftovers()

    def _soon(self, action: Callable[[], None]) -> None:
        if self.faults.entry_seconds > 0:
            self.exchange.agenda.after(self.faults.entry_seconds, action)
        else:
            asyncio.get_running_loop().call_soon(action)

    def _tick(self, _now: float, number: int) -> None:
        missed = 0 if self._last_tick is None else number - self._last_tick - 1
        self._last_tick = number
        mixing.pass_tick(self.exchange, missed=missed)


def _open_rtp(host: str, faults: Faults, remote: str, format_: str) -> RtpLeg:
    remote_host, _, remote_port = remote.rpartition(":")
    return RtpLeg(
        host,
        (remote_host, int(remote_port)),
        payload_type=FORMATS[format_],
        outbound=faults.outbound(),
        inbound=faults.inbound(),
    )
