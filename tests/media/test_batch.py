from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.media.batch_fakes import FakeClock, FakeLane, FakeSenders
from voicebot.media.batch import EASY, Batches, Speaker
from voicebot.media.clock import SLOTS
from voicebot.media.playout import Playout

if TYPE_CHECKING:
    from tests.media.batch_fakes import Done


class Rig:
    """The calls of one place, with the sockets that they are given; reading takes 3 ms.

    Where the socket is ``behind``, what came within the last half second waits there still.
    """

    def __init__(self, *sockets: object, listening: bool = False) -> None:
        self.done: Done = []
        self.answered = 0.0
        self.clock = FakeClock()
        batches = Batches(
            self.clock,
            FakeLane(self.done),
            FakeSenders(self.done),
            self._read,
            listening=listening,
        )
        speakers = [Speaker(row, Playout(), sock, "a call") for row, sock in enumerate(sockets)]
        for speaker in speakers:
            batches.add(speaker)
        self.places = [speaker.batch.place for speaker in speakers if speaker.batch is not None]

    def tick(self, number: int) -> Done:
        """Tick the first call; return what that did."""
        self.done.clear()
        self.clock.tick(self.places[0], number / 50, number)
        return list(self.done)

    def _read(self, sock: object, answered: float) -> float:
        self.done.append(("read", sock))
        self.answered = answered
        self.clock.at += 0.003
        return self.clock.at - (0.5 if sock == "behind" else 0.0)


def test_what_waits_is_read_before_anything_is_missing_and_answered_in_the_same_tick():
    rig = Rig("shared")

    assert rig.tick(50) == [
        ("read", "shared"),
        ("polled", pytest.approx(1.003)),
        ("stamped", 0),
        ("sent", "shared"),
    ]
    assert rig.answered == 1.0


def test_where_there_are_many_calls_what_is_said_leaves_before_what_waits_is_read():
    rig = Rig(*["shared"] * (SLOTS * EASY + 1))

    assert rig.tick(50) == [
        ("stamped", 0),
        ("sent", "shared"),
        ("read", "shared"),
        ("polled", pytest.approx(1.003)),
    ]
    assert rig.answered == pytest.approx(1.004)


def test_the_sockets_of_single_calls_are_read_in_a_tick_only_after_a_stall():
    # The sixth call shares the first one's place.
    rig = Rig(*"abcdef")
    rig.tick(50)

    assert [step for step in rig.tick(51) if step[0] == "read"] == []
    late = rig.tick(60)
    assert ("stamped", 8) in late
    assert sorted(step for step in late if step[0] == "read") == [("read", "a"), ("read", "f")]
    assert ("polled", pytest.approx(1.203)) in late
    assert ("left the rest", pytest.approx(1.203)) in late


def test_nothing_is_missing_that_may_wait_to_be_read():
    rig = Rig("behind")

    assert ("polled", pytest.approx(0.503)) in rig.tick(50)


def test_where_one_only_listens_nothing_is_sent():
    rig = Rig("shared", listening=True)

    assert rig.tick(50) == [("read", "shared"), ("polled", pytest.approx(1.003))]
