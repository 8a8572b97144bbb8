"""What is kept, read back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from voicebot.errors import CallUnknownError
from voicebot.records import tables
from voicebot.records.events import SAMPLE_RATE, Word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Row

    from voicebot.records.database import Database


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody in a call. ``party`` is unique within it; positions as in ``events``."""

    party: str
    number: str
    name: str
    joined: int
    left: int | None

    @property
    def shown(self) -> str:
        """Its name for people."""
        return self.name or self.number or self.party


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a party said without a pause."""

    party: str
    start: int
    end: int
    text: str
    language: str
    confidence: float | None
    lag_s: float
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn in a talk with the receptionist; as ``events.TurnTaken``."""

    party: str
    turn: int
    end: int
    text: str
    interrupted: bool
    steps: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the receptionist used."""

    position: int
    name: str
    argument: str
    result: str


@dataclass(frozen=True, slots=True)
class CallSummary:
    """A call in a list. ``said`` counts utterances and turns."""

    call: str
    app: str
    direction: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    reason: str | None
    parties: tuple[Party, ...]
    said: int


@dataclass(frozen=True, slots=True)
class CallRecord:
    """All that is kept of a call, each kind in the order of time."""

    call: str
    app: str
    direction: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    reason: str | None
    parties: tuple[Party, ...]
    utterances: tuple[Utterance, ...]
    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...]

    def party(self, party: str) -> Party:
        """Return the party of that name."""
        return next(it for it in self.parties if it.party == party)

    def time(self, position: int) -> dt.datetime:
        """Return the time of day at ``position``."""
        return self.started_at + dt.timedelta(seconds=position / SAMPLE_RATE)


def list_calls(
    database: Database,
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    number: str | None = None,
    limit: int,
) -> list[CallSummary]:
    """Return the last ``limit`` calls that began in that time, newest first.

    ``number`` is a party's; ``*`` in it stands for anything. Raises ``RecordsUnavailableError``.
    """
    calls, parties = tables.calls, tables.parties
    query = select(calls).order_by(calls.c.started_at.desc(), calls.c.id.desc()).limit(limit)
    if since is not None:
        query = query.where(calls.c.started_at >= since)
    if until is not None:
        query = query.where(calls.c.started_at < until)
    if number is not None:
        pattern = number.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        like = parties.c.number.like(pattern.replace("*", "%"), escape="\\")
        query = query.where(calls.c.id.in_(select(parties.c.call_id).where(like)))
    with database.reading() as connection:
        rows = connection.execute(query).all()
        ids = [row.id for row in rows]
        people = _parties(connection, ids)
        said = _said(connection, ids)
    return [
        CallSummary(
            row.id,
            row.app,
            row.direction,
            row.started_at,
            row.ended_at,
            row.reason,
            tuple(people.get(row.id, {}).values()),
            said.get(row.id, 0),
        )
        for row in rows
    ]


def load_call(database: Database, call: str) -> CallRecord:
    """Return what is kept of ``call``. Raises ``CallUnknownError``, ``RecordsUnavailableError``."""
    calls = tables.calls
    with database.reading() as connection:
        row = connection.execute(select(calls).where(calls.c.id == call)).one_or_none()
        if row is None:
            message = f"{call}: no such call is kept in {database.place}; see voicebot calls list"
            raise CallUnknownError(message)
        people = _parties(connection, [call]).get(call, {})
        return CallRecord(
            row.id,
            row.app,
            row.direction,
            row.started_at,
            row.ended_at,
            row.reason,
            tuple(people.values()),
            _utterances(connection, call, people),
            _turns(connection, call, people),
            _tools(connection, call),
        )


def _parties(connection: Connection, calls: Sequence[str]) -> dict[str, dict[int, Party]]:
    """Return the parties of each call, by their row, in the order in which they joined."""
    parties = tables.parties
    query = select(parties).where(parties.c.call_id.in_(calls))
    found: dict[str, dict[int, Party]] = {}
    for row in connection.execute(query.order_by(parties.c.joined, parties.c.id)):
        party = Party(row.name_in_call, row.number, row.name, row.joined, row.left)
        found.setdefault(row.call_id, {})[row.id] = party
    return found


def _said(connection: Connection, calls: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for table in (tables.utterances, tables.turns):
        query = select(table.c.call_id, func.count().label("said"))
        query = query.where(table.c.call_id.in_(calls)).group_by(table.c.call_id)
        for row in connection.execute(query):
            counts[row.call_id] = counts.get(row.call_id, 0) + row.said
    return counts


def _utterances(
    connection: Connection, call: str, people: Mapping[int, Party]
) -> tuple[Utterance, ...]:
    table = tables.utterances
    query = select(table).where(table.c.call_id == call).order_by(table.c.start, table.c.id)
    return tuple(
        Utterance(
            people[row.party_id].party,
            row.start,
            row.end,
            row.text,
            row.language,
            row.confidence,
            row.lag_s,
            tuple(Word(**word) for word in row.words),
        )
        for row in connection.execute(query)
    )


def _turns(connection: Connection, call: str, people: Mapping[int, Party]) -> tuple[Turn, ...]:
    table = tables.turns
    query = select(table).where(table.c.call_id == call).order_by(table.c.end, table.c.id)

    def turn(row: Row[Any]) -> Turn:
        party = people[row.party_id].party
        return Turn(party, row.turn, row.end, row.text, row.interrupted, row.steps)

    return tuple(turn(row) for row in connection.execute(query))


def _tools(connection: Connection, call: str) -> tuple[Tool, ...]:
    table = tables.tools
    query = select(table).where(table.c.call_id == call).order_by(table.c.position, table.c.id)
    return tuple(
        Tool(row.position, row.name, row.argument, row.result) for row in connection.execute(query)
    )
