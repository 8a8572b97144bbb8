"""Two people talk through real Asterisk, and what a transcriber tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jiwer
from whisper_normalizer.basic import BasicTextNormalizer

from bench.prompts import prompts
from tests.asterisk.helpers import ari

if TYPE_CHECKING:
    from bench.phone import Phone, PhoneCall
    from bench.waveform import Samples
    from tests.asterisk.programs import Program
    from tests.asterisk.server import AsteriskServer

# What people say, of the prompts that the small model understands without fault.
PASSWORD, EXTENSION, LOGIN = "agent-pass", "agent-newlocation", "agent-incorrect"
WRONG = 0.4
"""Share of the words that the small model may get wrong on a machine that others load."""

plain = BasicTextNormalizer()


def speech(name: str) -> Samples:
    return prompts()[name].samples()


def words(name: str) -> str:
    return prompts()[name].text


class Listened:
    """What a transcriber told of one call."""

    def __init__(self, events: list[dict[str, Any]], call: str) -> None:
        self.events = [event for event in events if event.get("call") == call and "event" in event]

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == kind]

    def people(self) -> list[str]:
        return [event["number"] for event in self.all("party_joined")]

    def said_by(self, number: str) -> str:
        parties = {it["party"] for it in self.all("party_joined") if it["number"] == number}
        return " ".join(it["text"] for it in self.all("final") if it["party"] in parties)


def calls_of(program: Program) -> list[str]:
    return [event["call"] for event in program.said("call_started")]


def assert_said(listened: Listened, number: str, *names: str) -> None:
    """``number`` said these prompts, and nothing else, but for a few words."""
    expected, heard = plain(" ".join(map(words, names))), plain(listened.said_by(number))
    assert jiwer.wer(expected, heard) <= WRONG, f"{number} said {expected!r}, heard {heard!r}"


async def connect(caller: Phone, number: str, callee: Phone) -> tuple[PhoneCall, PhoneCall]:
    """Return both ends of a call that is up and, after a moment, listened to."""
    call = await caller.dial(number)
    taken = await callee.called()
    await taken.answered()
    return call, taken


async def heard_by(program: Program, people: int) -> None:
    """Wait until ``people`` parties are heard, counted over all calls."""
    await program.says("party_joined", count=people, within=10)


async def snoops(pbx: AsteriskServer) -> list[str]:
    _, channels = await ari(pbx, "GET", "/channels")
    return [it["name"] for it in channels if it["name"].startswith("Snoop/")]


async def ours(pbx: AsteriskServer) -> set[str]:
    """Return the ids of what voicebot has in the PBX."""
    _, channels = await ari(pbx, "GET", "/channels")
    _, bridges = await ari(pbx, "GET", "/bridges")
    return {it["id"] for it in (*channels, *bridges) if it["id"].startswith("voicebot-")}
