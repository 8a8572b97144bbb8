"""A line without a phone account: a Local channel that ARI originates, its audio brought to us.

The channel joins an externalMedia channel in a bridge. What is said leaves by RTP from here, what
is heard arrives here; both are recorded at that socket, so the PBX needs no sound files. The
channel's two halves have the format of a codec: Asterisk takes the sound through it on both ways.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Self
from uuid import uuid4

import numpy as np

from bench.baresip import PhoneError
from bench.phone_call import CallFailedError
from bench.recording import PACKET_SECONDS, Arrival, Direction, Recording, place
from voicebot.ari.client import AriClient
from voicebot.ari.models import ChannelDestroyed, Message, StasisStart
from voicebot.errors import AriError, MediaError, VoicebotError
from voicebot.media.audio import FRAME_SAMPLES, SAMPLE_RATE
from voicebot.media.endpoint import RtpEndpoint

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import TracebackType
    from typing import Any

    from bench.latency_options import Codec
    from bench.waveform import Samples
    from voicebot.media.rtp_stream import RtpStream

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 20.0
_PREFIX = "latency-"


class AriLine:
    """One line: an ARI application of its own, and one call at a time."""

    def __init__(
        self, url: str, username: str, password: str, *, media_host: str, codec: Codec
    ) -> None:
        self._url = url
        self._codec = codec
        self._app = _PREFIX + uuid4().hex[:8]
        self._ari = AriClient(url, username, password, app=self._app)
        self._endpoint = RtpEndpoint(host=media_host)
        self._stack = AsyncExitStack()
        self._events: asyncio.Queue[Message] = asyncio.Queue()
        self._call: AriCall | None = None

    async def __aenter__(self) -> Self:
        """Connect. Raises ``PhoneError``."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._stack.enter_async_context(self._ari)
            await self._endpoint.start()
        except TimeoutError:
            await self._stack.aclose()
            raise PhoneError(f"{self._url} does not answer") from None
        except VoicebotError as error:
            await self._stack.aclose()
            raise PhoneError(str(error)) from error
        self._stack.push_async_callback(self._endpoint.close)
        reader = asyncio.create_task(self._read())
        self._stack.callback(reader.cancel)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._call is not None:
            await self._call.hang_up()
        await self._stack.aclose()

    async def dial(self, number: str) -> AriCall:
        """Call EXTENSION@CONTEXT and return the call once it is answered. Raises ``PhoneError``."""
        self._call = call = AriCall(self._ari)
        try:
            await self._join(call, number)
        except BaseException as error:
            await call.hang_up()
            if isinstance(error, AriError | MediaError):
                raise PhoneError(f"{number}: {error}") from error
            raise
        return call

    async def _join(self, call: AriCall, number: str) -> None:
        channels, bridges = self._ari.channels, self._ari.bridges
        media = await channels.external_media(
            app=self._app, channel_id=call.media_id, **self._endpoint.external_media()
        )
        await self._started(call.media_id, number)
        stream = await self._endpoint.open(media.channelvars or {}, wideband=self._codec.wideband)
        call.open(stream)
        await bridges.create_with_id(call.bridge_id, type="mixing")
        await channels.originate(
            endpoint=f"Local/{number}/n",
            app=self._app,
            channel_id=call.channel_id,
            formats=self._codec.name,
            timeout=round(ANSWER_SECONDS),
        )
        await self._started(call.channel_id, number)
        await bridges.add_channel(call.bridge_id, channel=[call.channel_id, call.media_id])

    async def _started(self, channel_id: str, number: str) -> None:
        """Wait until the channel is answered and ours."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS + 1):
                while True:
                    event = await self._events.get()
                    channel = getattr(event, "channel", None)
                    if getattr(channel, "id", None) != channel_id:
                        continue
                    if isinstance(event, StasisStart):
                        return
                    if isinstance(event, ChannelDestroyed):
                        raise CallFailedError(number, f"{event.cause} {event.cause_txt}")
        except TimeoutError:
            raise CallFailedError(number, f"no answer in {ANSWER_SECONDS:g} s") from None

    async def _read(self) -> None:
        async for event in self._ari.events():
            self._events.put_nowait(event)
            if isinstance(event, ChannelDestroyed) and self._call is not None:
                self._call.note_end(event.channel.id)


class AriCall:
    """One call; it comes from ``AriLine``."""

    def __init__(self, ari: AriClient) -> None:
        name = uuid4().hex[:12]
        self.channel_id = f"{_PREFIX}caller-{name}"
        self.media_id = f"{_PREFIX}media-{name}"
        self.bridge_id = f"{_PREFIX}call-{name}"
        self._ari = ari
        self._ended = asyncio.Event()
        self._stream: RtpStream | None = None
        self._opened = time.monotonic()
        self._said, self._heard = _Track("said"), _Track("heard")

    @property
    def is_up(self) -> bool:
        """Whether both sides can talk now."""
        return self._stream is not None and not self._ended.is_set()

    def open(self, stream: RtpStream) -> None:
        """Hear and speak through ``stream`` from now on."""
        self._stream = stream
        self._opened = time.monotonic() - PACKET_SECONDS
        stream.listen(self._hear)

    def note_end(self, channel_id: str) -> None:
        """Take notice that a channel is gone."""
        if channel_id == self.channel_id:
            self._ended.set()

    async def say(self, samples: Samples) -> None:
        """Say ``samples`` and return when they are said. Raises ``PhoneError`` after the end."""
        if self._stream is None or not self.is_up:
            raise PhoneError("the call is over")
        playout = self._stream.playout
        for start in range(0, len(samples), FRAME_SAMPLES):
            frame = samples[start : start + FRAME_SAMPLES]
            playout.play(frame.astype("<i2").tobytes())
            # As often as a frame leaves: where one is skipped, that is a hole in what was said.
            playout.mark(partial(self._note_said, frame))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), len(samples) / SAMPLE_RATE)

    def recording(self) -> Recording:
        """Return both directions so far."""
        said, heard = self._said.placed(self._opened), self._heard.placed(self._opened)
        length = max(len(said), len(heard))
        return Recording(_padded(said, length), _padded(heard, length), SAMPLE_RATE, self._opened)

    async def hang_up(self) -> None:
        """End the call and remove all that was made for it. Twice is allowed."""
        self._ended.set()
        if self._stream is not None:
            await self._stream.close()
        await _gone(self._ari.channels.hangup(self.channel_id))
        await _gone(self._ari.channels.hangup(self.media_id))
        await _gone(self._ari.bridges.destroy(self.bridge_id))

    def _hear(self, frame: bytes, now: float) -> None:
        self._heard.add(np.frombuffer(frame, "<i2").astype(np.int16), now)

    def _note_said(self, frame: Samples, now: float) -> None:
        self._said.add(frame, now)


class _Track:
    """One direction of a call, as it passes the socket."""

    def __init__(self, direction: Direction) -> None:
        self._direction: Direction = direction
        self._frames: list[Samples] = []
        self._arrivals: list[Arrival] = []
        self._total = 0

    def add(self, frame: Samples, now: float) -> None:
        self._total += len(frame)
        self._frames.append(frame)
        self._arrivals.append(Arrival(now, self._total))

    def placed(self, started: float) -> Samples:
        """Return everything so far, laid out from ``started`` on."""
        count = len(self._arrivals)
        samples = np.concatenate([np.zeros(0, dtype=np.int16), *self._frames[:count]])
        return place(
            samples,
            self._arrivals[:count],
            rate=SAMPLE_RATE,
            started=started,
            direction=self._direction,
        )


def _padded(samples: Samples, length: int) -> Samples:
    return np.concatenate([samples, np.zeros(length - len(samples), dtype=np.int16)])


async def _gone(request: Coroutine[Any, Any, object]) -> None:
    """Await a request that removes something, which may be gone, or never have been there."""
    with contextlib.suppress(AriError):
        await request
