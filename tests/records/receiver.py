"""A webhook's receiver on loopback, in a thread of its own, that does what it is told."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

LONG_S = 20.0


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that was killed is no news."""


class Receiver:
    """Answers with each status of ``plan`` once, then with 200.

    A status of 0 hangs until the receiver ends. What was accepted is in ``taken``, every request in
    ``requests``.
    """

    def __init__(self, *plan: int, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[tuple[Mapping[str, str], bytes]] = []
        self.taken: list[tuple[Mapping[str, str], bytes]] = []
        self.headers: Mapping[str, str] = {}
        self.ended = threading.Event()
        self._plan = list(plan)
        self._connections: list[socket.socket] = []
        self._grown = threading.Condition()
        self._scheme = "http" if tls is None else "https"
        self._server = _Server(("127.0.0.1", port), self._handler())
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}/calls"

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _headers, body in self.taken]

    def has(self, count: int) -> None:
        """Wait until ``count`` events have been accepted."""
        with self._grown:
            assert self._grown.wait_for(lambda: len(self.taken) >= count, LONG_S), self.events

    def asked(self, count: int) -> None:
        """Wait until there were ``count`` requests."""
        with self._grown:
            assert self._grown.wait_for(lambda: len(self.requests) >= count, LONG_S)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                receiver._connections.append(self.connection)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status = receiver._take(headers, body)
                if status == 0:
                    receiver.ended.wait(LONG_S)
                    return
                self.send_response(status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Be quiet."""

        return Handler

    def _take(self, headers: Mapping[str, str], body: bytes) -> int:
        with self._grown:
            self.requests.append((headers, body))
            status = self._plan.pop(0) if self._plan else 200
            if 200 <= status < 300:
                self.taken.append((headers, body))
            self._grown.notify_all()
        return status
