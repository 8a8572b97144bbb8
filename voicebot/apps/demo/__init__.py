"""The demonstration: the unchanged receptionist, a simulated PBX and callers that follow a script.

Read ``acts`` (what a conversation is made of), ``conversations`` (which there are), ``playing``
(one call, on the wire and in real time), ``observing`` (what is told about it), ``checks`` (whether
it went as it should), ``views`` (how it is shown) and ``run`` (all of it together).
"""

from __future__ import annotations

from voicebot.apps.demo.acts import Conversation
from voicebot.apps.demo.conversations import CONVERSATIONS
from voicebot.apps.demo.run import OfficeOpener, run_demo

__all__ = ["CONVERSATIONS", "Conversation", "OfficeOpener", "run_demo"]
