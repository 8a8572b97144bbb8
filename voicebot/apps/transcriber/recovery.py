"""What the sidecar does when it meets a PBX, for the first time or again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from voicebot.apps import names
from voicebot.apps.legs import forgive
from voicebot.apps.phones import Status, is_phone
from voicebot.apps.transcriber.tracker import device_of
from voicebot.errors import AriError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from voicebot.apps.transcriber.policy import Policy
    from voicebot.apps.transcriber.studio import Studio
    from voicebot.apps.transcriber.tracker import Talk
    from voicebot.ari.models import Bridge, Channel, Message

_log = structlog.get_logger(__name__)


async def take_stock(
    studio: Studio, wanted: Iterable[type[Message]]
) -> tuple[Sequence[Channel], Sequence[Bridge]]:
    """Have only the ``wanted`` events sent; return all channels and bridges of the PBX.

    Raises ``AriError``.
    """
    # Nobody here asks for devices: not even a crash can then meet what events.stop() avoids.
    await studio.ari.events.forget_devices()
    # Filtered first: what happens between the two answers is told by an event.
    await studio.ari.applications.filter(
        studio.app, filter={"allowed": [{"type": kind.__name__} for kind in wanted]}
    )
    channels, bridges = await asyncio.gather(studio.ari.channels.list(), studio.ari.bridges.list())
    return channels, bridges


async def holders(studio: Studio, talks: Iterable[Talk]) -> set[str]:
    """Return the channels that hold, as far as the PBX tells: where two talk.

    Asterisk has no list of them; it calls the device of the other one ``ONHOLD``.
    """
    pairs = [talk.channels for talk in talks if len(talk.channels) == 2]
    others = [(held, holder.id) for one, two in pairs for held, holder in ((one, two), (two, one))]
    on_hold = await asyncio.gather(*(_is_on_hold(studio, held) for held, _ in others))
    return {holder for (_, holder), yes in zip(others, on_hold, strict=True) if yes}


async def _is_on_hold(studio: Studio, channel: Channel) -> bool:
    try:
        device = await studio.ari.device_states.get(device_of(channel))
    except AriError as error:
        _log.info("nobody knows who is on hold", channel=channel.id, reason=str(error))
        return False
    return device.state == Status.ONHOLD


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
