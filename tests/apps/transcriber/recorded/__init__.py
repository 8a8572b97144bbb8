"""What real Asterisk 22.10 sends while its phones 201 to 203 talk, by the dialplan of its tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from voicebot.ari.messages import MessageDecoder

if TYPE_CHECKING:
    from voicebot.ari.models import Message

HERE = Path(__file__).parent


def events(name: str) -> list[Message]:
    """Return the events of a recording, in the order in which they came."""
    decoder = MessageDecoder()
    lines = (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [decoder.decode(line) for line in lines]
