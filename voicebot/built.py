"""Whether what runs for each frame was compiled when voicebot was installed."""

from __future__ import annotations

from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec


def compiled() -> bool:
    """Return whether compiled code runs, not its source; both do the same."""
    found = find_spec("voicebot.media.playout")
    origin = "" if found is None or found.origin is None else found.origin
    return origin.endswith(tuple(EXTENSION_SUFFIXES))
