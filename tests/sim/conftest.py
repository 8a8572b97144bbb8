"""A simulated PBX whose time passes on demand, and a client that knows nothing of voicebot."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

import aiohttp
import pytest

from voicebot.sim import Phone, SimulatedPbx, StasisExtension

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

APP = "voicebot"
PASSWORD = "secret"

DIALPLAN = {
    "201": Phone(after=0.4, echo=True),
    "202": Phone("busy", after=0.2),
    "203": Phone("never"),
    "204": Phone("refuses", after=0.2),
    "205": Phone("offline"),
    "206": Phone(after=0.1, hangs_up_after=1.0),
    "bot": StasisExtension(APP, args=("sales", "en"), fallback="201"),
}


class Client:
    """One HTTP session with the PBX, and the events of one application."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = f"{url}/ari"
        self.events: list[dict[str, Any]] = []
        self.socket: aiohttp.ClientWebSocketResponse | None = None

    async def request(
        self, method: str, path: str, body: dict[str, Any] | None = None, **query: str
    ) -> tuple[int, Any]:
        url = self.url + path
        async with self.session.request(method, url, params=query, json=body) as answer:
            return answer.status, await answer.json() if answer.status != 204 else None

    async def get(self, path: str, **query: str) -> Any:
        status, answer = await self.request("GET", path, **query)
        assert status == 200, answer
        return answer

    async def post(self, path: str, body: dict[str, Any] | None = None, **query: str) -> Any:
        status, answer = await self.request("POST", path, body, **query)
        assert status in {200, 201, 204}, answer
        return answer

    async def delete(self, path: str, **query: str) -> None:
        status, answer = await self.request("DELETE", path, **query)
        assert status == 204, answer

    async def connect(self, app: str = APP, **query: str) -> Self:
        self.socket = await self.session.ws_connect(
            f"{self.url}/events", params={"app": app, **query}
        )
        return self

    async def event(self, kind: str, **fields: object) -> dict[str, Any]:
        """Return the first event, past ones included, of this type with these fields."""
        for event in self.events:
            if _fits(event, kind, fields):
                return event
        assert self.socket is not None
        async with asyncio.timeout(5):
            while True:
                event = await self.socket.receive_json()
                self.events.append(event)
                if _fits(event, kind, fields):
                    return event

    def kinds(self, channel_id: str) -> list[str]:
        """Return the types of the events about one channel, in the order in which they came."""
        return [
            event["type"]
            for event in self.events
            if (event.get("channel") or event.get("peer") or {}).get("id") == channel_id
        ]


def _fits(event: dict[str, Any], kind: str, fields: dict[str, object]) -> bool:
    if event["type"] != kind:
        return False
    known = {**event, **{f"{name}_id": _id(value) for name, value in event.items()}}
    return all(known.get(name) == value for name, value in fields.items())


def _id(value: object) -> object:
    return value.get("id") if isinstance(value, dict) else None


class Listener:
    """The media socket of an application, without any of its intelligence."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)

    @property
    def address(self) -> str:
        return "{}:{}".format(*self.socket.getsockname())

    def received(self) -> list[bytes]:
        """Return the datagrams that came since the last time."""
        datagrams: list[bytes] = []
        while True:
            try:
                datagrams.append(self.socket.recv(2048))
            except BlockingIOError:
                return datagrams


@asynccontextmanager
async def client_of(
    pbx: SimulatedPbx, *, username: str = "bot", password: str = PASSWORD
) -> AsyncIterator[Client]:
    headers = {"Authorization": aiohttp.encode_basic_auth(username, password)}
    async with aiohttp.ClientSession(headers=headers) as session:
        client = Client(session, pbx.url)
        yield client
        if client.socket is not None:
            await client.socket.close()


async def until(condition: Callable[[], bool]) -> None:
    """Let the event loop run until ``condition`` holds."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the condition is about another party's sockets
            await asyncio.sleep(0.001)


@pytest.fixture
async def pbx() -> AsyncIterator[SimulatedPbx]:
    pbx = SimulatedPbx(username="bot", password="secret", dialplan=DIALPLAN, real_time=False)
    async with pbx:
        yield pbx


@pytest.fixture
async def ari(pbx: SimulatedPbx) -> AsyncIterator[Client]:
    """A client whose application is connected."""
    async with client_of(pbx) as client:
        yield await client.connect()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.socket.close()
