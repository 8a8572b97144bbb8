"""What went wrong with a connection or a request, said so that it can be mended."""

from __future__ import annotations

from http.client import responses
from typing import TYPE_CHECKING

import aiohttp
import msgspec

from voicebot.errors import (
    AriAuthenticationError,
    AriConflictError,
    AriConnectionError,
    AriError,
    AriNotFoundError,
    AriRequestError,
    AriSetupError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

NOT_ARI = (
    "answers, but not as ARI: is ARI switched on (enabled = yes in ari.conf; in MikoPBX: "
    "General settings, AMI & ARI), and is the prefix in the URL that of http.conf "
    "(MikoPBX: http://PBX:8088/asterisk)?"
)

_BY_STATUS: Mapping[int, type[AriRequestError]] = {
    401: AriAuthenticationError,
    403: AriAuthenticationError,
    404: AriNotFoundError,
    409: AriConflictError,
    412: AriConflictError,
}


class _Refusal(msgspec.Struct):
    """The body of Asterisk's error answers; other programs write ``error`` or other things."""

    message: str


def connection_failure(error: Exception, url: str, timeout_s: float) -> AriConnectionError:
    """Return what ``error``, raised by aiohttp while talking to ``url``, means.

    An ``AriSetupError`` where the next attempt would fail in the same way.
    """
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return AriSetupError(_certificate_problem(error, url))
        case aiohttp.ClientConnectorSSLError():
            return AriSetupError(
                f"{url}: no TLS there ({error.os_error}); Asterisk's TLS port is 8089 by default"
            )
        case aiohttp.ClientConnectorDNSError():
            return AriConnectionError(f"{url}: the host name {error.host!r} is not known")
        case aiohttp.ClientConnectorError():
            return AriConnectionError(
                f"{url}: {error.os_error.strerror or error.os_error}; is Asterisk running, and its "
                "HTTP server (http.conf) bound to this address and port?"
            )
        case TimeoutError():
            return AriConnectionError(f"{url}: no answer within {timeout_s:g} s")
        case _:
            return AriConnectionError(f"{url}: the connection broke ({error or repr(error)})")


def _certificate_problem(error: aiohttp.ClientConnectorCertificateError, url: str) -> str:
    reason = getattr(error.certificate_error, "verify_message", "") or str(error.certificate_error)
    return (
        f"{url}: the certificate is not accepted for host {error.host!r}: {reason}; "
        "use the name in the certificate, or name its authority with ca_file"
    )


def refusal(
    method: str, path: str, status: int, content: bytes, *, url: str, username: str
) -> AriError:
    """Return what an answer with an error status means.

    Asterisk's ARI always explains itself in JSON. A 404 without comes from its HTTP server: nothing
    is mounted at this address.
    """
    try:
        message = msgspec.json.decode(content, type=_Refusal).message
    except msgspec.MsgspecError:
        if status == 404:
            return AriSetupError(f"{url} {NOT_ARI}")
        message = _plain(content)
    if status == 401:
        message = f"{message or 'refused'}; check the password of the ARI user {username!r}"
    return _BY_STATUS.get(status, AriRequestError)(method, path, status, message)


def handshake_refusal(
    error: aiohttp.WSServerHandshakeError, path: str, *, url: str, username: str
) -> AriError:
    """Return what a refused websocket means; the body of the answer is not known here."""
    phrase = responses.get(error.status, "the websocket was refused")
    return refusal("GET", path, error.status, phrase.encode(), url=url, username=username)


def _plain(content: bytes) -> str:
    """Return the first 200 characters of an answer that nobody has described."""
    return " ".join(content.decode(errors="replace").split())[:200]
