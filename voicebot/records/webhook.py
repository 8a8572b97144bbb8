"""The webhook: each event is sent to a receiver with a signed POST.

The headers are those of Standard Webhooks (standardwebhooks.com), so receivers have libraries to
check them with: ``webhook-id``, the same whenever the same event is sent again;
``webhook-timestamp``, Unix seconds of this attempt; ``webhook-signature``, ``v1,`` and the base64
of HMAC-SHA256 over ``ID.TIMESTAMP.BODY``.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import ssl
import time
from typing import TYPE_CHECKING, Final

import aiohttp

from voicebot.errors import (
    ConfigError,
    RecordsGoneError,
    RecordsRefusedError,
    RecordsUnavailableError,
)
from voicebot.records.encoding import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from voicebot.records.entry import Entry

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - what such secrets begin with

LATER: Final = frozenset({401, 403, 404, 405, 407, 408, 421, 423, 425, 429})
"""Refusals that are about the receiver and its settings, not the event: they may be mended."""

GONE: Final = 410
LONGEST_RETRY_AFTER_S: Final = 3600.0


class Webhook:
    """A receiver of events at ``url``.

    2xx accepts. 410 ends it all. Other 4xx refuse the event, but those of ``LATER``; everything
    else, redirects included, means later. Raises ``ConfigError``.
    """

    batch = 1
    pause_s = 0.0

    def __init__(
        self,
        url: str,
        *,
        secret: str | None = None,
        timeout_s: float,
        ca_file: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = url
        self._key = _key(secret) if secret else None
        self._tls = tls_of(ca_file)
        self._timeout_s = timeout_s
        self._clock = clock
        # A loop of its own, in the thread that delivers: calls are on the other one.
        self._runner: asyncio.Runner | None = None
        self._session: aiohttp.ClientSession | None = None

    def deliver(self, entries: Sequence[Entry]) -> None:
        """Send ``entries``, one request each."""
        if self._runner is None:
            self._runner = asyncio.Runner()
        for entry in entries:
            self._runner.run(self._send(entry))

    def close(self) -> None:
        """Close the connection."""
        if self._runner is not None:
            if self._session is not None:
                self._runner.run(self._session.close())
            self._runner.close()

    async def _send(self, entry: Entry) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self._tls, limit=1),
                timeout=aiohttp.ClientTimeout(total=self._timeout_s),
                headers={"content-type": "application/json", "user-agent": "voicebot"},
                trust_env=True,
            )
        body = to_json(entry.event)
        try:
            async with self._session.post(
                self._url, data=body, headers=self._sign(entry.id, body), allow_redirects=False
            ) as answer:
                self._judge(answer)
        except TimeoutError as error:
            message = f"{self._url}: no answer within {self._timeout_s:g} s (webhook.timeout_s)"
            raise RecordsUnavailableError(message) from error
        except (aiohttp.ClientError, OSError) as error:
            message = f"{self._url}: {error or type(error).__name__}; see that the receiver runs"
            raise RecordsUnavailableError(message) from error

    def _sign(self, entry_id: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._clock()))
        headers = {"webhook-id": entry_id, "webhook-timestamp": timestamp}
        if self._key is not None:
            signed = f"{entry_id}.{timestamp}.".encode() + body
            digest = hmac.new(self._key, signed, hashlib.sha256).digest()
            headers["webhook-signature"] = "v1," + base64.b64encode(digest).decode()
        return headers

    def _judge(self, answer: aiohttp.ClientResponse) -> None:
        status = answer.status
        if 200 <= status < 300:
            return
        told = f"{self._url}: {status} {answer.reason}"
        if status == GONE:
            raise RecordsGoneError(f"{told}; the receiver is gone: remove webhook.url")
        if 300 <= status < 400:
            target = answer.headers.get("location", "elsewhere")
            raise RecordsUnavailableError(f"{told} to {target}: set webhook.url to that")
        if 400 <= status < 500 and status not in LATER:
            raise RecordsRefusedError(told)
        raise RecordsUnavailableError(
            f"{told}; see the receiver's own log", retry_after_s=_retry_after(answer)
        )


def _retry_after(answer: aiohttp.ClientResponse) -> float | None:
    """Return the header's seconds; a date there is not worth a parser."""
    try:
        return min(float(answer.headers["retry-after"]), LONGEST_RETRY_AFTER_S)
    except (KeyError, ValueError):
        return None


def _key(secret: str) -> bytes:
    """Return the bytes of ``secret``: base64 after ``whsec_``, else the text itself."""
    if not secret.startswith(SECRET_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ConfigError("webhook.secret: what follows whsec_ is not base64") from error


def tls_of(ca_file: Path | None) -> ssl.SSLContext:
    """Return what verifies the receiver. Raises ``ConfigError``."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        message = f"webhook.ca_file: {ca_file} is no readable certificate (PEM): {error}"
        raise ConfigError(message) from error
