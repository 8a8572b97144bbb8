"""What the sidecar does when it meets a PBX, for the first time or again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from voicebot.apps import names
from voicebot.apps.legs import forgive
from voicebot.apps.phones import is_phone
from voicebot.errors import AriError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from voicebot.apps.transcriber.policy import Policy
    from voicebot.apps.transcriber.studio import Studio
    from voicebot.ari.models import Bridge, Channel, Message

_log = structlog.get_logger(__name__)


async def take_stock(
    studio: Studio, wanted: Iterable[type[Message]]
) -> tuple[Sequence[Channel], Sequence[Bridge]]:
    """Have only the ``wanted`` events sent; return all channels and bridges of the PBX.

    Raises ``AriError``.
    """
    # Filtered first: what happens between the two answers is told by an event.
    await studio.ari.applications.filter(
        studio.app, filter={"allowed": [{"type": kind.__name__} for kind in wanted]}
    )
    channels, bridges = await asyncio.gather(studio.ari.channels.list(), studio.ari.bridges.list())
    return channels, bridges


async def warn(studio: Studio, policy: Policy) -> None:
    """Say what the settings name that the PBX does not know."""
    try:
        endpoints = await studio.ari.endpoints.list()
    except AriError as error:
        _log.info("extensions of the settings are not checked", reason=str(error))
        return
    known = {it.resource for it in endpoints if is_phone(f"{it.technology}/{it.resource}")}
    for complaint in policy.complaints(known):
        _log.warning(complaint)


async def remove_leftovers(
    studio: Studio,
    channels: Iterable[Channel],
    bridges: Iterable[Bridge],
    mine: Collection[str],
) -> None:
    """Remove what a former run that was killed left in the PBX: all of ours but ``mine``."""
    prefix = names.ear(studio.app)
    for channel in channels:
        if channel.id.startswith(prefix) and channel.id not in mine:
            await forgive(studio.ari.channels.hangup(channel.id))
    for bridge in bridges:
        if bridge.id.startswith(prefix) and bridge.id not in mine:
            await forgive(studio.ari.bridges.destroy(bridge.id))
