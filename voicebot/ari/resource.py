"""What the operations of all resources share: a request becomes a typed answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar
from urllib.parse import quote

import msgspec

from voicebot.errors import AriRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import aiohttp

Answer = TypeVar("Answer")
QueryValue: TypeAlias = "str | int | Sequence[str] | None"


class Requester(Protocol):
    """Carries requests to Asterisk. Paths are quoted and begin below ``/ari``."""

    async def request(
        self, method: str, path: str, query: Mapping[str, str], body: object | None
    ) -> bytes:
        """Return the body of the answer. Raises ``AriError``."""
        ...

    async def websocket(
        self, path: str, query: Mapping[str, str]
    ) -> aiohttp.ClientWebSocketResponse:
        """Return an open websocket. Raises ``AriError``."""
        ...


class Resource:
    """Base of the generated resources."""

    def __init__(self, requester: Requester) -> None:
        self._requester = requester

    async def _send(
        self,
        method: str,
        template: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, QueryValue] | None = None,
        body: object | None = None,
    ) -> bytes:
        return await self._requester.request(
            method, fill(template, path or {}), encode_query(query or {}), body
        )

    async def _ask(
        self,
        method: str,
        template: str,
        answer: type[Answer],
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, QueryValue] | None = None,
        body: object | None = None,
    ) -> Answer:
        content = await self._send(method, template, path=path, query=query, body=body)
        try:
            return msgspec.json.decode(content, type=answer)
        except msgspec.MsgspecError as error:
            raise AriRequestError(
                method,
                fill(template, path or {}),
                200,
                f"the answer is not a {getattr(answer, '__name__', answer)}: {error}",
            ) from error

    async def _upgrade(
        self, template: str, *, query: Mapping[str, QueryValue]
    ) -> aiohttp.ClientWebSocketResponse:
        return await self._requester.websocket(template, encode_query(query))


def fill(template: str, path: Mapping[str, str]) -> str:
    """Return ``template`` with its ``{names}`` replaced, each value as one quoted path segment.

    ``PJSIP/201`` becomes ``PJSIP%2F201``, which Asterisk reads as one name.
    """
    return template.format_map({name: quote(value, safe="") for name, value in path.items()})


def encode_query(query: Mapping[str, QueryValue]) -> dict[str, str]:
    """Return what is given of ``query`` as ARI writes it: ``true``, ``30``, ``one,two``."""
    return {name: _text(value) for name, value in query.items() if value is not None}


def _text(value: str | int | Sequence[str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return value if isinstance(value, str) else ",".join(value)
