"""The engine's own timeline beside the phone's figures: where the time of a turn goes.

Read from voicebot's JSON log lines with the event ``turn``, whose fields are milliseconds since the
caller's last sample.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.latency_errors import UsageError
from bench.latency_figures import Spread, spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

STEPS = {
    "pause": "silence until the pause is noticed",
    "transcript": "speech to text",
    "first_token": "language model, first token",
    "first_audio": "text to speech, first audio",
    "turn_end": "more silence until the turn is over",
    "first_packet": "engine, first packet",
}
"""The steps by their name in the log, and in words."""

LAST = "first_packet"


@dataclass(frozen=True, slots=True)
class Step:
    """One step over all turns: when it was reached, and what it added to the wait.

    ``share`` is of the whole wait, between 0 and 1. A step that was done before another one ended,
    as speculation is, adds only what nothing else was waited for.
    """

    name: str
    reached: Spread
    added: Spread
    share: float


@dataclass(frozen=True, slots=True)
class Account:
    """What the engine itself tells: the timeline of each turn (ms), and what became of drafts."""

    turns: Sequence[Mapping[str, float]]
    speculation: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LogMark:
    """A position in a log, so that only what comes later is read."""

    path: Path
    position: int

    @classmethod
    def now(cls, path: Path) -> LogMark:
        """Return the mark at the end of the file. Raises ``UsageError`` if there is none."""
        try:
            return cls(path, path.stat().st_size)
        except OSError as error:
            raise UsageError(f"{path}: {error}") from error

    def read(self) -> Account:
        """Return what was logged since."""
        with self.path.open("rb") as file:
            file.seek(self.position)
            lines = file.read().decode(errors="replace").splitlines()
        return Account(read_turns(lines), read_speculation(lines))


def read_turns(lines: Iterable[str]) -> list[dict[str, float]]:
    """Return the timeline of each turn in ``lines``; lines that are not JSON are left out.

    A turn that was never answered, so has no first packet, is left out too.
    """
    parsed = (_event(line) for line in lines)
    found = [
        {name: float(event[name]) for name in STEPS if isinstance(event.get(name), int | float)}
        for event in parsed
        if event.get("event") == "turn"
    ]
    return [turn for turn in found if LAST in turn]


def read_speculation(lines: Iterable[str]) -> dict[str, Any]:
    """Return the counts of all calls together, by their names in the log; empty without any."""
    found = [event for event in map(_event, lines) if event.get("event") == "speculation"]
    summed: dict[str, Any] = {}
    for event in found:
        for name, value in event.items():
            if isinstance(value, dict):
                total = summed.setdefault(name, {})
                for key, count in value.items():
                    total[key] = total.get(key, 0) + count
            elif isinstance(value, int):
                summed[name] = summed.get(name, 0) + value
    return summed


def additions(turn: Mapping[str, float]) -> dict[str, float]:
    """Return what each step added to the wait of one turn; their sum is the first packet's time."""
    reached = 0.0
    added: dict[str, float] = {}
    for name in sorted(turn, key=lambda step: (turn[step], list(STEPS).index(step))):
        moment = min(turn[name], turn[LAST])
        added[name] = max(0.0, moment - reached)
        reached = max(reached, moment)
    return added


def summarise(turns: Sequence[Mapping[str, float]]) -> list[Step]:
    """Return the steps that occur, in the order in which they were usually reached."""
    added = [additions(turn) for turn in turns]
    total = sum(turn[LAST] for turn in turns)
    found = []
    for name in STEPS:
        reached = spread(turn.get(name) for turn in turns)
        share = spread(turn.get(name) for turn in added)
        if reached is not None and share is not None:
            part = sum(turn.get(name, 0.0) for turn in added) / total if total else 0.0
            found.append(Step(name, reached, share, part))
    return sorted(found, key=lambda step: (step.reached.at(50), list(STEPS).index(step.name)))


def as_json(turns: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Return the steps by name, each with ``reached_ms``, ``added_ms`` and ``share``."""
    steps = {
        step.name: {
            "reached_ms": step.reached.as_json(),
            "added_ms": step.added.as_json(),
            "share": round(step.share, 3),
        }
        for step in summarise(turns)
    }
    return {"turns": len(turns), "steps": steps}


def _event(line: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}
