from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import numpy as np
import pytest

from voicebot.media.datagrams import (
    BATCH,
    LARGEST_DATAGRAM,
    Inbox,
    Outbox,
    socket_name,
    source_key,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

FAMILIES = {"127.0.0.1": socket.AF_INET, "::1": socket.AF_INET6}


@pytest.fixture(params=FAMILIES)
def sockets(request: pytest.FixtureRequest) -> Iterator[list[socket.socket]]:
    """Four sockets of the same family; the first is ours."""
    opened = []
    for _ in range(4):
        sock = socket.socket(FAMILIES[request.param], socket.SOCK_DGRAM)
        sock.bind((request.param, 0))
        sock.setblocking(False)
        opened.append(sock)
    yield opened
    for sock in opened:
        sock.close()


@pytest.mark.parametrize("at_once", [True, False])
class TestInbox:
    def test_each_datagram_is_read_with_its_source(
        self, sockets: list[socket.socket], at_once: bool
    ):
        ours, *others = sockets
        for number in range(9):
            others[number % 3].sendto(bytes([number]) * (number + 12), ours.getsockname())
        inbox = Inbox(at_once=at_once)

        count = inbox.read(ours)

        assert count == 9
        assert [bytes(inbox.datagram(row)) for row in range(9)] == [
            bytes([number]) * (number + 12) for number in range(9)
        ]
        keys = [source_key(sock.getsockname()) for sock in others]
        assert inbox.sources(count) == [keys[number % 3] for number in range(9)]
        assert len(set(keys)) == 3
        assert inbox.headers[3].tolist() == [0x03030303] * 3
        assert inbox.read(ours) == 0

    def test_what_is_too_long_fills_its_row(self, sockets: list[socket.socket], at_once: bool):
        ours, other, *_ = sockets
        other.sendto(bytes(5000), ours.getsockname())
        other.sendto(b"next", ours.getsockname())
        inbox = Inbox(at_once=at_once)

        assert inbox.read(ours) == 2
        assert inbox.sizes[:2].tolist() == [LARGEST_DATAGRAM, 4]

    def test_more_than_a_batch_is_left_for_the_next_read(
        self, sockets: list[socket.socket], at_once: bool
    ):
        ours, other, *_ = sockets
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        for _ in range(BATCH + 3):
            other.sendto(b"x", ours.getsockname())
        inbox = Inbox(at_once=at_once)

        assert [inbox.read(ours) for _ in range(3)] == [BATCH, 3, 0]

    def test_payloads_are_those_of_the_rows_asked_for(
        self, sockets: list[socket.socket], at_once: bool
    ):
        ours, other, *_ = sockets
        for number in range(5):
            other.sendto(bytes(12) + bytes([number]) * 2, ours.getsockname())
        inbox = Inbox(at_once=at_once)
        inbox.read(ours)

        assert inbox.payloads(np.array([0, 1, 2]), 2).tolist() == [[0, 0], [1, 1], [2, 2]]
        assert inbox.payloads(np.array([1, 3]), 2).tolist() == [[1, 1], [3, 3]]
        assert inbox.payloads(np.array([], np.intp), 2).tolist() == []


@pytest.mark.parametrize("at_once", [True, False])
class TestOutbox:
    def test_rows_go_to_their_addresses_in_their_sizes(
        self, sockets: list[socket.socket], at_once: bool
    ):
        ours, *others = sockets
        octets = np.arange(40, dtype=np.uint8).reshape(4, 10)
        outbox = Outbox(octets, at_once=at_once)
        for row, other in enumerate(others):
            outbox.open(row, other.getsockname(), 5 + row)

        failed = outbox.send(ours, np.array([2, 0]))

        assert failed == []
        assert others[0].recv(100) == outbox.datagram(0) == bytes(range(5))
        assert others[2].recv(100) == bytes(range(20, 27))
        with pytest.raises(BlockingIOError):
            others[1].recv(100)

    def test_a_datagram_that_cannot_be_sent_is_named_and_the_others_go(self, at_once: bool):
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
        ):
            other.bind(("127.0.0.1", 0))
            other.setblocking(False)
            outbox = Outbox(np.zeros((4, 3), np.uint8), at_once=at_once)
            for row in range(4):
                broadcast = ("255.255.255.255", 9)
                outbox.open(row, broadcast if row % 2 else other.getsockname(), 3)

            failed = outbox.send(ours, np.arange(4))

            assert [row for row, _ in failed] == [1, 3]
            assert all(isinstance(error, PermissionError) for _, error in failed)
            assert [other.recv(10), other.recv(10)] == [bytes(3)] * 2


def test_an_address_that_differs_in_anything_has_another_key():
    keys = [
        source_key(("192.0.2.1", 5000)),
        source_key(("192.0.2.1", 5001)),
        source_key(("192.0.2.2", 5000)),
        source_key(("2001:db8::1", 5000, 0, 0)),
        source_key(("2001:db8::1", 5001, 0, 0)),
        source_key(("2001:db8::2", 5000, 0, 0)),
        source_key(("fe80::1", 5000, 0, 1)),
        source_key(("fe80::1", 5000, 0, 2)),
    ]

    assert len(set(keys)) == len(keys)
    assert socket_name(("192.0.2.1", 5000))[2:8] == b"\x13\x88\xc0\x00\x02\x01"
