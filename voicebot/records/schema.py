"""Bringing a database to the schema of this version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import inspect, text

from voicebot.errors import RecordsForeignError
from voicebot.records.engine import claim_file, path_of, place_of, translated
from voicebot.records.tables import VERSION_TABLE, metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

HEAD: Final = "0001"
"""The revision that this version reads and writes."""

KNOWN: Final = frozenset({HEAD})
"""All revisions that this version can start from."""

_LOCK = 0x56424F54
"""PostgreSQL's advisory lock, so that two programs that start together do not both migrate."""


def prepare(engine: Engine) -> None:
    """Make the tables, or bring them up to date.

    Raises ``RecordsForeignError`` before anything is touched, ``RecordsUnavailableError``.
    """
    if path := path_of(engine):
        claim_file(path)
    with translated(engine), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        if _revision(connection) != HEAD:
            _migrate(connection)


def _revision(connection: Connection) -> str | None:
    """Return the schema that is there. Raises ``RecordsForeignError`` where it is not ours."""
    place = place_of(connection.engine)
    present = set(inspect(connection).get_table_names())
    revision = None
    if VERSION_TABLE in present:
        revision = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - a constant
    if revision is not None and revision not in KNOWN:
        message = f"{place}: schema {revision} is of a newer voicebot; update, or set records.url"
        raise RecordsForeignError(message)
    if revision is None and (taken := sorted(present & set(metadata.tables))):
        message = f"{place}: has a table {taken[0]} of something else; set records.url to another"
        raise RecordsForeignError(message)
    return revision


def _migrate(connection: Connection) -> None:
    # Loading alembic takes a while, and is for once.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "voicebot.records:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
