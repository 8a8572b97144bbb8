"""Hello: every caller hears a sound, and the call ends. The smallest application there is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from voicebot.ari import AriClient, Connected
from voicebot.ari.models import PlaybackFinished, StasisEnd, StasisStart
from voicebot.errors import AriError, AriNotFoundError

if TYPE_CHECKING:
    from voicebot.config import AriSettings

log = structlog.get_logger(__name__)

APP = "hello-world"
SOUND = "sound:hello-world"


async def run(settings: AriSettings, *, app: str = APP, sound: str = SOUND) -> None:
    """Serve the callers of the Stasis application ``app`` until cancelled.

    ``settings.app`` is not used: hello has a name of its own. Whatever ends this, no caller is left
    waiting in silence. Raises ``AriError`` as ``AriClient`` does.
    """
    async with AriClient(
        settings.url,
        settings.username,
        settings.password.get_secret_value(),
        app=app,
        ca_file=settings.ca_file,
        timeout_s=settings.timeout_s,
    ) as ari:
        hello = Hello(ari, sound)
        try:
            await ari.run()
        finally:
            await hello.close()


class Hello:
    """Greets the callers of an open client's application."""

    def __init__(self, ari: AriClient, sound: str) -> None:
        self._ari = ari
        self._sound = sound
        self._callers: set[str] = set()
        ari.on(Connected)(self._adopt)
        ari.on(StasisStart)(self._enter)
        ari.on(PlaybackFinished)(self._played)
        ari.on(StasisEnd)(self._leave)

    async def close(self) -> None:
        """Hang up all callers."""
        await asyncio.gather(*[self._hang_up(caller) for caller in self._callers.copy()])

    async def _adopt(self, event: Connected) -> None:
        # Callers of a gap, or of a run that was killed: the end of their sound is not told again.
        self._callers &= set(event.application.channel_ids)
        for caller in event.application.channel_ids:
            await self._greet(caller)

    async def _enter(self, event: StasisStart) -> None:
        await self._greet(event.channel.id)

    async def _greet(self, caller: str) -> None:
        self._callers.add(caller)
        try:
            await self._ari.channels.answer(caller)
            await self._ari.channels.play(caller, media=self._sound)
        except AriError as error:
            log.warning("a caller cannot be greeted", channel=caller, reason=str(error))
            await self._hang_up(caller)

    async def _played(self, event: PlaybackFinished) -> None:
        if event.playback.state == "failed":
            log.warning("a sound was not played", sound=event.playback.media_uri)
        caller = event.playback.target_uri.removeprefix("channel:")
        if caller in self._callers:
            await self._hang_up(caller)

    async def _leave(self, event: StasisEnd) -> None:
        self._callers.discard(event.channel.id)

    async def _hang_up(self, caller: str) -> None:
        self._callers.discard(caller)
        try:
            await self._ari.channels.hangup(caller)
        except AriNotFoundError:
            return  # the caller was quicker
        except AriError as error:
            log.warning("a caller may still be waiting", channel=caller, reason=str(error))
