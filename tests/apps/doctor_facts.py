"""A healthy PBX as the doctor sees it, to be made ill one thing at a time."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec

from tests.ari.fake import application
from voicebot.apps.doctor.facts import Facts
from voicebot.apps.doctor.modules import NEEDS, TIMING
from voicebot.ari.models import AsteriskInfo, Channel
from voicebot.config import Settings

if TYPE_CHECKING:
    from tests.ari.fake import FakeAsterisk

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
STOCK = frozenset({need.module for need in NEEDS if need.transport is None} | {TIMING[0]})
"""What a stock MikoPBX runs: everything but the drivers of externalMedia."""
HEALTHY = STOCK | {"res_rtp_multicast", "chan_rtp", "chan_websocket"}


def settings(url: str = "http://127.0.0.1:8088/asterisk", **sections: dict[str, Any]) -> Settings:
    ari = {"url": url, "username": "bot", "password": "secret", "app": "voicebot", "timeout_s": 2}
    # The tester's own records are nobody's business.
    sections = {"records": {"url": ""}, **sections}
    return Settings(**{**sections, "ari": {**ari, **sections.get("ari", {})}})


def info(version: str = "22.10.1", **config: Any) -> dict[str, Any]:
    names = {"name": "", "default_language": "en", "setid": {"user": "", "group": ""}}
    return {
        "system": {"version": version, "entity_id": "02:fc:00:00:00:01"},
        "config": {**names, **config},
    }


def facts(**changes: Any) -> Facts:
    described = changes.pop("info", info())
    healthy: dict[str, Any] = {
        "info": msgspec.convert(described, AsteriskInfo),
        "running": HEALTHY,
        "applications": frozenset(),
        "channels": (),
        "ahead_s": 0.01,
        "answer_s": 0.004,
    }
    return Facts(**{**healthy, **changes})


def in_stasis(app_data: str, *, exten: str = "bot", priority: int = 2) -> Channel:
    described = {
        "id": "1",
        "name": "PJSIP/201-1",
        "state": "Up",
        "caller": {"name": "", "number": "201"},
        "connected": {"name": "", "number": ""},
        "accountcode": "",
        "dialplan": {
            "context": "internal",
            "exten": exten,
            "priority": priority,
            "app_name": "Stasis",
            "app_data": app_data,
        },
        "creationtime": "2026-11-22T22:31:00.000+0000",
        "language": "en",
    }
    return msgspec.convert(described, Channel)


def answer_healthily(fake: FakeAsterisk, running: frozenset[str] = HEALTHY) -> None:
    """Let ``fake`` answer what the doctor asks."""
    fake.answers |= {
        ("GET", "/asterisk/ping"): (
            200,
            {"asterisk_id": "x", "ping": "pong", "timestamp": f"{NOON:%Y-%m-%dT%H:%M:%S}.000+0000"},
        ),
        ("GET", "/asterisk/info"): (200, info()),
        ("GET", "/applications"): (200, [application("other")]),
        ("GET", "/channels"): (200, []),
        ("GET", "/endpoints"): (200, []),
    }
    set_modules(fake, running)


def set_modules(fake: FakeAsterisk, running: frozenset[str]) -> None:
    fake.answers["GET", "/asterisk/modules"] = (
        200,
        [
            {
                "name": f"{name}.so",
                "description": "",
                "use_count": 0,
                "status": "Running",
                "support_level": "core",
            }
            for name in sorted(running)
        ],
    )
