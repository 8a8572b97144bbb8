"""``voicebot calls``: what is kept of calls, listed, shown, exported, deleted."""

from __future__ import annotations

import datetime as dt
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot import signals
from voicebot.errors import ConfigError, RecordsUnavailableError
from voicebot.options import ConfigOption, JsonOption, read_settings
from voicebot.records.form import Format

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicebot.records.database import Database

app = typer.Typer(no_args_is_help=True)

CallArgument = Annotated[str, typer.Argument(metavar="CALL", help="Id, as listed.")]

FormatOption = Annotated[
    Format, typer.Option("--format", "-f", help="Subtitles, text, or everything.")
]

OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="File; else the standard output.")
]


@app.callback()
def _common() -> None:
    """List, show, export and delete what is kept of calls."""
    # What is cut short must not look like a whole list or file.
    signals.interrupt_when_told()


@app.command("list")
def list_(
    config: ConfigOption = None,
    as_json: JsonOption = False,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Begun at this local time or later.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Begun before it; a day counts whole.")
    ] = None,
    number: Annotated[
        str | None, typer.Option(help="With a party of this number; * stands for anything.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="The last so many.")] = 50,
) -> None:
    """List calls, the newest first."""
    from rich.console import Console

    from voicebot.records.reading import list_calls
    from voicebot.records.views import list_json, show_list

    begun, ended = _time(since, "--since"), _time(until, "--until", whole_day=True)
    with _records(config) as database:
        calls = list_calls(database, since=begun, until=ended, number=number, limit=limit)
    if not as_json:
        show_list(calls, Console())
        return
    for line in list_json(calls):
        typer.echo(line)


@app.command()
def show(call: CallArgument, config: ConfigOption = None) -> None:
    """Show who said what, in the order of time."""
    from rich.console import Console

    from voicebot.records.reading import load_call
    from voicebot.records.views import show_call

    with _records(config) as database:
        record = load_call(database, call)
    show_call(record, Console())


@app.command()
def export(
    call: CallArgument,
    config: ConfigOption = None,
    form: FormatOption = Format.TXT,
    output: OutputOption = None,
) -> None:
    """Write a call as WebVTT subtitles, as text, or as JSON."""
    from voicebot.records.exporting import export as export_call
    from voicebot.records.reading import load_call

    with _records(config) as database:
        content = export_call(load_call(database, call), form)
    if output is None:
        sys.stdout.write(content)
        return
    try:
        output.write_text(content, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{output}: cannot be written ({error}); name another file") from error


@app.command()
def delete(call: CallArgument, config: ConfigOption = None) -> None:
    """Delete all that is kept of a call."""
    with _records(config) as database:
        database.delete(call)
    typer.echo(f"{call} is deleted")


@contextmanager
def _records(config: Path | None) -> Iterator[Database]:
    from voicebot.records.database import Database

    settings = read_settings(config)
    if not settings.records.url:
        raise ConfigError("records.url is empty: nothing is kept")
    database = Database(settings.records.url)
    try:
        if database.missing:
            raise RecordsUnavailableError(f"{database.place}: nothing is kept yet (records.url)")
        yield database
    finally:
        database.close()


def _time(text: str | None, option: str, *, whole_day: bool = False) -> dt.datetime | None:
    """Return the local time that ``text`` names, or with ``whole_day`` the end of the day."""
    if text is None:
        return None
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError as error:
        message = f"{option} {text}: not a time; write 2026-12-31 or 2026-12-31T14:30"
        raise ConfigError(message) from error
    if whole_day and len(text) <= len("2026-12-31"):
        at += dt.timedelta(days=1)
    return at.astimezone()
