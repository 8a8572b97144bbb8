"""ARI over HTTP: requests, TLS, and the websocket's opening."""

from __future__ import annotations

import base64
import ssl
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import aiohttp
import msgspec
from yarl import URL

from voicebot.ari.failures import connection_failure, handshake_refusal, refusal
from voicebot.errors import AriConnectionError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Asterisk closes idle connections after 15 s (session_keep_alive). Ours go first, so that a POST,
# which nobody may repeat, never meets a connection that is about to close.
KEEP_ALIVE_S = 10.0
# http.conf allows 100 sessions for all clients together (sessionlimit).
CONNECTIONS = 32
CLOSE_S = 1.0


class Rest:
    """The HTTP side of one Asterisk.

    ``url`` is the base URL with the HTTP prefix and without ``/ari``. ``timeout_s`` bounds each
    request from the wait for a connection to the last byte of the answer. ``heartbeat_s`` is the
    idle time after which a websocket is pinged; a pong must follow within half of it.
    """

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        *,
        ca_file: Path | str | None = None,
        timeout_s: float = 5.0,
        heartbeat_s: float = 5.0,
    ) -> None:
        self._username = username
        self._timeout_s = timeout_s
        self._heartbeat_s = heartbeat_s
        self._root = _root(url)
        token = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}"}
        self._tls = _tls(ca_file)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Prepare for requests. Nothing is sent."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                ssl=self._tls, limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE_S
            ),
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=self._timeout_s),
        )

    async def close(self) -> None:
        """Close all connections. Closing twice is allowed."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def request(
        self, method: str, path: str, query: Mapping[str, str], body: object | None
    ) -> bytes:
        """Return the body of Asterisk's answer.

        Raises ``AriRequestError`` for an error status, ``AriConnectionError`` when there is no
        answer within ``timeout_s``.
        """
        json = None if body is None else msgspec.json.encode(body)
        headers = {} if json is None else {"Content-Type": "application/json"}
        try:
            async with self._open_session().request(
                method,
                self._address(path, query),
                data=json,
                headers=headers,
                allow_redirects=False,
            ) as response:
                content = await response.read()
        except (aiohttp.ClientError, OSError) as error:
            raise connection_failure(error, f"{self._root}{path}", self._timeout_s) from error
        if response.status >= 300:
            raise refusal(
                method, path, response.status, content, url=self._root, username=self._username
            )
        return content

    async def websocket(
        self, path: str, query: Mapping[str, str]
    ) -> aiohttp.ClientWebSocketResponse:
        """Return an open websocket. Raises as ``request`` does."""
        try:
            return await self._open_session().ws_connect(
                self._address(path, query),
                heartbeat=self._heartbeat_s,
                timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
            )
        except aiohttp.WSServerHandshakeError as error:
            raise handshake_refusal(error, path, url=self._root, username=self._username) from error
        except (aiohttp.ClientError, OSError) as error:
            raise connection_failure(error, f"{self._root}{path}", self._timeout_s) from error

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise AriConnectionError(
                f"{self._root}: the client is not open; use 'async with AriClient(...)'"
            )
        return self._session

    def _address(self, path: str, query: Mapping[str, str]) -> URL:
        # Quoted here and not by yarl, which would leave '+', '/' and ',' as they are.
        pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        return URL(f"{self._root}{path}{'?' if pairs else ''}{pairs}", encoded=True)


def _root(url: str) -> str:
    """Return the address of ARI for a base URL. One that ends in ``/ari`` already is accepted."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(
            f"ARI URL {url!r}: must be http:// or https:// with a host, and the HTTP prefix if "
            "there is one (MikoPBX: http://PBX:8088/asterisk)"
        )
    return f"{url.rstrip('/').removesuffix('/ari')}/ari"


def _tls(ca_file: Path | str | None) -> ssl.SSLContext | bool:
    """Return what verifies certificate and host name, with ``ca_file`` trusted as well."""
    if ca_file is None:
        return True  # aiohttp's own context, which trusts the system's authorities
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigError(f"ca_file {ca_file}: {error.strerror or error}") from error
    return context
