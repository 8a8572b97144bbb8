"""Whether the receptionist takes calls right now: for container health checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.ari import AriClient
from voicebot.errors import AriError, AriNotFoundError

if TYPE_CHECKING:
    from voicebot.config import AriSettings


async def check_health(settings: AriSettings) -> None:
    """Return when Asterisk answers and has our application. Raises ``AriError`` otherwise.

    Asterisk keeps an application only while its websocket is connected or has channels, so this
    sees a receptionist that hangs or has died.
    """
    async with AriClient(
        settings.url,
        settings.username,
        settings.password.get_secret_value(),
        ca_file=settings.ca_file,
        timeout_s=settings.timeout_s,
    ) as ari:
        try:
            await ari.applications.get(settings.app)
        except AriNotFoundError:
            raise AriError(
                f"the Stasis application {settings.app!r} is not connected; is the receptionist "
                "running?"
            ) from None
