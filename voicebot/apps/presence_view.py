"""``voicebot presence``: the phones as a live table, as lines, or as JSON for scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from voicebot.apps.phones import Phone, Status
from voicebot.apps.presence import Presence, open_client
from voicebot.ari import Connected, Disconnected
from voicebot.speech.prompt import load_prompt

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from voicebot.ari import AriClient
    from voicebot.config import ReceptionistSettings, Settings

_LABELS: Final[Mapping[Status, tuple[str, str]]] = {
    Status.NOT_INUSE: ("free", "green"),
    Status.INUSE: ("on a call", "red"),
    Status.BUSY: ("busy", "red"),
    Status.RINGING: ("ringing", "yellow"),
    Status.RINGINUSE: ("on a call, ringing", "red"),
    Status.ONHOLD: ("on hold", "yellow"),
    Status.UNAVAILABLE: ("away", "dim"),
    Status.INVALID: ("not configured", "dim"),
}


async def run_presence(settings: Settings, *, as_json: bool, once: bool) -> None:
    """Show who is free until cancelled, or ``once``.

    Registers an application of its own beside ``settings.ari.app``; with ``once`` none at all.
    Raises ``AriError`` as ``AriClient`` does, ``ConfigError`` for a broken prompt file.
    """
    console = Console()
    names = directory_names(settings.receptionist)
    if once:
        async with open_client(settings.ari) as ari:
            presence = Presence(ari, "", names=names)
            await presence.load()
        (JsonLines() if as_json else Lines(console)).show(presence.phones)
        return
    # Two viewers must not take each other's name.
    app = f"{settings.ari.app}-presence-{uuid4().hex[:8]}"
    async with open_client(settings.ari, app) as ari:
        if not as_json and console.is_terminal:
            await _run_live(ari, app, names, console)
        else:
            lines = JsonLines() if as_json else Lines(console)
            await Presence(ari, app, names=names, tell=lines.tell).run()


async def _run_live(ari: AriClient, app: str, names: Mapping[str, str], console: Console) -> None:
    with LiveTable(console) as view:
        presence = Presence(
            ari, app, names=names, tell=lambda news: view.news(news, presence.phones)
        )
        await presence.run()


def directory_names(settings: ReceptionistSettings) -> Mapping[str, str]:
    """Return names by extension from the prompt file of the settings.

    Without one there are none: the built-in prompt's people are examples.
    """
    if settings.prompt is None:
        return {}
    directory = load_prompt(settings.prompt).directory
    return {entry.extension: entry.name for entry in directory.values()}


class JsonLines:
    """One JSON object a line: a phone, or ``{"connected": …}``."""

    def show(self, phones: Iterable[Phone]) -> None:
        """Write a line for each phone."""
        for phone in phones:
            self.tell(phone)

    def tell(self, news: Phone | Connected | Disconnected) -> None:
        """Write one line."""
        match news:
            case Connected(again=again):
                fields: dict[str, object] = {"connected": True, "again": again}
            case Disconnected(reason=reason):
                fields = {"connected": False, "reason": reason}
            case _:
                fields = {
                    "number": news.number,
                    "name": news.name,
                    "device": news.device,
                    "state": news.state,
                    "updated": news.updated.isoformat(timespec="milliseconds"),
                }
        print(json.dumps(fields, ensure_ascii=False), flush=True)


class Lines:
    """Plain lines for a file or a pipe; a table where everything is shown at once."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, phones: Iterable[Phone]) -> None:
        """Write the table."""
        self._console.print(table(phones))

    def tell(self, news: Phone | Connected | Disconnected) -> None:
        """Write one line."""
        match news:
            case Connected():
                line = "connected"
            case Disconnected(reason=reason):
                line = f"connection lost: {reason}"
            case _:
                name = f" {news.name}" if news.name else ""
                line = f"{_local(news.updated)} {news.number}{name}: {label(news)[0]}"
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


class LiveTable:
    """The table in a terminal, redrawn with each change."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, auto_refresh=False)
        self._lost = ""

    def __enter__(self) -> LiveTable:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def news(self, news: Phone | Connected | Disconnected, phones: Iterable[Phone]) -> None:
        """Draw the phones as they are now."""
        if isinstance(news, Disconnected):
            self._lost = f"connection lost, states as of then: {news.reason}"
        elif isinstance(news, Connected):
            self._lost = ""
        self._live.update(table(phones, caption=self._lost), refresh=True)


def table(phones: Iterable[Phone], *, caption: str = "") -> Table:
    """Return the phones as a table: number, name, status, updated."""
    grid = Table("Number", "Name", "Status", "Updated", caption=caption or None)
    for phone in phones:
        text, style = label(phone)
        grid.add_row(
            Text(phone.number), Text(phone.name), Text(text, style), Text(_local(phone.updated))
        )
    return grid


def label(phone: Phone) -> tuple[str, str]:
    """Return a phone's state for people, and its colour; a word nobody knows is shown as it is."""
    return _LABELS.get(phone.status, (phone.state, "magenta"))


def _local(at: dt.datetime) -> str:
    return f"{at.astimezone():%H:%M:%S}"
