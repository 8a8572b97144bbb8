"""The tables, in SQLite and PostgreSQL alike. ``migrations`` makes them; a test compares the two.

Positions are samples at 16 kHz since the call's ``started_at``.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

if TYPE_CHECKING:
    from sqlalchemy import Dialect

VERSION_TABLE = "voicebot_schema"
"""Alembic's table, by which a database of ours is known."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[dt.datetime]):
    """A time of day with its zone; SQLite, which knows no zones, keeps it in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401 - SQLAlchemy's own signature
        """Return ``value`` in UTC."""
        del dialect
        return None if value is None else value.astimezone(dt.UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:  # noqa: ANN401 - SQLAlchemy's own signature
        """Return the moment in UTC."""
        del dialect
        if value is None:
            return None
        at: dt.datetime = value
        return at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)


# SQLite counts rows by itself only where the key is exactly INTEGER.
Id = BigInteger().with_variant(Integer(), "sqlite")


def _call() -> Column[str]:
    return Column("call_id", Text, ForeignKey("calls.id", ondelete="CASCADE"), nullable=False)


def _party() -> Column[int]:
    return Column("party_id", Id, ForeignKey("parties.id", ondelete="CASCADE"), nullable=False)


calls = Table(
    "calls",
    metadata,
    Column("id", Text, primary_key=True),
    Column("app", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("started_at", Moment, nullable=False, index=True),
    Column("ended_at", Moment),
    Column("reason", Text),
    # How often it was begun: more than once after restarts of voicebot in mid-call.
    Column("session", Integer, nullable=False),
    # Where the positions of this session begin.
    Column("base", BigInteger, nullable=False),
)

parties = Table(
    "parties",
    metadata,
    Column("id", Id, primary_key=True),
    _call(),
    Column("name_in_call", Text, nullable=False),
    Column("number", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("joined", BigInteger, nullable=False),
    Column("left", BigInteger),
    UniqueConstraint("call_id", "name_in_call"),
)

utterances = Table(
    "utterances",
    metadata,
    Column("id", Id, primary_key=True),
    _call(),
    _party(),
    Column("session", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("confidence", Float),
    Column("lag_s", Float, nullable=False),
    Column("words", JSON, nullable=False),
    UniqueConstraint("party_id", "session", "number"),
    Index("ix_utterances_call_id_start", "call_id", "start"),
)

turns = Table(
    "turns",
    metadata,
    Column("id", Id, primary_key=True),
    _call(),
    _party(),
    Column("session", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("interrupted", Boolean, nullable=False),
    Column("steps", JSON, nullable=False),
    Index("ix_turns_call_id_end", "call_id", "end"),
)

tools = Table(
    "tools",
    metadata,
    Column("id", Id, primary_key=True),
    _call(),
    Column("position", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("argument", Text, nullable=False),
    Column("result", Text, nullable=False),
    Index("ix_tools_call_id_position", "call_id", "position"),
)

runs = Table(
    "runs",
    metadata,
    Column("run", Text, primary_key=True),
    # The last entry of that run that is kept here.
    Column("number", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
)
