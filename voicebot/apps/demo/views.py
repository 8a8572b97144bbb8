"""How the demonstration is shown: bubbles in a terminal, plain lines, or JSON lines."""

from __future__ import annotations

import statistics
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

import msgspec
from rich.align import Align
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from voicebot.apps.demo.events import (
    BotSpoke,
    BotUsedTool,
    CallEnded,
    CallerSpeaks,
    CallStarted,
    ColleagueSpeaks,
    Heard,
    Preparing,
    Starting,
    Summary,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicebot.apps.demo.events import DemoEvent

_BUBBLE_SHARE: Final = 0.7


class View(Protocol):
    """Shows what happens."""

    def show(self, event: DemoEvent) -> None:
        """Show ``event``."""
        ...


@contextmanager
def open_view(*, as_json: bool) -> Iterator[View]:
    """Return the view that fits standard output, while the context is open."""
    console = Console(highlight=False)
    if as_json:
        yield JsonView()
    elif console.is_terminal:
        view = TerminalView(console)
        try:
            yield view
        finally:
            view.close()
    else:
        yield LineView(console)


class JsonView:
    """One JSON object a line."""

    def show(self, event: DemoEvent) -> None:
        """Write one line."""
        print(msgspec.json.encode(event).decode(), flush=True)


class LineView:
    """Plain lines, for a file or a pipe."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, event: DemoEvent) -> None:
        """Write the lines of ``event``."""
        for line in _lines(event):
            self._console.print(line, markup=False, soft_wrap=True)


class TerminalView:
    """The conversation as bubbles: callers left, the bot right."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=console,
            transient=True,
        )

    def close(self) -> None:
        """Take away what moves."""
        self._bars.stop()

    def show(self, event: DemoEvent) -> None:
        """Draw ``event`` below what is there."""
        match event:
            case Starting():
                # Bars show it, as everywhere in a terminal.
                pass
            case Preparing():
                self._prepare(event)
            case CallStarted(title=title):
                self._console.print(Rule(Text(title, "bold")))
            case CallerSpeaks(text=text):
                self._bubble("caller", text, "cyan")
            case ColleagueSpeaks(name=name, text=text):
                self._bubble(name, text, "magenta", on_the_right=True)
            case BotSpoke(text=text):
                self._bubble(_bot(event), text, "green", on_the_right=True)
            case Summary():
                self._console.print(table(event))
            case Heard() | BotUsedTool() | CallEnded():
                for line in _lines(event):
                    self._console.print(Text(line, "dim"), soft_wrap=True)

    def _bubble(self, title: str, text: str, style: str, *, on_the_right: bool = False) -> None:
        width = round(self._console.width * _BUBBLE_SHARE)
        width = min(width, max(len(text), len(title) + 2) + 4)
        panel = Panel(Text(text), title=Text(title), title_align="left", style=style, width=width)
        self._console.print(Align.right(panel) if on_the_right else panel)

    def _prepare(self, event: Preparing) -> None:
        if event.done == event.total:
            self._bars.stop()
            return
        if event.done == 1:
            for task in self._bars.task_ids:
                self._bars.remove_task(task)
            self._bars.add_task("the caller's voice", total=event.total)
            self._bars.start()
        self._bars.update(self._bars.task_ids[0], completed=event.done)


def _lines(event: DemoEvent) -> list[str]:
    """Return ``event`` as plain lines."""
    lines: list[str] = []
    match event:
        case Starting():
            lines = ["starting the receptionist: the models, then its sentences (half a minute)"]
        case Preparing(done=done, total=total, conversation=name) if done == total:
            lines = [f"the voices of '{name}' are ready: {total} sentences"]
        case CallStarted(title=title):
            lines = [f"== {title}"]
        case CallerSpeaks(at=at, text=text):
            lines = [f"{at:6.2f} caller: {text}"]
        case Heard(at=at, text=text):
            lines = [f"{at:6.2f}         (heard: {text})"]
        case BotSpoke(at=at, text=text):
            lines = [f"{at:6.2f} {_bot(event)}: {text}"]
        case BotUsedTool(at=at, name=name, argument=argument, result=result):
            tool = f"{name} {argument}".strip()
            lines = [f"{at:6.2f}         ({tool}: {result})"]
        case ColleagueSpeaks(at=at, name=name, text=text):
            lines = [f"{at:6.2f} {name}: {text}"]
        case CallEnded():
            marks = {True: "ok ", False: "NOT"}
            lines = [f"   {marks[verdict.met]} {verdict.what}" for verdict in event.verdicts]
            lines.append(f"   recording: {event.recording}")
        case Summary():
            lines = ["", *(", ".join(_figures(row)) for row in _rows(event))]
    return lines


def _bot(event: BotSpoke) -> str:
    wait = "" if event.wait_ms is None else f" after {event.wait_ms / 1000:.2f} s"
    return f"bot{wait}{', interrupted' if event.interrupted else ''}"


_HEADINGS: Final = ("turns", "median", "worst", "greeting", "transfers", "left", "as scripted")


def table(summary: Summary) -> Table:
    """Return the figures of all calls: waits, transfers, what was left, the verdict."""
    caption = "waits as the caller's phone recorded them"
    grid = Table(title="What the caller waited", caption=caption)
    grid.add_column("conversation", no_wrap=True)
    for heading in _HEADINGS:
        grid.add_column(heading, justify="right" if heading in _HEADINGS[:4] else "left")
    *calls, everything = _rows(summary)
    for row in calls:
        grid.add_row(*row, style="red" if row[-1] == "no" else None)
    grid.add_section()
    grid.add_row(*everything)
    return grid


def _rows(summary: Summary) -> Sequence[Sequence[str]]:
    """Return the name and the figures of each call, and of all together."""
    rows = [
        (
            call.conversation,
            *_waits(call.waits_ms),
            _seconds(call.greeting_ms),
            ", ".join(call.transfers) or "none",
            _left(call.left_behind),
            "no" if call.failures else "yes",
        )
        for call in summary.calls
    ]
    waits = [wait for call in summary.calls for wait in call.waits_ms]
    left = _left(summary.left_behind)
    return [*rows, ("all", *_waits(waits), "-", "-", left, "yes" if summary.ok else "no")]


def _figures(row: Sequence[str]) -> Sequence[str]:
    """Return a row as words that need no heading."""
    name, *figures = row
    named = [f"{heading} {figure}" for heading, figure in zip(_HEADINGS, figures, strict=True)]
    return [f"{name}: {named[0]}", *named[1:]]


def _waits(waits: Sequence[int]) -> tuple[str, str, str]:
    """Return how many there are, the median and the longest."""
    median = round(statistics.median(waits)) if waits else None
    return str(len(waits)), _seconds(median), _seconds(max(waits, default=None))


def _seconds(milliseconds: int | None) -> str:
    return "-" if milliseconds is None else f"{milliseconds / 1000:.2f} s"


def _left(count: int) -> str:
    return str(count) if count else "nothing"
