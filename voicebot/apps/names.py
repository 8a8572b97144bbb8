"""The ids that voicebot chooses in Asterisk.

They are chosen before the request, so that an event never arrives for an unknown id, and they tell
what a thing is, so that after a crash everything left behind can be found.
"""

from __future__ import annotations

from uuid import uuid4

_PREFIX = "voicebot-"
MEDIA = _PREFIX + "media-"
DIAL = _PREFIX + "dial-"
CALL = _PREFIX + "call-"
TALK = _PREFIX + "talk-"
_EAR = _PREFIX + "ear-"


def new(prefix: str) -> str:
    """Return a fresh id: ``MEDIA`` and ``DIAL`` are channels, ``CALL`` and ``TALK`` bridges."""
    return prefix + uuid4().hex


def ear(app: str) -> str:
    """Return the prefix of the channels and bridges through which the application ``app`` listens.

    Two sidecars may listen to one PBX: each removes only what it left itself.
    """
    return f"{_EAR}{app}:"


def is_ours(identifier: str) -> bool:
    """Return whether voicebot made the channel or bridge; callers' channels are not ours."""
    return identifier.startswith(_PREFIX)
