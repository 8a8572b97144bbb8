"""The HTTP server of an Asterisk, on loopback: records requests and gives the answers it is told.

It knows nothing of calls; what arrives on the events websocket is for the test to send.
"""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSCloseCode, web

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

USER, PASSWORD = "bot", "secret"
PREFIX = "/asterisk"
NOT_FOUND = "<html><head><title>404 Not Found</title></head></html>"


@dataclass(frozen=True)
class Request:
    """A request as it came, with ``path`` below ``/ari``, still quoted, and the open websockets."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    websockets: int


@dataclass
class FakeAsterisk:
    """``answers`` maps method and path to status and JSON; what is not there answers 204.

    Paths that are ``hanging`` answer nothing.
    """

    answers: dict[tuple[str, str], tuple[int, Any]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    deaf: bool = False
    hanging: set[str] = field(default_factory=set)
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        self._sockets: asyncio.Queue[web.WebSocketResponse] = asyncio.Queue()
        self._open: dict[web.WebSocketResponse, asyncio.Transport | None] = {}
        self._requested = asyncio.Event()
        self._over = asyncio.Event()
        self._runner: web.ServerRunner | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{PREFIX}"

    async def start(self, *, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self._runner = web.ServerRunner(web.Server(self._serve))
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port, ssl_context=tls).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        self._over.set()
        for socket in list(self._open):
            await self.close_socket(socket)
        if self._runner is not None:
            await self._runner.cleanup()

    def register(
        self,
        app: str,
        *channels: str,
        bridges: tuple[str, ...] = (),
        devices: tuple[str, ...] = (),
    ) -> None:
        """Let ``GET /applications/{app}`` tell of these channels, bridges and devices."""
        known = application(app, channels, bridges, devices)
        self.answers["GET", f"/applications/{app}"] = 200, known

    async def socket(self) -> web.WebSocketResponse:
        """Return the next websocket that was opened."""
        return await asyncio.wait_for(self._sockets.get(), 5)

    async def close_socket(self, socket: web.WebSocketResponse) -> None:
        await socket.close(code=WSCloseCode.GOING_AWAY)

    def cut(self, socket: web.WebSocketResponse) -> None:
        """End the connection as a crash does: without a word."""
        transport = self._open[socket]
        assert transport is not None
        transport.abort()

    def asked(self, method: str) -> list[str]:
        """Return the paths that were requested with ``method``."""
        return [each.path for each in self.requests if each.method == method]

    async def until(self, condition: Callable[[], object]) -> None:
        """Return once ``condition`` holds; it is looked at after each request."""
        async with asyncio.timeout(5):
            while not condition():
                self._requested.clear()
                await self._requested.wait()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(self.delay_s)
        raw = request.rel_url.raw_path
        if not raw.startswith(f"{PREFIX}/ari/"):
            return web.Response(status=404, text=NOT_FOUND, content_type="text/html")
        token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {token}":
            return web.json_response({"message": "Authentication required"}, status=401)
        path = raw.removeprefix(f"{PREFIX}/ari")
        body = await request.json() if request.can_read_body else None
        query = dict(request.query)
        self.requests.append(Request(request.method, path, query, body, len(self._open)))
        self._requested.set()
        if path in self.hanging:
            await self._over.wait()
        status, answer = self.answers.get((request.method, path), (204, None))
        if path == "/events" and status == 204:
            return await self._websocket(request)
        if isinstance(answer, str | bytes):
            return web.Response(status=status, body=answer, content_type="text/html")
        return web.Response(status=status, body=b"" if answer is None else json.dumps(answer))

    async def _websocket(self, request: web.BaseRequest) -> web.WebSocketResponse:
        # autoping off: this side then answers no ping, like the far end of a cut cable.
        socket = web.WebSocketResponse(autoping=not self.deaf)
        await socket.prepare(request)
        self._open[socket] = request.transport
        self._sockets.put_nowait(socket)
        async for _ in socket:
            pass
        del self._open[socket]
        return socket


def application(
    name: str,
    channels: tuple[str, ...] = (),
    bridges: tuple[str, ...] = (),
    devices: tuple[str, ...] = (),
) -> dict[str, Any]:
    return {
        "name": name,
        "channel_ids": list(channels),
        "bridge_ids": list(bridges),
        "endpoint_ids": [],
        "device_names": list(devices),
        "events_allowed": [],
        "events_disallowed": [],
    }


def channel(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "name": f"PJSIP/{name}",
        "state": "Up",
        "protocol_id": "",
        "caller": {"name": "Alice", "number": "201"},
        "connected": {"name": "", "number": ""},
        "accountcode": "",
        "dialplan": {
            "context": "internal",
            "exten": "bot",
            "priority": 1,
            "app_name": "Stasis",
            "app_data": "",
        },
        "creationtime": "2026-11-22T22:31:00.000+0000",
        "language": "en",
    }


def playback(name: str, channel_id: str, state: str = "done") -> dict[str, Any]:
    return {
        "id": name,
        "media_uri": "sound:hello-world",
        "target_uri": f"channel:{channel_id}",
        "language": "en",
        "state": state,
    }


def event(kind: str, app: str, **fields: object) -> dict[str, Any]:
    """Return an event as Asterisk sends it."""
    return {
        "type": kind,
        "application": app,
        "timestamp": "2026-11-22T22:31:00.123+0000",
        "asterisk_id": "02:fc:00:00:00:01",
        **fields,
    }
