"""What chan_websocket and its client tell each other, apart from the audio: JSON as text."""

from __future__ import annotations

from typing import Final

import msgspec

from voicebot.errors import MediaError

GET_STATUS: Final = '{"command":"GET_STATUS"}'
FLUSH_MEDIA: Final = '{"command":"FLUSH_MEDIA"}'

MARK_PROCESSED: Final = "MEDIA_MARK_PROCESSED"
STATUS: Final = "STATUS"
XOFF: Final = "MEDIA_XOFF"
XON: Final = "MEDIA_XON"
START: Final = "MEDIA_START"
ERROR: Final = "ERROR"

_LONGEST_NUMBER: Final = 20
"""Digits that no count of ours reaches; Python would refuse to read thousands of them."""


class MediaEvent(msgspec.Struct, frozen=True):
    """An event of chan_websocket: ``event`` is its name, the rest belongs to some of them.

    ``correlation_id`` is of ``MEDIA_MARK_PROCESSED``, ``format`` of ``MEDIA_START``,
    ``queue_length`` (frames) of ``STATUS`` and ``error_text`` of ``ERROR``.
    """

    event: str
    correlation_id: str = ""
    format: str = ""
    queue_length: int = 0
    error_text: str = ""

    @property
    def mark(self) -> int:
        """The number of a mark of ours; 0 when the id is none."""
        name = self.correlation_id
        return int(name) if name.isdecimal() and len(name) < _LONGEST_NUMBER else 0


_decoder = msgspec.json.Decoder(MediaEvent)


def parse_event(text: str) -> MediaEvent:
    """Return the event in a text message. Raises ``MediaError`` when it is none."""
    try:
        return _decoder.decode(text)
    except msgspec.MsgspecError as error:
        raise MediaError(f"chan_websocket sent {text[:80]!r}: {error}") from error


def mark_media(number: int) -> str:
    """Return the command that has ``MEDIA_MARK_PROCESSED`` sent once all before was played."""
    return f'{{"command":"MARK_MEDIA","correlation_id":"{number}"}}'
