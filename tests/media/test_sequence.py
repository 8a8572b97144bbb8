from __future__ import annotations

import pytest

from voicebot.media.sequence import MAX_DROPOUT, MAX_MISORDER, Place, SequenceTracker


def following(last: int, *, ssrc: int = 7) -> SequenceTracker:
    """Return a tracker that has had 200 packets, the last of which was ``last``."""
    tracker = SequenceTracker()
    for sequence in range(last - 199, last + 1):
        assert tracker.judge(ssrc, sequence & 0xFFFF) is Place.NEXT
        tracker.advance(sequence & 0xFFFF)
    return tracker


@pytest.mark.parametrize("last", [1000, 65_535, 0, 50])
@pytest.mark.parametrize(
    ("distance", "place"),
    [
        (1, Place.NEXT),
        (2, Place.AHEAD),
        (MAX_DROPOUT + 1, Place.AHEAD),
        (MAX_DROPOUT + 2, Place.STRANGE),
        (0x8000, Place.STRANGE),
        (-MAX_MISORDER, Place.STRANGE),
        (1 - MAX_MISORDER, Place.DUPLICATE),
        (0, Place.DUPLICATE),
    ],
)
def test_a_number_has_its_place_on_either_side_of_the_wrap(last: int, distance: int, place: Place):
    assert following(last).judge(7, last + distance & 0xFFFF) is place


def test_a_packet_that_was_passed_over_is_behind_once_and_then_a_duplicate():
    tracker = following(1000)
    tracker.advance(1005)

    assert tracker.judge(7, 1003) is Place.BEHIND
    tracker.note(1003)
    assert tracker.judge(7, 1003) is Place.DUPLICATE
    assert tracker.judge(7, 1004) is Place.BEHIND


def test_another_source_is_strange_until_two_of_its_packets_follow_each_other():
    tracker = following(1000)

    assert tracker.judge(8, 1001) is Place.STRANGE
    assert not tracker.proves(8, 1001)
    assert not tracker.proves(8, 1003)
    assert tracker.proves(8, 1004)


def test_a_packet_of_the_run_between_two_strange_ones_takes_their_proof_away():
    tracker = following(1000)
    tracker.proves(8, 500)

    tracker.advance(1001)

    assert not tracker.proves(8, 501)


def test_a_proof_may_cross_the_wrap():
    tracker = following(1000)
    tracker.proves(8, 65_535)

    assert tracker.proves(8, 0)


def test_a_new_run_begins_with_the_number_it_is_given():
    tracker = following(1000)

    tracker.start(8, 40_000)

    assert tracker.judge(8, 40_000) is Place.NEXT
    assert tracker.judge(7, 1001) is Place.STRANGE
