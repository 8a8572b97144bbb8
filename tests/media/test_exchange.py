from __future__ import annotations

import socket
from typing import TYPE_CHECKING, TypeAlias

import pytest

from voicebot.errors import MediaError
from voicebot.media.clock import MediaClock
from voicebot.media.datagrams import BATCH, source_key
from voicebot.media.exchange import LONGEST_BACKLOG, MANY, MOST_CALLS, Exchange
from voicebot.media.overload import BETWEEN, CALM, SHARE
from voicebot.media.receiver import RtpReceiver

if TYPE_CHECKING:
    from collections.abc import Iterator

Sockets: TypeAlias = tuple[socket.socket, socket.socket]


class SlowCore:
    """A clock on which each look takes 20 ms: nothing is ever done in time."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        self.at += 0.02
        return self.at


class BusyClock(MediaClock):
    """Half a millisecond passes between two looks, and the next calls are due in ``left``."""

    def __init__(self, left: float) -> None:
        self._at, self._due = 0.0, left

    def now(self) -> float:
        self._at += 0.0005
        return self._at

    @property
    def next_due(self) -> float:
        return self._due


@pytest.fixture
def sockets() -> Iterator[Sockets]:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        ours.bind(("127.0.0.1", 0))
        ours.setblocking(False)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        yield ours, other


def fill(sockets: Sockets, count: int) -> None:
    ours, other = sockets
    for _ in range(count):
        other.sendto(b"x", ours.getsockname())


def overloaded(sockets: Sockets, core: SlowCore, *, listening: bool = False) -> Exchange:
    """Return an exchange with so many calls that it has just chosen whom to hear."""
    clock = MediaClock(time_source=core)
    exchange = Exchange(clock, max_delay=0.08, closed=print, listening=listening)
    for call in range(MANY):
        key = source_key(("127.0.0.1", 20_000 + call))
        exchange.lane.open(exchange.take_row(), key, RtpReceiver(0.0))
    began = clock.now()
    while clock.now() - began < LONGEST_BACKLOG + 0.1:
        fill(sockets, 2 * BATCH)
        exchange.catch_up(sockets[0], 0.0)
    return exchange


def test_what_waits_is_read_until_none_is_left(sockets: Sockets):
    exchange = Exchange(MediaClock(time_source=lambda: 0.0), max_delay=0.08, closed=print)
    fill(sockets, BATCH + 40)

    exchange.catch_up(sockets[0], 0.0)

    assert exchange.foreign == BATCH + 40
    assert not exchange.lane.behind


def test_sending_goes_on_while_much_waits_and_then_nothing_is_missing_yet(
    sockets: Sockets,
):
    clock = MediaClock(time_source=SlowCore())
    exchange = Exchange(clock, max_delay=0.08, closed=print)
    fill(sockets, BATCH + 40)

    exchange.catch_up(sockets[0], 0.0)
    assert exchange.lane.behind
    assert exchange.foreign == BATCH

    exchange.catch_up(sockets[0], 0.0)
    assert not exchange.lane.behind
    assert exchange.foreign == BATCH + 40


@pytest.mark.parametrize(("left", "batches"), [(-1.0, 1), (0.0024, 2), (0.0044, 4)])
def test_what_waits_is_read_until_the_next_calls_are_due(
    sockets: Sockets, left: float, batches: int
):
    clock = BusyClock(left)
    exchange = Exchange(clock, max_delay=0.08, closed=print)
    fill(sockets, 10 * BATCH)

    exchange.catch_up(sockets[0], 0.0)

    assert exchange.foreign == batches * BATCH
    assert exchange.lane.behind


def test_a_backlog_that_never_ends_is_given_up(
    sockets: Sockets, capsys: pytest.CaptureFixture[str]
):
    clock = MediaClock(time_source=SlowCore())
    exchange = Exchange(clock, max_delay=0.08, closed=print)
    began = clock.now()

    while clock.now() - began < LONGEST_BACKLOG + 0.1:
        fill(sockets, 2 * BATCH)
        exchange.catch_up(sockets[0], 0.0)

    assert "audio dropped" in capsys.readouterr().out
    fill(sockets, 1)
    before = exchange.foreign
    exchange.catch_up(sockets[0], 0.0)
    assert exchange.foreign - before <= 2 * BATCH + 1


def test_there_is_a_bound_to_the_calls():
    exchange = Exchange(MediaClock(time_source=lambda: 0.0), max_delay=0.08, closed=print)
    rows = [exchange.take_row() for _ in range(MOST_CALLS)]

    assert sorted(rows) == list(range(MOST_CALLS))
    assert exchange.many
    with pytest.raises(MediaError, match=str(MOST_CALLS)):
        exchange.take_row()


def test_no_new_call_is_taken_while_some_are_not_heard(sockets: Sockets):
    core = SlowCore()
    exchange = overloaded(sockets, core)
    began = core.at

    with pytest.raises(MediaError, match=f"does not keep up: {MANY // SHARE} of its calls"):
        exchange.take_row()
    for step in range(MANY // SHARE):
        with pytest.raises(MediaError):
            exchange.require_room()
        core.at = began + CALM + step * 1.01 * BETWEEN
        exchange.catch_up(sockets[0], 0.0)

    assert exchange.take_row() == MANY


def test_a_core_that_all_have_left_takes_calls_again(sockets: Sockets):
    exchange = overloaded(sockets, SlowCore())

    for call in range(MANY):
        exchange.lane.close(call, source_key(("127.0.0.1", 20_000 + call)))

    assert exchange.take_row() == MANY


def test_who_is_only_listened_to_is_taken_and_heard_later(sockets: Sockets):
    exchange = overloaded(sockets, SlowCore(), listening=True)

    assert exchange.take_row() == MANY
