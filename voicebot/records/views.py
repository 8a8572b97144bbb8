"""Calls in the terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from voicebot.records.events import SAMPLE_RATE
from voicebot.records.exporting import clock_time, offset, one_line
from voicebot.records.lag import Lag
from voicebot.records.reading import Tool
from voicebot.records.talk import lines_of, turns_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from voicebot.records.reading import CallRecord, CallSummary, Party, Turn

_COLOURS = ("cyan", "yellow", "green", "magenta", "blue", "red")
_UNDER_WAY = "under way"


def show_list(calls: Sequence[CallSummary], console: Console) -> None:
    """Print a table in a terminal; elsewhere a line for each call, its fields parted by tabs."""
    rows = [_row(call) for call in calls]
    if not console.is_terminal:
        for row in rows:
            console.file.write("\t".join(row) + "\n")
        return
    table = Table("Started", "Call", "Direction", "Parties", "Length", "Said", "Ended")
    for row in rows:
        table.add_row(*(Text(field) for field in row))
    console.print(table if rows else "no calls")


def list_json(calls: Iterable[CallSummary]) -> Iterable[str]:
    """Return one JSON object for each call."""
    for call in calls:
        fields = {
            "call": call.call,
            "app": call.app,
            "direction": call.direction,
            "started_at": call.started_at.isoformat(),
            "ended_at": call.ended_at.isoformat() if call.ended_at else None,
            "reason": call.reason,
            "parties": [
                {"party": it.party, "number": it.number, "name": it.name} for it in call.parties
            ],
            "said": call.said,
        }
        yield json.dumps(fields, ensure_ascii=False)


def show_call(record: CallRecord, console: Console) -> None:
    """Print all that is kept of a call, by time."""
    ended = clock_time(record.ended_at) if record.ended_at else _UNDER_WAY
    _print(console, (f"{record.call}  {record.direction}, {record.app}", "bold"))
    reason = f", {record.reason}" if record.reason else ""
    _print(console, f"{clock_time(record.started_at)} – {ended}{reason}")
    if record.utterances:
        _print(console, (_lag(record), "dim"))
    styles = {it.party: _COLOURS[index % len(_COLOURS)] for index, it in enumerate(record.parties)}
    for party in record.parties:
        left = offset(party.left) if party.left is not None else _UNDER_WAY
        there = f"  {offset(party.joined)} – {left}"
        _print(console, "  ", (_named(party), styles[party.party]), (there, "dim"))
    for line in lines_of(record):
        name = one_line(record.party(line.party).shown)
        said = (f"{name}: ", styles[line.party]), one_line(line.text)
        _print(console, _at(line.start), *said)
    for happened in turns_of(record):
        if isinstance(happened, Tool):
            told = f"{happened.name} {happened.argument}".strip()
            _print(console, _at(happened.position), (f"{told} → {happened.result}", "dim"))
        else:
            name = one_line(record.party(happened.party).shown)
            said = (f"{name}: ", styles[happened.party]), one_line(happened.text)
            _print(console, _at(happened.end), *said, (_remarks(happened), "dim"))


def _lag(record: CallRecord) -> str:
    lag = Lag.of(it.lag_s for it in record.utterances)
    return (
        f"texts after the speech: p50 {lag.p50_s:.1f} s, p95 {lag.p95_s:.1f} s, "
        f"worst {lag.worst_s:.1f} s"
    )


def _row(call: CallSummary) -> tuple[str, ...]:
    length = call.ended_at - call.started_at if call.ended_at else None
    return (
        clock_time(call.started_at),
        call.call,
        call.direction,
        ", ".join(_named(party) for party in call.parties),
        _length(length) if length is not None else _UNDER_WAY,
        str(call.said),
        call.reason or "",
    )


def _length(length: dt.timedelta) -> str:
    return offset(round(length.total_seconds()) * SAMPLE_RATE).removesuffix(".0")


def _named(party: Party) -> str:
    return one_line(f"{party.number} {party.name}") or party.party


def _remarks(turn: Turn) -> str:
    remarks = ["interrupted"] if turn.interrupted else []
    if turn.steps:
        steps = ", ".join(f"{name} {round(ms)}" for name, ms in turn.steps.items())
        remarks.append(f"ms after the caller: {steps}")
    return f"  ({'; '.join(remarks)})" if remarks else ""


def _at(position: int) -> tuple[str, str]:
    return f"{offset(position):>9}  ", "dim"


def _print(console: Console, *parts: str | tuple[str, str]) -> None:
    """Print a line of texts, each by itself or with its style."""
    console.print(Text.assemble(*parts), highlight=False, soft_wrap=True)
