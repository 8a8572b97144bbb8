"""Channels, bridges and talks as a PBX might have them."""

from __future__ import annotations

import datetime as dt

from voicebot.apps.transcriber.tracker import Talk
from voicebot.ari.models import Bridge, CallerID, Channel, DialplanCEP

NOBODY = CallerID(name="", number="")
MIDNIGHT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def channel(
    serial: int,
    extension: str = "",
    *,
    number: str | None = None,
    name: str | None = None,
    state: str = "Up",
) -> Channel:
    """Return the ``serial``-th channel that was made; its id is ``c1`` and so on."""
    extension = extension or str(200 + serial)
    return Channel(
        id=f"c{serial}",
        name=name or f"PJSIP/{extension}-{serial:08x}",
        state=state,
        caller=CallerID(name=f"Phone {extension}", number=number or extension),
        connected=NOBODY,
        accountcode="",
        dialplan=DialplanCEP(context="", exten="", priority=1, app_name="", app_data=""),
        creationtime=MIDNIGHT + dt.timedelta(seconds=serial),
        language="en",
    )


def bridge(identifier: str, *channels: Channel, kind: str = "mixing", name: str = "") -> Bridge:
    """Return a bridge with ``channels`` in it."""
    return Bridge(
        id=identifier,
        technology="simple_bridge",
        bridge_type=kind,
        bridge_class="basic",
        creator="",
        name=name,
        channels=tuple(it.id for it in channels),
        creationtime=MIDNIGHT,
    )


def talk(*channels: Channel, held: str = "") -> Talk:
    """Return a talk; ``held`` are ids, separated by blanks."""
    return Talk(channels, frozenset(held.split()))
