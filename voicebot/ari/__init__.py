"""The Asterisk REST Interface, complete and typed.

::

    async with AriClient("http://pbx:8088/asterisk", "bot", "secret", app="hello-world") as ari:
        async for event in ari.events():
            match event:
                case StasisStart(channel=channel):
                    await ari.channels.answer(channel.id)

Resources, operations, parameters and models have ARI's own names, in snake case where Python wants
it. ``models`` and ``resources`` are generated from the description that Asterisk ships
(``python -m voicebot.ari.generate``); the rest is written by hand:

1. ``client``: the object you hold
2. ``stream``: the events websocket, kept open and reconciled; ``messages``: what arrives there
3. ``rest``: requests and TLS; ``failures``: what their errors mean
"""

from __future__ import annotations

from voicebot.ari.backoff import Backoff
from voicebot.ari.client import AriClient
from voicebot.ari.messages import Connected, Disconnected, UnknownEvent

__all__ = ["AriClient", "Backoff", "Connected", "Disconnected", "UnknownEvent"]
