"""Where the calls come from: the lines of a run, ready to dial."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from bench.baresip import PhoneError, installed
from bench.latency_ari import AriLine
from bench.latency_errors import LatencyError, UnreachableError, UsageError
from bench.phone import Account, Phone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from contextlib import AbstractAsyncContextManager

    from bench.latency_call import Line
    from bench.latency_options import Codec

# The PBX is there, but does not want this account: 401, 403, 404 and others.
_REFUSED = re.compile(r": (4\d\d|6\d\d) ")
_NOT_REFUSED = ("408", "480", "486")


class OpenLine(Protocol):
    """Opens one line, for as long as the context lasts. Raises ``PhoneError``."""

    def __call__(self, number: int) -> AbstractAsyncContextManager[Line]:
        """Return the context of the line with this number, from 0."""
        ...


@asynccontextmanager
async def lines(count: int, open_line: OpenLine) -> AsyncIterator[Sequence[Line]]:
    """Yield ``count`` open lines. Raises ``UsageError`` and ``UnreachableError``."""
    async with AsyncExitStack() as stack:
        found = []
        for number in range(count):
            try:
                found.append(await stack.enter_async_context(open_line(number)))
            except PhoneError as error:
                raise explained(str(error)) from error
        yield found


def sip_lines(accounts: Sequence[Account], codec: Codec) -> OpenLine:
    """Return what opens real SIP phones, on the accounts in turn. Raises ``UsageError``."""
    if not installed():
        raise UsageError("baresip is not installed; on Debian: apt-get install baresip-core")

    def open_line(number: int) -> AbstractAsyncContextManager[Line]:
        return Phone(accounts[number % len(accounts)], codecs=codec.offered)

    return open_line


def ari_lines(
    url: str, username: str, password: str, media_host: str | None, codec: Codec
) -> OpenLine:
    """Return what opens lines over ARI, whose calls all sound as ``codec`` has it.

    ``media_host`` is our address that the PBX sends to; without it, it is the one that we reach the
    PBX from. Raises ``UnreachableError``.
    """
    parts = urlsplit(url)
    try:
        host = media_host or Account("ari", f"{parts.hostname}:{parts.port or 80}").local_address()
    except PhoneError as error:
        raise UnreachableError(f"--ari {url}: {error}") from error

    def open_line(number: int) -> AbstractAsyncContextManager[Line]:
        del number
        return AriLine(url, username, password, media_host=host, codec=codec)

    return open_line


def explained(reason: str) -> LatencyError:
    """Return the error that a phone's reason means: refused by the PBX, or no PBX there."""
    codes = _REFUSED.findall(reason)
    if codes and codes[0] not in _NOT_REFUSED:
        return UsageError(f"the PBX refuses: {reason}; check the account and --dial")
    return UnreachableError(f"no way to the PBX or the bot: {reason}")
