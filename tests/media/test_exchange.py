from __future__ import annotations

import socket
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.media.wire import slin
from voicebot.errors import MediaError
from voicebot.media.clock import MediaClock
from voicebot.media.datagrams import BATCH, source_key
from voicebot.media.exchange import LEAST, MANY, MOST_CALLS, Exchange
from voicebot.media.overload import BETWEEN, CALM, LONGEST_WAIT
from voicebot.media.receiver import RtpReceiver

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOK = 0.0005

Sockets: TypeAlias = tuple[socket.socket, socket.socket]


class SlowCore:
    """A clock on which each look takes 20 ms: nothing is ever done in time."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        self.at += 0.02
        return self.at


class BusyClock(MediaClock):
    """Half a millisecond passes between two looks; ``next_due`` is when the next calls are due."""

    def __init__(self) -> None:
        self._at, self.due_at = 0.0, 1e9

    def now(self) -> float:
        self._at += LOOK
        return self._at

    @property
    def next_due(self) -> float:
        return self.due_at


@pytest.fixture
def sockets() -> Iterator[Sockets]:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        ours.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        ours.setblocking(False)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        yield ours, other


def fill(sockets: Sockets, count: int) -> None:
    ours, other = sockets
    for _ in range(count):
        other.sendto(b"x", ours.getsockname())


def full(clock: MediaClock, waited: list[float], *, listening: bool = False) -> Exchange:
    """Return an exchange that serves in batches; what it reads had waited for the last of those."""
    exchange = Exchange(
        clock,
        max_delay=0.08,
        closed=print,
        listening=listening,
        measure=lambda _sock: waited[-1],
    )
    for call in range(MANY):
        key = source_key(("127.0.0.1", 20_000 + call))
        exchange.lane.open(exchange.take_row(), key, RtpReceiver(0.0))
    return exchange


def overloaded(sockets: Sockets, core: SlowCore, *, listening: bool = False) -> Exchange:
    """Return an exchange with so many calls that it has just chosen whom to hear."""
    exchange = full(MediaClock(time_source=core), [LONGEST_WAIT], listening=listening)
    while not exchange.lane.unheard():
        fill(sockets, 2 * BATCH)
        exchange.catch_up(sockets[0], 0.0)
    while exchange.read(sockets[0]):
        pass
    return exchange


def test_what_waits_is_read_until_none_is_left(sockets: Sockets):
    exchange = Exchange(MediaClock(time_source=lambda: 0.0), max_delay=0.08, closed=print)
    fill(sockets, BATCH + 40)

    exchange.catch_up(sockets[0], 0.0)

    assert exchange.foreign == BATCH + 40


def test_sending_goes_on_while_much_waits_and_only_what_was_to_come_before_is_missing(
    sockets: Sockets,
):
    core = SlowCore()
    exchange = full(MediaClock(time_source=core), [0.3])
    fill(sockets, BATCH + 40)
    core.at = 10.0

    reached = exchange.catch_up(sockets[0], 0.0)
    assert reached == pytest.approx(10.0 - 0.3, abs=0.1)
    assert 0 < exchange.foreign < BATCH + 40

    while exchange.foreign < BATCH + 40:
        reached = exchange.catch_up(sockets[0], 0.0)
    assert reached == core.at


def test_what_comes_while_the_last_is_being_heard_may_wait_to_be_read(sockets: Sockets):
    ours, other = sockets
    core = SlowCore()
    exchange = full(MediaClock(time_source=core), [0.0])
    receiver = RtpReceiver(0.0)
    exchange.lane.open(exchange.take_row(), source_key(other.getsockname()), receiver)

    def hold_up(_frame: bytes, _now: float) -> None:
        core.at = 20.0

    receiver.listen(hold_up)
    core.at = 10.0
    for number in range(2):
        other.sendto(slin(number).serialise(), ours.getsockname())

    assert exchange.catch_up(ours, 0.0) == pytest.approx(10.0, abs=0.1)
    assert core.at >= 20.0


def test_a_socket_that_cannot_be_read_holds_up_no_time():
    core = SlowCore()
    exchange = Exchange(MediaClock(time_source=core), max_delay=0.08, closed=print)
    core.at = 10.0
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as unconnected:
        assert exchange.catch_up(unconnected, 0.0) == pytest.approx(10.0, abs=0.1)


def test_where_it_is_not_known_when_packets_came_all_since_the_socket_was_empty_may_wait(
    sockets: Sockets,
):
    core = SlowCore()
    exchange = Exchange(
        MediaClock(time_source=core), max_delay=0.08, closed=print, measure=lambda _sock: None
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as another:
        another.bind(("127.0.0.1", 0))
        another.setblocking(False)
        for sock, now in ((sockets[0], 10.0), (another, 20.0)):
            core.at = now
            exchange.catch_up(sock, 0.0)
        fill(sockets, BATCH + 40)

        assert exchange.catch_up(sockets[0], 0.0) == pytest.approx(10.0, abs=0.1)


@pytest.mark.parametrize(
    ("looks", "read"), [(-10, LEAST), (2, LEAST), (3, 64), (4, 128), (5, 192), (100, 1000)]
)
def test_as_much_is_read_as_there_is_time_for_until_the_next_calls_are_due(
    sockets: Sockets, looks: int, read: int
):
    clock = BusyClock()
    exchange = Exchange(clock, max_delay=0.08, closed=print, measure=lambda _sock: None)
    # So it knows that 64 datagrams take one look.
    for _ in range(100):
        fill(sockets, 64)
        exchange.catch_up(sockets[0], 0.0)
    before = exchange.foreign
    fill(sockets, 1000)

    clock.due_at = clock.now() + looks * LOOK
    exchange.catch_up(sockets[0], 0.0)

    assert exchange.foreign - before == pytest.approx(read, rel=0.05)


def test_packets_that_waited_came_when_they_came(sockets: Sockets):
    ours, other = sockets
    core = SlowCore()
    exchange = full(MediaClock(time_source=core), [0.3])
    receiver = RtpReceiver(0.0)
    exchange.lane.open(exchange.take_row(), source_key(other.getsockname()), receiver)

    for number in range(2 * BATCH):
        other.sendto(slin(number).serialise(), ours.getsockname())
    for now in (10.0, 20.0):
        core.at = now
        exchange.read(ours)
    exchange.lane.settle(MANY)

    assert receiver.reception.arrival == pytest.approx(20.0 - 0.3, abs=0.05)


def test_who_sets_the_systems_time_ahead_makes_no_packet_older_than_the_one_before(
    sockets: Sockets,
):
    ours, other = sockets
    core = SlowCore()
    exchange = full(MediaClock(time_source=core), [3600.0])
    receiver = RtpReceiver(0.0)
    exchange.lane.open(exchange.take_row(), source_key(other.getsockname()), receiver)
    core.at = 10.0
    exchange.catch_up(ours, 0.0)

    core.at = 10.3
    for number in range(2 * BATCH):
        other.sendto(slin(number).serialise(), ours.getsockname())
    reached = exchange.catch_up(ours, 0.0)
    exchange.lane.settle(MANY)

    assert reached == receiver.reception.arrival == pytest.approx(10.0, abs=0.1)


def test_fewer_calls_are_heard_only_while_what_waits_becomes_older(sockets: Sockets):
    core, waited = SlowCore(), [1.0]
    exchange = full(MediaClock(time_source=core), waited)
    core.at = 10.0
    unheard = []

    for seconds in (1.0, 0.9, 0.7, 0.4, LONGEST_WAIT / 2, 1.2 * LONGEST_WAIT, 1.5 * LONGEST_WAIT):
        waited.append(seconds)
        core.at += 1.0
        fill(sockets, 2 * BATCH)
        exchange.catch_up(sockets[0], 0.0)
        unheard.append(exchange.lane.unheard())

    assert unheard[:5] == [0] * 5
    assert 0 < unheard[5] < unheard[6] < MANY // 2


def test_a_few_calls_are_all_heard_however_much_strangers_send(sockets: Sockets):
    exchange = Exchange(
        MediaClock(time_source=SlowCore()),
        max_delay=0.08,
        closed=print,
        measure=lambda _sock: 10.0,
    )
    exchange.lane.open(exchange.take_row(), source_key(("127.0.0.1", 20_000)), RtpReceiver(0.0))

    for _ in range(50):
        fill(sockets, 2 * BATCH)
        exchange.catch_up(sockets[0], 0.0)

    assert exchange.lane.unheard() == 0


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
    unheard = exchange.lane.unheard()

    with pytest.raises(MediaError, match=f"does not keep up: {unheard} of its calls"):
        exchange.take_row()
    for step in range(unheard):
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
