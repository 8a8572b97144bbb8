"""The demonstration: the unchanged receptionist, a simulated PBX and callers that follow a script.

Read ``conversations`` (what is said, and what must come of it), ``playing`` (one call, on the
wire and in real time), ``observing`` (what is told about it), ``checks`` (whether it went as it
should), ``views`` (how it is shown) and ``run`` (all of it together).
"""

from __future__ import annotations

from voicebot.apps.demo.conversations import CONVERSATIONS, Conversation
from voicebot.apps.demo.run import OfficeOpener, run_demo

__all__ = ["CONVERSATIONS", "Conversation", "OfficeOpener", "run_demo"]
