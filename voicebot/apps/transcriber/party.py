"""One party of a call: captured and heard until it leaves."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from voicebot.apps.doctor.advice import advice_for
from voicebot.apps.transcriber.capture import Capture
from voicebot.apps.transcriber.feed import Feed
from voicebot.apps.transcriber.quality import Quality
from voicebot.apps.transcriber.tracker import device_of
from voicebot.ari.models import ChannelDestroyed, ChannelLeftBridge
from voicebot.errors import AriError, AriNotFoundError, VoicebotError
from voicebot.media.audio import FRAME_SAMPLES, SAMPLE_RATE, SILENCE
from voicebot.records.events import PartyJoined, PartyLeft

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicebot.apps.transcriber.studio import Hearing, Studio
    from voicebot.ari.models import Channel, Message
    from voicebot.media.audio import Frame

_log = structlog.get_logger(__name__)

# A capture that breaks off although its party is still there is replaced, but not for ever.
_AGAIN_S: Final = 1.0
_TRIES: Final = 5


class Party:
    """``channel`` as the party ``name`` of ``call``.

    ``position(now)`` returns the position in the call at a monotonic time; ``note`` is what is to
    be remembered of the party. While ``hushed`` is set the party is heard as silence. Whatever
    fails costs this party's texts only.
    """

    def __init__(
        self,
        studio: Studio,
        channel: Channel,
        *,
        call: str,
        name: str,
        position: Callable[[float], int],
        note: str,
    ) -> None:
        self.hushed = False
        self._name = name
        self._channel = channel
        self._joined = False
        self._deaf = False
        self._studio = studio
        self._call = call
        self._position = position
        self._note = note
        self._captures: list[Capture] = []
        self._ear: Hearing | None = None
        self._feed: Feed | None = None
        self._late = asyncio.Event()
        self._quality = Quality()
        self._after = 0
        self._finishing: list[asyncio.Task[None]] = []

    @property
    def ids(self) -> frozenset[str]:
        """The ids of what this has in Asterisk."""
        return frozenset().union(*(capture.ids for capture in self._captures))

    async def attend(self) -> None:
        """Hear the party until cancelled, or until it cannot be heard any more.

        ``close`` tidies up.
        """
        try:
            for _ in range(_TRIES):
                await self._listen()
                # The party left, and is about to be cancelled here; or its channel was replaced.
                await asyncio.sleep(_AGAIN_S)
                _log.info("listening broke off, and begins again", channel=self._channel.id)
        except AriNotFoundError:
            # Gone between two requests of the set-up: nobody is left to hear.
            pass
        except VoicebotError as error:
            advice = advice_for(error) if isinstance(error, AriError) else ""
            _log.error(
                "party cannot be heard", channel=self._channel.id, reason=str(error), advice=advice
            )

    async def close(self) -> None:
        """Leave nothing in Asterisk; return when what was heard is in the sink."""
        await self._close_captures()
        position = self._position(self._studio.clock()) if self._joined else 0
        await self._retire_ear()
        await asyncio.gather(*self._finishing)
        if self._joined:
            _log.info("party left", call=self._call, party=self._name, **self._quality.summary())
            self._studio.sink.put(PartyLeft(self._call, self._name, position))

    async def _listen(self) -> None:
        """Hear the party until the capture breaks off."""
        capture: Capture | None = self._new_capture()
        while capture is not None:
            try:
                capture = await self._follow(capture)
            except VoicebotError as error:
                if capture is self._captures[0]:
                    raise
                _log.warning(
                    "late audio cannot be replaced", channel=self._channel.id, reason=str(error)
                )
                break
        await self._close_captures()
        await self._retire_ear()

    async def _follow(self, capture: Capture) -> Capture | None:
        """Hear through ``capture``; return the one that is to take over, ``None`` at its end."""
        with self._studio.board.follow(*capture.ids) as events:
            stream = await capture.open(self._studio.transport)
            stream.listen(partial(self._hear, capture))
            ended = asyncio.create_task(_broken_off(events))
            late = asyncio.create_task(self._late.wait())
            try:
                await asyncio.wait((ended, late), return_when=asyncio.FIRST_COMPLETED)
                if ended.done():
                    return None
            finally:
                ended.cancel()
                late.cancel()
        self._late.clear()
        self._quality.replaced += 1
        return self._new_capture()

    def _hear(self, capture: Capture, frame: Frame, now: float) -> None:
        if self._deaf:
            return
        position = self._position(now)
        if self._ear is None or self._feed is None:
            begin = max(0, position - FRAME_SAMPLES)
            self._feed = Feed(capture, begin)
            self._ear = self._studio.listener.listen(
                self._call, self._name, position=begin, after=self._after
            )
            if not self._joined:
                self._join(begin)
        before = self._feed.source
        try:
            for heard in self._feed.take(capture, frame, position):
                said_at = now - max(0, position - self._feed.heard) / SAMPLE_RATE
                self._ear.hear(SILENCE if self.hushed else heard, said_at)
        except Exception:  # noqa: BLE001 - logged, whatever it is
            # The media clock moves all calls: what is wrong with one ear must not stop it.
            _log.exception("party is heard no more", channel=self._channel.id)
            self._deaf = True
        after = self._feed.source
        if after is not before:
            self._finishing.append(asyncio.create_task(self._close_captures(but=after)))
        elif self._feed.late and before is capture is self._captures[-1]:
            self._late.set()

    def _join(self, position: int) -> None:
        caller = self._channel.caller
        number = caller.number or device_of(self._channel).partition("/")[2]
        self._studio.sink.put(PartyJoined(self._call, self._name, number, caller.name, position))
        self._joined = True

    async def _retire_ear(self) -> None:
        """End what is being said; its text may come later."""
        if self._ear is None:
            return
        ear, self._ear = self._ear, None
        if self._feed is not None:
            self._quality.longest_lag = max(self._quality.longest_lag, self._feed.longest_lag)
        self._finishing.append(asyncio.create_task(ear.finish()))
        # The last utterance counts once finish() has begun.
        await asyncio.sleep(0)
        self._after = ear.utterances

    def _new_capture(self) -> Capture:
        studio = self._studio
        capture = Capture(studio.ari, studio.app, self._channel.id, studio.board, note=self._note)
        self._captures.append(capture)
        return capture

    async def _close_captures(self, *, but: object = None) -> None:
        closing = [capture for capture in self._captures if capture is not but]
        await asyncio.gather(*(capture.close() for capture in closing))
        for capture in closing:
            # Kept until now: what is being removed is not to be taken for a leftover.
            if capture in self._captures:
                self._captures.remove(capture)
                self._quality.add(capture.statistics)


async def _broken_off(events: asyncio.Queue[Message]) -> None:
    """Wait until a channel of a capture ends, or its bridge does."""
    while not isinstance(await events.get(), ChannelDestroyed | ChannelLeftBridge):
        pass
