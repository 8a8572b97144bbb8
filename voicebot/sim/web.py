"""The HTTP side of the simulated PBX: REST operations and the events websocket."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from typing import TYPE_CHECKING, Any

from aiohttp import WSCloseCode, WSMsgType, web

from voicebot.sim import rest_bridges, rest_channels, rest_system
from voicebot.sim.refusal import Refusal
from voicebot.sim.request import Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from voicebot.sim.exchange import Exchange
    from voicebot.sim.faults import Faults
    from voicebot.sim.request import Answer, Handler

ROUTES = rest_channels.ROUTES | rest_bridges.ROUTES | rest_system.ROUTES
"""Every operation that is simulated, by method and path as in Asterisk's own description."""

_SERVER = {"Server": f"Asterisk/{rest_system.VERSION}", "Cache-Control": "no-cache, no-store"}


class EventSocket:
    """The events websocket of one application: sends in order, except where a fault delays."""

    def __init__(self, socket: web.WebSocketResponse, faults: Faults) -> None:
        self._socket = socket
        self._faults = faults
        self._waiting: asyncio.Queue[str] = asyncio.Queue()

    def put(self, event: str, text: str) -> None:
        """Send ``text`` as soon as those before it are sent."""
        fault = self._faults.of_event(event)
        if fault is None:
            self._waiting.put_nowait(text)
        elif fault.seconds is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(fault.seconds, self._waiting.put_nowait, text)

    async def run(self) -> None:
        """Send until the other side is gone; what it says is ignored, as Asterisk does."""
        sender = asyncio.create_task(self._send_all())
        try:
            async for message in self._socket:
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    async def _send_all(self) -> None:
        while True:
            await self._socket.send_str(await self._waiting.get())


class AriServer:
    """Answers ARI requests under ``prefix``; ``users`` are names with their passwords."""

    def __init__(
        self, exchange: Exchange, faults: Faults, *, users: dict[str, str], prefix: str
    ) -> None:
        self._exchange = exchange
        self._faults = faults
        self._users = users
        self._connections: dict[str, web.Request] = {}
        self._root = f"/{prefix.strip('/')}/ari".replace("//", "/")

    def application(self) -> web.Application:
        """Return what aiohttp serves."""
        app = web.Application(middlewares=[self._guard])
        for (method, path), handler in ROUTES.items():
            app.router.add_route(
                method, self._root + path, self._serve(f"{method} {path}", handler)
            )
        app.router.add_get(f"{self._root}/events", self._events)
        return app

    def drop_websocket(self, app: str) -> None:
        """Break the connection of ``app``'s websocket without a closing handshake."""
        request = self._connections.get(app)
        if request is not None and request.transport is not None:
            request.transport.abort()

    @web.middleware
    async def _guard(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Check the password, and say no in Asterisk's words."""
        if not request.path.startswith(f"{self._root}/"):
            return web.Response(status=404, text=_NOT_FOUND, content_type="text/html")
        if not self._knows(request):
            challenge = {"WWW-Authenticate": 'Basic realm="Asterisk REST Interface"'}
            return _refused(Refusal(401, "Authentication required"), challenge)
        try:
            return await handler(request)
        except Refusal as refusal:
            return _refused(refusal)
        except web.HTTPNotFound:
            return _refused(Refusal(404, "Resource not found"))
        except web.HTTPMethodNotAllowed:
            return _refused(Refusal(405, "Invalid method"))

    def _knows(self, request: web.Request) -> bool:
        """Say whether the request carries a user's password, as a header or as ``api_key``."""
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        given = request.query.get("api_key", "")
        if scheme.lower() == "basic":
            given = base64.b64decode(encoded).decode(errors="replace")
        name, _, password = given.partition(":")
        expected = self._users.get(name)
        return expected is not None and hmac.compare_digest(expected.encode(), password.encode())

    def _serve(
        self, operation: str, handler: Handler
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(http: web.Request) -> web.StreamResponse:
            request = Request(self._exchange, http.match_info, http.query, await _json(http))
            fault = self._faults.of_request(operation)
            if fault is None:
                return _answered(handler(request))
            if fault.action == "status":
                raise Refusal(fault.status, fault.message)
            if fault.action == "reset" and http.transport is not None:
                http.transport.abort()
            if fault.action == "hang":
                await asyncio.Event().wait()
            answer = _answered(handler(request)) if fault.action == "slow" else web.Response()
            await asyncio.sleep(fault.seconds)
            return answer

        return serve

    async def _events(self, request: web.Request) -> web.StreamResponse:
        apps = [name for name in request.query.get("app", "").split(",") if name]
        if not apps:
            raise Refusal(400, "HTTP request is missing param: [app]")
        socket = web.WebSocketResponse(autoping=True)
        if not socket.can_prepare(request).ok:
            return web.Response(status=426, text="Upgrade Required", content_type="text/html")
        # The application exists before the client can know that it is connected.
        sink = EventSocket(socket, self._faults)
        everything = request.query.get("subscribeAll", "").lower() == "true"
        await socket.prepare(request)
        for app in apps:
            self._exchange.hub.connect(app, sink, subscribe_all=everything)
            self._connections[app] = request
        try:
            await sink.run()
        finally:
            for app in apps:
                self._exchange.hub.disconnect(app, sink)
            await socket.close(code=WSCloseCode.GOING_AWAY)
        return socket


async def _json(request: web.Request) -> dict[str, Any]:
    """Return the body's JSON. Raises ``Refusal`` 400 for what is none."""
    if not request.body_exists:
        return {}
    try:
        body = await request.json()
    except ValueError:
        raise Refusal(400, "Error parsing request body") from None
    return body if isinstance(body, dict) else {}


def _answered(answer: Answer) -> web.Response:
    if answer.body is None:
        return web.Response(status=answer.status, headers=_SERVER)
    return web.json_response(answer.body, status=answer.status, headers=_SERVER)


def _refused(refusal: Refusal, headers: dict[str, str] | None = None) -> web.Response:
    text = json.dumps({refusal.key: refusal.message})
    return web.Response(
        status=refusal.status,
        text=text,
        content_type="application/json",
        headers=_SERVER | (headers or {}),
    )


_NOT_FOUND = "<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>"
