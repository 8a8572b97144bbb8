"""Calls, parties, utterances, turns and tools."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the first tables."""
    _make_calls()
    _make_utterances()
    _make_turns()
    op.create_table(
        "runs",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("run", name="pk_runs"),
    )


def _make_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text()),
        sa.Column("session", sa.Integer(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_index("ix_calls_started_at", "calls", ["started_at"])
    op.create_table(
        "parties",
        sa.Column("id", _ID, nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("name_in_call", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("joined", sa.BigInteger(), nullable=False),
        sa.Column("left", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_parties"),
        sa.UniqueConstraint("call_id", "name_in_call", name="uq_parties_call_id"),
        _of_call("parties"),
    )
    op.create_index("ix_parties_number", "parties", ["number"])


def _make_utterances() -> None:
    op.create_table(
        "utterances",
        sa.Column("id", _ID, nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("party_id", _ID, nullable=False),
        sa.Column("session", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float()),
        sa.Column("lag_s", sa.Float(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_utterances"),
        sa.UniqueConstraint("party_id", "session", "number", name="uq_utterances_party_id"),
        _of_call("utterances"),
        _of_party("utterances"),
    )
    op.create_index("ix_utterances_call_id_start", "utterances", ["call_id", "start"])


def _make_turns() -> None:
    op.create_table(
        "turns",
        sa.Column("id", _ID, nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("party_id", _ID, nullable=False),
        sa.Column("session", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("interrupted", sa.Boolean(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
        _of_call("turns"),
        _of_party("turns"),
    )
    op.create_index("ix_turns_call_id_end", "turns", ["call_id", "end"])
    op.create_table(
        "tools",
        sa.Column("id", _ID, nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("argument", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tools"),
        _of_call("tools"),
    )
    op.create_index("ix_tools_call_id_position", "tools", ["call_id", "position"])


def _of_call(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["call_id"], ["calls.id"], name=f"fk_{table}_call_id", ondelete="CASCADE"
    )


def _of_party(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["party_id"], ["parties.id"], name=f"fk_{table}_party_id", ondelete="CASCADE"
    )
