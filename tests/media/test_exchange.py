from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from voicebot.errors import MediaError
from voicebot.media.clock import MediaClock
from voicebot.media.datagrams import BATCH
from voicebot.media.exchange import LONGEST_BACKLOG, MOST_CALLS, Exchange

if TYPE_CHECKING:
    from collections.abc import Iterator


class SlowCore:
    """A clock on which each look takes 20 ms: nothing is ever done in time."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        self.at += 0.02
        return self.at


@pytest.fixture
def sockets() -> Iterator[tuple[socket.socket, socket.socket]]:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        ours.bind(("127.0.0.1", 0))
        ours.setblocking(False)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        yield ours, other


def fill(sockets: tuple[socket.socket, socket.socket], count: int) -> None:
    ours, other = sockets
    for _ in range(count):
        other.sendto(b"x", ours.getsockname())


def test_what_waits_is_read_until_none_is_left(sockets: tuple[socket.socket, socket.socket]):
    exchange = Exchange(MediaClock(time_source=lambda: 0.0), max_delay=0.08, closed=print)
    fill(sockets, BATCH + 40)

    exchange.read_all(sockets[0], 0.0)

    assert exchange.foreign == BATCH + 40
    assert not exchange.lane.behind


def test_sending_goes_on_while_much_waits_and_then_nothing_is_missing_yet(
    sockets: tuple[socket.socket, socket.socket],
):
    clock = MediaClock(time_source=SlowCore())
    exchange = Exchange(clock, max_delay=0.08, closed=print)
    fill(sockets, BATCH + 40)

    exchange.read_all(sockets[0], clock.now())
    assert exchange.lane.behind
    assert exchange.foreign == BATCH

    exchange.read_all(sockets[0], clock.now())
    assert not exchange.lane.behind
    assert exchange.foreign == BATCH + 40


def test_a_backlog_that_never_ends_is_given_up(
    sockets: tuple[socket.socket, socket.socket], capsys: pytest.CaptureFixture[str]
):
    clock = MediaClock(time_source=SlowCore())
    exchange = Exchange(clock, max_delay=0.08, closed=print)
    began = clock.now()

    while clock.now() - began < LONGEST_BACKLOG + 0.1:
        fill(sockets, 2 * BATCH)
        exchange.read_all(sockets[0], clock.now())

    assert "audio dropped" in capsys.readouterr().out
    fill(sockets, 1)
    before = exchange.foreign
    exchange.read_all(sockets[0], clock.now())
    assert exchange.foreign - before <= 2 * BATCH + 1


def test_there_is_a_bound_to_the_calls():
    exchange = Exchange(MediaClock(time_source=lambda: 0.0), max_delay=0.08, closed=print)
    rows = [exchange.take_row() for _ in range(MOST_CALLS)]

    assert sorted(rows) == list(range(MOST_CALLS))
    assert exchange.many
    with pytest.raises(MediaError, match=str(MOST_CALLS)):
        exchange.take_row()
