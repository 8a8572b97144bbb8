"""The commands, thin: read settings, run, turn errors into exit codes."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import uvloop
from rich.console import Console
from rich.markup import escape

from voicebot import __version__, cli_calls, signals
from voicebot.built import compiled
from voicebot.errors import VoicebotError
from voicebot.options import ConfigOption, JsonOption, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from voicebot.config import Settings

app = typer.Typer(
    name="voicebot",
    help="A voice-bot media server for Asterisk and MikoPBX.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(cli_calls.app, name="calls")


def main() -> None:
    """Run the command line; every expected error ends with its exit code and one message."""
    try:
        app()
    except VoicebotError as error:
        message = f"[bold red]voicebot:[/] {escape(str(error))}"
        # A path stays whole: what reads a log may be no terminal.
        Console(stderr=True).print(message, highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"voicebot {__version__} ({'compiled' if compiled() else 'from source'})")
        raise typer.Exit


@app.callback()
def _common(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Answer calls, transcribe them, measure them."""


@app.command()
def receptionist(config: ConfigOption = None) -> None:
    """Answer the calls that enter the Stasis application."""
    from voicebot.server import run_receptionist

    _run(run_receptionist, read_settings(config))


@app.command()
def hello(config: ConfigOption = None) -> None:
    """Play a sound to every caller of the application hello-world, then hang up."""
    from voicebot.apps.hello import run

    _run(lambda settings: run(settings.ari), read_settings(config))


@app.command()
def demo(
    config: ConfigOption = None,
    as_json: JsonOption = False,
    language: Annotated[str, typer.Option(help="Language of the calls: en or ru.")] = "en",
    conversation: Annotated[
        list[str] | None, typer.Option(help="Play only this one; may be repeated.")
    ] = None,
    output: Annotated[Path, typer.Option(help="Folder for the recordings.")] = Path(),
    names: Annotated[bool, typer.Option("--list", help="List the conversations.")] = False,
    _real_time: Annotated[
        bool, typer.Option("--real-time", help="At the pace of a call: it never runs otherwise.")
    ] = True,
) -> None:
    """Let simulated callers talk with the receptionist, without any PBX."""
    from voicebot.apps.demo import CONVERSATIONS, run_demo
    from voicebot.server import open_office

    if names:
        for name, found in CONVERSATIONS.get(language, {}).items():
            typer.echo(f"{name:12} {found.title}")
        return
    # The conversation is the output; of the log only what goes wrong is of interest.
    settings = read_settings(config, level="error")
    _run(
        lambda settings: run_demo(
            settings,
            language=language,
            conversations=conversation or [],
            output=output,
            as_json=as_json,
            open_office=open_office,
        ),
        settings,
    )


@app.command()
def models(config: ConfigOption = None) -> None:
    """Serve the local speech and language models with the OpenAI API."""
    from voicebot.models.launch import check_installed

    check_installed()
    from voicebot.models.loading import at_hand
    from voicebot.models.server import serve

    settings = read_settings(config)
    _run(lambda own: serve(own.models, which=at_hand(own.models)), settings)


@app.command()
def presence(
    config: ConfigOption = None,
    as_json: JsonOption = False,
    once: Annotated[bool, typer.Option("--once", help="Show the table once and end.")] = False,
) -> None:
    """Show who is free, live: number, name, status, since when."""
    from voicebot.apps.presence_view import run_presence

    settings = read_settings(config, level="warning")
    _run(lambda settings: run_presence(settings, as_json=as_json, once=once), settings)


@app.command()
def transcribe(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Write down what people say to each other on the PBX, live."""
    from voicebot.server import run_transcriber

    _run(lambda settings: run_transcriber(settings, as_json=as_json), read_settings(config))


@app.command()
def doctor(
    config: ConfigOption = None,
    as_json: JsonOption = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Load the missing modules into Asterisk.")
    ] = False,
) -> None:
    """Examine the PBX and this machine; exit with 1 when something has to be mended."""
    from voicebot.apps.doctor import run_doctor

    async def examine(settings: Settings) -> None:
        if await run_doctor(settings, fix=fix, as_json=as_json):
            raise typer.Exit(1)

    # The findings are the output; of the log only what goes wrong is of interest.
    _run(examine, read_settings(config, level="warning"))


@app.command()
def health(config: ConfigOption = None) -> None:
    """Exit with 0 while the receptionist takes calls (for health checks)."""
    from voicebot.apps.health import check_health

    _run(lambda settings: check_health(settings.ari), read_settings(config))


def _run(work: Callable[[Settings], Coroutine[None, None, None]], settings: Settings) -> None:
    """Run ``work`` on uvloop until it returns; SIGTERM and SIGINT end it cleanly."""

    async def until_told() -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.ensure_future(work(settings))
        for number in signals.ENDING:
            loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    uvloop.run(until_told())
