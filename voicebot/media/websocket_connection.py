"""One websocket of chan_websocket: opened with all its checks, written to without waiting."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections import deque
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import quote

import aiohttp

from voicebot.errors import ConfigError, MediaUnreachableError

if TYPE_CHECKING:
    from pathlib import Path

SUBPROTOCOL: Final = "media"

HEARTBEAT_SECONDS: Final = 5.0
"""Silence after which the connection is tested; an answer must follow within half of it."""

CLOSE_SECONDS: Final = 0.5

_HINTS: Final = {
    401: "check user name and password of the ARI user",
    403: "check user name and password of the ARI user",
    404: "the channel is gone, chan_websocket.so is not loaded, or the URL lacks the HTTP prefix "
    "(MikoPBX: http://PBX:8088/asterisk)",
    409: "somebody else has connected to this channel",
    503: "Asterisk's sessionlimit (http.conf) is reached, or it is still starting",
}


class Peer(Protocol):
    """Who is told what comes over a connection. None of this may wait."""

    def hear(self, audio: bytes) -> None:
        """Take a binary message."""
        ...

    def read(self, text: str) -> None:
        """Take a text message."""
        ...

    def lose(self, reason: str) -> None:
        """Take note that the connection has ended, and not by ``close``."""
        ...


class MediaConnection:
    """Messages out in the order given, messages in as they come."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._outbox: deque[bytes | str] = deque()
        self._filled = asyncio.Event()
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    def start(self, peer: Peer) -> None:
        """Hand everything that comes to ``peer`` from now on."""
        self._tasks = (
            asyncio.create_task(self._read(peer), name="media websocket, reading"),
            asyncio.create_task(self._write(), name="media websocket, writing"),
        )

    def send(self, message: bytes | str) -> None:
        """Have a message sent: bytes as binary, a string as text."""
        self._outbox.append(message)
        self._filled.set()

    def unsend(self) -> None:
        """Forget the messages that have not been sent yet."""
        self._outbox.clear()

    async def close(self) -> None:
        """End the connection; what was not sent yet never is. Closing twice is allowed."""
        tasks, self._tasks = self._tasks, ()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._socket.close()

    async def _read(self, peer: Peer) -> None:
        async for message in self._socket:
            if message.type is aiohttp.WSMsgType.BINARY:
                peer.hear(message.data)
            elif message.type is aiohttp.WSMsgType.TEXT:
                peer.read(message.data)
        peer.lose(_ending(self._socket))

    async def _write(self) -> None:
        # A connection that breaks is noticed by the reader.
        while not self._socket.closed:
            await self._filled.wait()
            self._filled.clear()
            while self._outbox:
                message = self._outbox.popleft()
                try:
                    if isinstance(message, bytes):
                        await self._socket.send_bytes(message)
                    else:
                        await self._socket.send_str(message)
                except (aiohttp.ClientError, OSError):
                    return


class MediaDoor:
    """Where Asterisk's HTTP server takes media websockets, and what it takes to get in.

    ``url`` is the base URL of ARI, with the HTTP prefix. Over ``https`` the certificate is verified
    against the system's authorities and ``ca_file``. Raises ``ConfigError`` for either.
    """

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        *,
        ca_file: Path | str | None,
        timeout_s: float,
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise ConfigError(f"ari.url: {url!r} must be http:// or https://")
        self._url = f"{url.rstrip('/').removesuffix('/ari')}/media"
        token = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}"}
        self._tls = _tls(ca_file)
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None

    def open(self) -> None:
        """Prepare for connections. Nothing is sent."""
        if self._session is None:
            # Every call has a connection of its own: aiohttp's limit would keep the 101st waiting.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self._tls, limit=0), headers=self._headers
            )

    async def connect(self, connection_id: str) -> MediaConnection:
        """Return the connection of the channel with this ``MEDIA_WEBSOCKET_CONNECTION_ID``.

        Raises ``MediaUnreachableError``.
        """
        if self._session is None:
            raise MediaUnreachableError("the websocket transport has not been started")
        where = f"{self._url}/{quote(connection_id, safe='')}"
        try:
            async with asyncio.timeout(self._timeout_s):
                socket = await self._session.ws_connect(
                    where,
                    protocols=[SUBPROTOCOL],
                    heartbeat=HEARTBEAT_SECONDS,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS),
                )
        except aiohttp.WSServerHandshakeError as error:
            hint = _HINTS.get(error.status, error.message)
            raise MediaUnreachableError(f"{where}: {error.status}: {hint}") from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise MediaUnreachableError(
                f"{where}: the certificate is not accepted ({error.certificate_error}); use the "
                "name in the certificate, or name its authority with ari.ca_file"
            ) from error
        except TimeoutError as error:
            raise MediaUnreachableError(
                f"{where}: no answer within {self._timeout_s:g} s"
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise MediaUnreachableError(f"{where}: {error}") from error
        return MediaConnection(socket)

    async def close(self) -> None:
        """Release everything. Closing twice is allowed."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _tls(ca_file: Path | str | None) -> ssl.SSLContext | bool:
    """Return what verifies certificate and host name, with ``ca_file`` trusted as well."""
    if ca_file is None:
        return True
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(cafile=ca_file)
    except OSError as error:
        raise ConfigError(f"ari.ca_file: {ca_file}: {error.strerror or error}") from error
    return context


def _ending(socket: aiohttp.ClientWebSocketResponse) -> str:
    """Return why a websocket that has ended did so."""
    if isinstance(error := socket.exception(), aiohttp.ServerTimeoutError):
        return str(error)
    if socket.close_code == aiohttp.WSCloseCode.ABNORMAL_CLOSURE:
        return "the connection was cut"
    return f"closed with code {socket.close_code}"
