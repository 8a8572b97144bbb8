"""A call as a file: WebVTT, text or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from voicebot.records.events import SAMPLE_RATE
from voicebot.records.form import Format
from voicebot.records.reading import Tool
from voicebot.records.talk import cues_of, lines_of, turns_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from voicebot.records.reading import CallRecord

SHORTEST_CUE: Final = SAMPLE_RATE // 1000
"""A cue has to end after it begins, by the millisecond that the format tells."""


def export(record: CallRecord, form: Format) -> str:
    """Return ``record`` as the content of a file that ends with a line break."""
    return _WRITERS[form](record)


def to_vtt(record: CallRecord) -> str:
    """Return subtitles with a voice for each party (W3C WebVTT)."""
    blocks = ["WEBVTT", f"NOTE call {one_line(record.call)}, {clock_time(record.started_at)}"]
    for number, cue in enumerate((cue for cue in cues_of(record) if one_line(cue.text)), 1):
        end = max(cue.end, cue.start + SHORTEST_CUE)
        name = one_line(record.party(cue.party).shown)
        text = f"<v {_escaped(name)}>{_escaped(one_line(cue.text))}"
        blocks.append(f"{number}\n{_timestamp(cue.start)} --> {_timestamp(end)}\n{text}")
    return "\n\n".join(blocks) + "\n"


def to_txt(record: CallRecord) -> str:
    """Return the call as people read it: who, when, what."""
    lines = [f"{record.call}, {clock_time(record.started_at)}, {record.direction}"]
    for line in lines_of(record):
        name = one_line(record.party(line.party).shown)
        lines.append(f"{offset(line.start)} {name}: {one_line(line.text)}")
    for happened in turns_of(record):
        if isinstance(happened, Tool):
            told = f"({happened.name} {happened.argument}: {happened.result})".replace(" :", ":")
            lines.append(f"{offset(happened.position)} {told}")
        else:
            name = one_line(record.party(happened.party).shown)
            broken = " —" if happened.interrupted else ""
            lines.append(f"{offset(happened.end)} {name}: {one_line(happened.text)}{broken}")
    return "\n".join(lines) + "\n"


def to_json(record: CallRecord) -> str:
    """Return everything that is kept; positions are samples, at ``sample_rate``."""
    fields = {"sample_rate": SAMPLE_RATE, **msgspec.to_builtins(record)}
    return msgspec.json.format(msgspec.json.encode(fields), indent=2).decode() + "\n"


def offset(position: int) -> str:
    """Return the time since the start, such as ``1:02.5``."""
    tenths = position * 10 // SAMPLE_RATE
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{tenths // 10:02}.{tenths % 10}"
    return f"{hours}:{minutes:02}:{seconds}" if hours else f"{minutes}:{seconds}"


def clock_time(at: dt.datetime) -> str:
    """Return the local time of day, with its date."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"


def _timestamp(position: int) -> str:
    milliseconds = position * 1000 // SAMPLE_RATE
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def one_line(text: str) -> str:
    """Return ``text`` without line breaks or other signs that a terminal would obey."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


_WRITERS: Final[Mapping[Format, Callable[[CallRecord], str]]] = {
    Format.VTT: to_vtt,
    Format.TXT: to_txt,
    Format.JSON: to_json,
}
