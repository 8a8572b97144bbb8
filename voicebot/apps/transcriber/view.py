"""What ``voicebot transcribe`` shows: who speaks, what is understood so far, what was said."""

from __future__ import annotations

import datetime as dt
import io
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import structlog
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from voicebot.errors import RecordsGoneError
from voicebot.media.audio import SAMPLE_RATE
from voicebot.records import events
from voicebot.records.jsonl import STANDARD_OUTPUT, JsonLines
from voicebot.records.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from voicebot.records.entry import Delivery, Entry
    from voicebot.records.events import CallEvent, Sink

# Whoever reads the lines may be slow, but not for ever.
_CLOSING_S: Final = 2.0
# A lag that whoever watches wants to know of.
_BEHIND_S: Final = 2.0
# Both parties of a call in colours that tell them apart, further ones over again.
_COLOURS: Final = ("cyan", "green", "yellow", "magenta", "blue")


@contextmanager
def open_view(*, as_json: bool) -> Iterator[Sink]:
    """Show what is said on standard output.

    As JSON lines if wanted, else live in a terminal and line by line elsewhere.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What its encoding lacks becomes a question mark, instead of an error.
        sys.stdout.reconfigure(errors="replace")
    console = Console()
    with ExitStack() as stack:
        delivery: Delivery
        if as_json:
            delivery = JsonLines(Path(STANDARD_OUTPUT))
        elif console.is_terminal:
            delivery = Screen(stack.enter_context(LiveView(console)))
        else:
            delivery = Screen(Lines(console))
        # In a thread of its own: who reads may be slow, stop reading, or go away.
        outbox = Outbox("standard output", delivery, spool=None, partials="all")
        outbox.start()
        stack.callback(outbox.close, _CLOSING_S)
        yield outbox


class Screen:
    """Has ``view`` show what is delivered."""

    batch = 1
    pause_s = 0.0

    def __init__(self, view: Sink) -> None:
        self._view = view

    def deliver(self, entries: Sequence[Entry]) -> None:
        """Show ``entries``."""
        try:
            for entry in entries:
                self._view.put(entry.event)
        # SystemExit is what a broken pipe is to rich.
        except (OSError, SystemExit) as error:
            raise RecordsGoneError("standard output: nobody reads it any more") from error

    def close(self) -> None:
        """Leave what is shown."""


class Lines:
    """A ``Sink`` that writes a line for everything that is final."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._names = Names()

    def put(self, event: CallEvent) -> None:
        """Write what ``event`` tells, if it is final."""
        self._names.note(event)
        if (line := self._names.line(event)) is not None:
            self._console.print(line.plain, markup=False, highlight=False, soft_wrap=True)
        self._names.forget(event)


class LiveView:
    """A ``Sink`` for a terminal: what is final scrolls by, what is being said stands below it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._names = Names()
        self._partials: dict[tuple[str, str], events.Partial] = {}
        self._lag_s = 0.0
        self._live = Live(console=console, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        # Log lines scroll by like all others, where they go to the same terminal.
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
        self._show()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._partials.clear()
        self._live.stop()
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))

    def put(self, event: CallEvent) -> None:
        """Show ``event``."""
        self._names.note(event)
        match event:
            case events.Partial(call=call, party=party):
                self._partials[call, party] = event
            case events.Final(call=call, party=party, utterance=number, lag_s=lag_s):
                self._lag_s = lag_s
                shown = self._partials.get((call, party))
                if shown is not None and shown.utterance <= number:
                    del self._partials[call, party]
            case events.PartyLeft(call=call, party=party):
                self._partials.pop((call, party), None)
            case events.CallEnded(call=call):
                self._partials = {key: it for key, it in self._partials.items() if key[0] != call}
            case _:
                pass
        if (line := self._names.line(event)) is not None:
            self._live.console.print(line, soft_wrap=True)
        self._names.forget(event)
        self._show()

    def _show(self) -> None:
        heard = [self._names.partial(partial) for partial in self._partials.values()]
        calls = self._names.calls
        state = "1 call" if calls == 1 else f"{calls} calls"
        behind = f", texts {self._lag_s:.0f} s behind" if self._lag_s > _BEHIND_S else ""
        self._live.update(Group(*heard, Text(f"listening to {state}{behind}", "dim")), refresh=True)


class Names:
    """The calls and people of the events so far, and how an event reads."""

    def __init__(self) -> None:
        self._started: dict[str, dt.datetime] = {}
        self._people: dict[str, dict[str, str]] = {}

    @property
    def calls(self) -> int:
        """How many calls are under way."""
        return len(self._started)

    def note(self, event: CallEvent) -> None:
        """Remember who is who; before the event is shown."""
        if isinstance(event, events.CallStarted):
            self._started[event.call] = event.at
            self._people.setdefault(event.call, {})
        elif isinstance(event, events.PartyJoined):
            label = f"{event.number} {event.name}".strip() or event.party
            self._people.setdefault(event.call, {})[event.party] = label

    def forget(self, event: CallEvent) -> None:
        """Forget what is over; after the event was shown."""
        if isinstance(event, events.CallEnded):
            self._started.pop(event.call, None)
            self._people.pop(event.call, None)

    def line(self, event: CallEvent) -> Text | None:
        """Return ``event`` for people; ``None`` for what is not final."""
        match event:
            case events.CallStarted(call=call, at=at, direction=direction):
                return self._note(f"{_clock(at)} call {call} ({direction})")
            case events.PartyJoined(call=call, party=party, position=position):
                return self._note(f"{self._time(call, position)} {self._label(call, party)} joins")
            case events.PartyLeft(call=call, party=party, position=position):
                return self._note(f"{self._time(call, position)} {self._label(call, party)} leaves")
            case events.Final(call=call, party=party, start=start, text=text):
                return Text.assemble(
                    (self._time(call, start), "dim"),
                    " ",
                    (f"{self._label(call, party)}:", self._colour(call, party)),
                    " ",
                    text or "(not understood)",
                )
            case events.CallEnded(call=call, at=at, reason=reason):
                return self._note(f"{_clock(at)} call {call} is over: {reason}")
            case _:
                return None

    def partial(self, event: events.Partial) -> Text:
        """Return what is understood of somebody who is still speaking."""
        label = self._label(event.call, event.party)
        time = self._time(event.call, event.start)
        return Text(f"{time} {label}: {event.text} …", "bright_black")

    def _note(self, text: str) -> Text:
        return Text(text, "dim")

    def _label(self, call: str, party: str) -> str:
        return self._people.get(call, {}).get(party, party)

    def _colour(self, call: str, party: str) -> str:
        people = list(self._people.get(call, {}))
        return _COLOURS[people.index(party) % len(_COLOURS)] if party in people else ""

    def _time(self, call: str, position: int) -> str:
        started = self._started.get(call)
        if started is None:
            return "--:--:--"
        return _clock(started + dt.timedelta(seconds=position / SAMPLE_RATE))


def _clock(at: dt.datetime) -> str:
    return f"{at.astimezone():%H:%M:%S}"
