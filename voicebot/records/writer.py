"""What each event changes in the tables."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from voicebot.records import tables
from voicebot.records.events import (
    SAMPLE_RATE,
    CallEnded,
    CallEvent,
    CallStarted,
    Final,
    PartyJoined,
    PartyLeft,
    ToolCalled,
    TurnTaken,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Row, Table

_log = structlog.get_logger(__name__)

# Made once: that is most of what a look-up takes.
_CALL = select(tables.calls).where(tables.calls.c.id == bindparam("call"))
_PARTY = select(tables.parties.c.id).where(
    tables.parties.c.call_id == bindparam("call"),
    tables.parties.c.name_in_call == bindparam("party"),
)


def keep(connection: Connection, event: CallEvent) -> None:
    """Write ``event``. What is told of a call that has been deleted, or never began, is dropped."""
    if isinstance(event, CallStarted):
        _begin(connection, event)
        return
    call = connection.execute(_CALL, {"call": event.call}).one_or_none()
    if call is None:
        _log.info("not kept: the call has been deleted", call=event.call)
        return
    _keep(event, connection, call)


def forgets(event: CallEvent) -> bool:
    """Whether ``keep`` deletes what was kept of the event's call."""
    return isinstance(event, CallEnded) and event.reason == "opted out"


def upsert(
    connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> int:
    """Set ``values`` in the row of ``key``, made if missing; return its primary key."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = dialect.insert(table).values(**key, **values)
    row = row.on_conflict_do_update(index_elements=list(key), set_=dict(values))
    (primary,) = connection.execute(row.returning(*table.primary_key)).one()
    return primary  # type: ignore[no-any-return]


def _begin(connection: Connection, event: CallStarted) -> None:
    call = connection.execute(_CALL, {"call": event.call}).one_or_none()
    if call is None:
        connection.execute(
            insert(tables.calls).values(
                id=event.call,
                app=event.app,
                direction=event.direction,
                started_at=event.at,
                session=1,
                base=0,
            )
        )
        return
    seconds = max(0.0, (event.at - call.started_at).total_seconds())
    _change(
        connection,
        call,
        session=call.session + 1,
        base=round(seconds * SAMPLE_RATE),
        ended_at=None,
        reason=None,
    )


@singledispatch
def _keep(event: CallEvent, connection: Connection, call: Row[Any]) -> None:
    """Write an event of a call that is there; partials are not kept."""


@_keep.register(PartyJoined)
def _join(event: PartyJoined, connection: Connection, call: Row[Any]) -> None:
    parties = tables.parties
    known = connection.execute(_PARTY, {"call": call.id, "party": event.party}).scalar()
    values = {"number": _clean(event.number), "name": _clean(event.name), "left": None}
    if known is not None:
        connection.execute(update(parties).where(parties.c.id == known).values(**values))
        return
    values |= {
        "call_id": call.id,
        "name_in_call": event.party,
        "joined": call.base + event.position,
    }
    connection.execute(insert(parties).values(**values))


@_keep.register(PartyLeft)
def _leave(event: PartyLeft, connection: Connection, call: Row[Any]) -> None:
    parties = tables.parties
    connection.execute(
        update(parties)
        .where(parties.c.id == _party(connection, call, event.party, event.position))
        .values(left=call.base + event.position)
    )


@_keep.register(Final)
def _say(event: Final, connection: Connection, call: Row[Any]) -> None:
    key = {
        "party_id": _party(connection, call, event.party, event.start),
        "session": call.session,
        "number": event.utterance,
    }
    values = {
        "call_id": call.id,
        "start": call.base + event.start,
        "end": call.base + event.end,
        "text": _clean(event.text),
        "language": event.language,
        "confidence": event.confidence,
        "lag_s": event.lag_s,
        "words": [
            {
                **msgspec.to_builtins(word),
                "text": _clean(word.text),
                "start": call.base + word.start,
                "end": call.base + word.end,
            }
            for word in event.words
        ],
    }
    upsert(connection, tables.utterances, key, values)


@_keep.register(TurnTaken)
def _take_turn(event: TurnTaken, connection: Connection, call: Row[Any]) -> None:
    turns = tables.turns
    party = _party(connection, call, event.party, event.end)
    if event.party == "caller" and event.turn > 0:
        connection.execute(
            delete(turns).where(
                turns.c.party_id == party,
                turns.c.session == call.session,
                turns.c.turn == event.turn,
            )
        )
    connection.execute(
        insert(turns).values(
            call_id=call.id,
            party_id=party,
            session=call.session,
            turn=event.turn,
            end=call.base + event.end,
            text=_clean(event.text),
            interrupted=event.interrupted,
            steps=dict(event.steps),
        )
    )


@_keep.register(ToolCalled)
def _use_tool(event: ToolCalled, connection: Connection, call: Row[Any]) -> None:
    connection.execute(
        insert(tables.tools).values(
            call_id=call.id,
            position=call.base + event.position,
            name=event.name,
            argument=_clean(event.argument),
            result=_clean(event.result),
        )
    )


@_keep.register(CallEnded)
def _end(event: CallEnded, connection: Connection, call: Row[Any]) -> None:
    parties = tables.parties
    connection.execute(
        update(parties)
        .where(parties.c.call_id == call.id, parties.c.left.is_(None))
        .values(left=call.base + event.position)
    )
    if forgets(event):
        # The call stays, to show that nothing of it is kept.
        utterances = tables.utterances
        connection.execute(delete(utterances).where(utterances.c.call_id == call.id))
    _change(connection, call, ended_at=event.at, reason=event.reason)


def _change(connection: Connection, call: Row[Any], **values: Any) -> None:  # noqa: ANN401 - any column's
    calls = tables.calls
    connection.execute(update(calls).where(calls.c.id == call.id).values(**values))


def _party(connection: Connection, call: Row[Any], party: str, position: int) -> int:
    """Return the row of ``party``; one that nobody announced is made, without a number."""
    found = connection.execute(_PARTY, {"call": call.id, "party": party}).scalar()
    if found is not None:
        return int(found)
    parties = tables.parties
    made = connection.execute(
        insert(parties)
        .values(
            call_id=call.id,
            name_in_call=party,
            number="",
            name="",
            joined=call.base + position,
        )
        .returning(parties.c.id)
    )
    return int(made.scalar_one())


def _clean(text: str) -> str:
    """Return ``text`` without the one character that PostgreSQL does not keep."""
    return text.replace("\0", "")
