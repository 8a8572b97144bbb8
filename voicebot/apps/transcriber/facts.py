"""What has to be asked about a channel before its call can be judged."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from voicebot.apps.transcriber.notebook import Facts
from voicebot.apps.transcriber.policy import mark_of
from voicebot.errors import AriNotFoundError, AriRequestError

if TYPE_CHECKING:
    from voicebot.apps.transcriber.policy import Mark
    from voicebot.ari.client import AriClient
    from voicebot.ari.models import Channel


async def facts_of(ari: AriClient, channel: Channel, variable: str) -> Facts:
    """Return the facts of ``channel``; ``variable`` is the one that switches transcription off.

    Raises ``AriError`` when the PBX gives no answer: then nobody may be heard.
    """
    linked, mark = await asyncio.gather(_linked_id(ari, channel), _mark(ari, channel, variable))
    return Facts(linked, mark)


async def _linked_id(ari: AriClient, channel: Channel) -> str:
    try:
        answer = await ari.channels.get_channel_var(channel.id, variable="CHANNEL(linkedid)")
    except AriRequestError:
        # Without func_channel nobody can tell.
        return channel.id
    return answer.value or channel.id


async def _mark(ari: AriClient, channel: Channel, variable: str) -> Mark:
    try:
        answer = await ari.channels.get_channel_var(channel.id, variable=variable)
    except AriNotFoundError:
        return ""
    return mark_of(answer.value)
