"""The far side of a media websocket: chan_websocket's queue, and the server in front of it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from voicebot.media.audio import FRAME_BYTES, FRAME_SECONDS, SILENCE, Frame

if TYPE_CHECKING:
    import ssl

USER, PASSWORD = "bot", "secret"
PREFIX = "/asterisk"
LONGEST_MESSAGE = 65_500


@dataclass(frozen=True)
class Faults:
    """What is wrong with this Asterisk. The defaults are 22.10's behaviour.

    ``refusal`` is the status of the handshake; ``hangs`` never answers it. ``audio_first`` messages
    come before ``MEDIA_START``. Without ``marks`` none is processed, without ``answers`` no status
    is given. ``leaking`` leaves the queue's counter as it is when the queue is flushed.
    """

    refusal: int | None = None
    hangs: bool = False
    audio_first: int = 0
    marks: bool = True
    leaking: bool = False
    answers: bool = True
    xoff: int = 900
    xon: int = 800


@dataclass
class AsteriskQueue:
    """What chan_websocket does with messages: one frame is played by each ``tick``.

    ``heard`` is what the caller heard, frame by frame; ``gaps`` counts those for want of which
    nothing was sent. ``told`` is what Asterisk has to say.
    """

    faults: Faults = field(default_factory=Faults)
    heard: list[Frame] = field(default_factory=list)
    told: deque[str] = field(default_factory=deque)
    commands: list[str] = field(default_factory=list)
    longest: int = 0
    gaps: int = 0

    def __post_init__(self) -> None:
        self._items: deque[bytes | str] = deque()
        self._counter = 0
        self._full = False

    @property
    def frames(self) -> int:
        return sum(isinstance(item, bytes) for item in self._items)

    def take(self, message: bytes | str) -> None:
        if isinstance(message, bytes):
            self._queue(message)
            return
        command = json.loads(message)
        self.commands.append(command["command"])
        match command["command"]:
            case "MARK_MEDIA" if self.faults.marks:
                self._items.append(command["correlation_id"])
            case "FLUSH_MEDIA":
                self._items.clear()
                self._counter *= self.faults.leaking
            case "GET_STATUS" if self.faults.answers:
                self._tell("STATUS", queue_length=self._counter, queue_full=self._full)

    def tick(self) -> None:
        if self._full and self._counter < self.faults.xon:
            self._full = False
            self._tell("MEDIA_XON")
        while self._items and isinstance(self._items[0], str):
            self._tell("MEDIA_MARK_PROCESSED", correlation_id=self._items.popleft())
        if not self._items:
            self.gaps += 1
            self.heard.append(SILENCE)
            return
        frame = self._items.popleft()
        assert isinstance(frame, bytes)
        self._counter -= 1
        self.heard.append(frame)

    def _queue(self, audio: bytes) -> None:
        assert len(audio) <= LONGEST_MESSAGE, "Asterisk hangs up"
        assert len(audio) % FRAME_BYTES == 0, "Asterisk drops what is no whole frame"
        for start in range(0, len(audio), FRAME_BYTES):
            self._items.append(audio[start : start + FRAME_BYTES])
            self._counter += 1
            if not self._full and self._counter >= self.faults.xoff:
                self._full = True
                self._tell("MEDIA_XOFF")
        self.longest = max(self.longest, self.frames)

    def _tell(self, event: str, **fields: Any) -> None:
        self.told.append(json.dumps({"event": event, "channel_id": "media-1", **fields}))


class FakeAsterisk:
    """Asterisk's HTTP server with one media channel for each connection id that is asked for.

    ``queues`` are the channels' queues and ``sockets`` their connections, by connection id.
    """

    def __init__(self, faults: Faults | None = None) -> None:
        self.faults = faults or Faults()
        self.queues: dict[str, AsteriskQueue] = {}
        self.sockets: dict[str, web.WebSocketResponse] = {}
        self.requests: list[web.BaseRequest] = []
        self._transports: dict[str, asyncio.Transport | None] = {}
        self._runner = web.ServerRunner(web.Server(self._serve))
        self._released = asyncio.Event()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{PREFIX}"

    async def start(self, *, tls: ssl.SSLContext | None = None) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=tls).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        self._released.set()
        for socket in list(self.sockets.values()):
            await socket.close()
        await self._runner.cleanup()

    async def say(self, connection_id: str, audio: bytes) -> None:
        """Send what the caller says, as one message."""
        await self.sockets[connection_id].send_bytes(audio)

    def cut(self, connection_id: str) -> None:
        """End the connection as a crash does: without a word."""
        transport = self._transports[connection_id]
        assert transport is not None
        transport.abort()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests.append(request)
        if self.faults.hangs:
            await self._released.wait()
        token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {token}":
            return web.Response(status=401)
        folder, _, connection_id = request.rel_url.raw_path.rpartition("/")
        if self.faults.refusal or folder != f"{PREFIX}/media":
            return web.Response(status=self.faults.refusal or 404)
        socket = web.WebSocketResponse(protocols=["media"])
        await socket.prepare(request)
        queue = self.queues[connection_id] = AsteriskQueue(self.faults)
        self._transports[connection_id] = request.transport
        self.sockets[connection_id] = socket
        for _ in range(self.faults.audio_first):
            await socket.send_bytes(b"\x01\x00" * 320)
        await socket.send_str(
            json.dumps({"event": "MEDIA_START", "format": "slin16", "optimal_frame_size": 640})
        )
        timer = asyncio.create_task(self._play(queue, socket))
        async for message in socket:
            if message.type in (WSMsgType.BINARY, WSMsgType.TEXT):
                queue.take(message.data)
        timer.cancel()
        del self.sockets[connection_id]
        return socket

    async def _play(self, queue: AsteriskQueue, socket: web.WebSocketResponse) -> None:
        clock = asyncio.get_running_loop().time
        due = clock()
        while not socket.closed:
            queue.tick()
            while queue.told:
                await socket.send_str(queue.told.popleft())
            due += FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - clock()))
