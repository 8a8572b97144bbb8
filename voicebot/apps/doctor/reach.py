"""Whether ARI can be used at all: there, switched on, under this prefix, by this user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from uuid import uuid4

from voicebot.apps.doctor.advice import advice_for
from voicebot.apps.doctor.finding import Check
from voicebot.ari import AriClient
from voicebot.errors import (
    AriAuthenticationError,
    AriConnectionError,
    AriError,
    AriNotFoundError,
    AriSetupError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicebot.apps.doctor.finding import Finding
    from voicebot.config import AriSettings

REACH = Check("asterisk", "everything goes through its HTTP server")
_ARI = Check("ari", "the interface by which voicebot handles calls")
_LOGIN = Check("credentials", "ARI answers its users only")
_WRITE = Check("permission", "a user that may only read can answer no call")
_PREFIXES: Final = ("", "/asterisk", "/pbx")


def client(settings: AriSettings, *, app: str | None = None, url: str | None = None) -> AriClient:
    """Return a client of these settings, which registers nothing unless ``app`` is given."""
    return AriClient(
        url or settings.url,
        settings.username,
        settings.password.get_secret_value(),
        app=app,
        ca_file=settings.ca_file,
        timeout_s=settings.timeout_s,
    )


async def check_reach(settings: AriSettings) -> tuple[Finding, ...]:
    """Judge step by step how far one gets; the first step that fails is the last finding."""
    error = await _ping(settings, settings.url)
    if error is None:
        return (*_reached(settings), _LOGIN.ok(f"ARI user {settings.username!r}"))
    if isinstance(error, AriAuthenticationError):
        refused = _LOGIN.failed(str(error), fix=advice_for(error))
        return (*_reached(settings), refused)
    if isinstance(error, AriSetupError) and error.__cause__ is None:
        return REACH.ok(settings.url), await _without_ari(settings, error)
    if isinstance(error, AriConnectionError):
        return (REACH.failed(str(error), fix=advice_for(error)),)
    return REACH.ok(settings.url), _ARI.failed(str(error), fix=advice_for(error))


async def check_permission(ari: AriClient) -> Finding:
    """Judge whether the user may write, by removing what is not there. Raises ``AriError``."""
    try:
        await ari.bridges.destroy(f"voicebot-doctor-{uuid4().hex}")
    except AriNotFoundError:
        pass
    except AriAuthenticationError as error:
        return _WRITE.failed(str(error), fix=advice_for(error))
    return _WRITE.ok("may read and write")


def _reached(settings: AriSettings) -> Iterator[Finding]:
    yield REACH.ok(settings.url)
    yield _ARI.ok("switched on, and the prefix fits")


async def _without_ari(settings: AriSettings, error: AriError) -> Finding:
    """Say why an HTTP server has no ARI; look for it under the usual prefixes."""
    parts = urlsplit(settings.url)
    for prefix in _PREFIXES:
        url = f"{parts.scheme}://{parts.netloc}{prefix}"
        if url == settings.url.rstrip("/"):
            continue
        found = await _ping(settings, url)
        if found is None or isinstance(found, AriAuthenticationError):
            return _ARI.failed(
                f"ARI is at {url}, not at {settings.url}", fix=f"set ari.url to {url}"
            )
    return _ARI.failed(str(error), fix=advice_for(error))


async def _ping(settings: AriSettings, url: str) -> AriError | None:
    async with client(settings, url=url) as ari:
        try:
            await ari.asterisk.ping()
        except AriError as error:
            return error
    return None
