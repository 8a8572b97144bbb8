"""A simulated PBX: ARI over HTTP and websocket, RTP on loopback, callers that follow a script.

It does what Asterisk 22 was seen to do: states, events and their order, error statuses and texts,
what it accepts in RTP and what it drops. See ``pbx.SimulatedPbx`` first.
"""

from __future__ import annotations

from voicebot.sim.caller import SimCaller
from voicebot.sim.dialplan import OFFICE, Dialplan, Phone, StasisExtension
from voicebot.sim.exchange import Leftovers
from voicebot.sim.faults import EventFault, Faults, RestFault
from voicebot.sim.pbx import SimulatedPbx
from voicebot.sim.recording import Recording, Spoken
from voicebot.sim.rest_system import ALL_MODULES, STOCK_MODULES

__all__ = [
    "ALL_MODULES",
    "OFFICE",
    "STOCK_MODULES",
    "Dialplan",
    "EventFault",
    "Faults",
    "Leftovers",
    "Phone",
    "Recording",
    "RestFault",
    "SimCaller",
    "SimulatedPbx",
    "Spoken",
    "StasisExtension",
]
