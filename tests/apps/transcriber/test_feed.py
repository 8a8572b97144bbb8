"""What one capture after the other hears of a party."""

from __future__ import annotations

from voicebot.apps.transcriber.feed import Feed
from voicebot.media.audio import FRAME_SAMPLES, SILENCE

MS = 16
OLD, NEW = "old", "new"


def frame(number: int) -> bytes:
    """Return the ``number``-th 20 ms of what somebody says."""
    return number.to_bytes(2, "little") * FRAME_SAMPLES


def numbers(frames) -> list[int]:
    return [int.from_bytes(one[:2], "little") for one in frames]


def hear(feed: Feed, source: str, first: int, count: int, *, lag: int = 0) -> list[int]:
    """Let frames come, each ``lag`` milliseconds after it was said; return what is passed on."""
    heard: list[int] = []
    for number in range(first, first + count):
        position = (number + 1) * FRAME_SAMPLES + lag * MS
        heard += numbers(feed.take(source, frame(number), position))
    return heard


def test_what_comes_in_time_is_passed_on():
    feed = Feed(OLD, 0)

    assert hear(feed, OLD, 0, 100) == list(range(100))
    assert not feed.late


def test_what_stays_late_is_late():
    feed = Feed(OLD, 0)
    hear(feed, OLD, 0, 10)

    hear(feed, OLD, 10, 5, lag=240)
    assert not feed.late
    hear(feed, OLD, 15, 10, lag=240)

    assert feed.late
    assert feed.longest_lag == 240 * MS


def test_what_is_late_for_a_moment_is_not():
    feed = Feed(OLD, 0)

    hear(feed, OLD, 0, 5, lag=300)
    hear(feed, OLD, 5, 40)

    assert not feed.late


def test_the_next_capture_takes_over_where_the_one_before_comes_to_its_beginning():
    feed = Feed(OLD, 0)
    heard = hear(feed, OLD, 0, 50, lag=240)

    # The new one is in time: it begins 12 frames ahead of what the old one gives out.
    for number in range(50, 62):
        position = (number + 13) * FRAME_SAMPLES
        heard += numbers(feed.take(NEW, frame(number + 12), position))
        heard += numbers(feed.take(OLD, frame(number), position))

    assert feed.source == NEW
    heard += hear(feed, NEW, 74, 10)
    assert heard == list(range(84))
    assert not feed.late
    assert feed.heard == 84 * FRAME_SAMPLES


def test_the_capture_before_is_not_heard_any_more():
    feed = Feed(OLD, 0)
    hear(feed, OLD, 0, 10)
    hear(feed, NEW, 10, 1)

    assert feed.source == NEW
    assert hear(feed, OLD, 10, 5) == []


def test_a_capture_that_falls_silent_is_waited_for_a_second():
    feed = Feed(OLD, 0)
    hear(feed, OLD, 0, 10)

    assert hear(feed, NEW, 30, 49) == []
    heard = feed.take(NEW, frame(79), 80 * FRAME_SAMPLES)

    assert heard[:20] == [SILENCE] * 20
    assert numbers(heard[20:]) == list(range(30, 80))
    assert feed.heard == 80 * FRAME_SAMPLES


def test_what_asterisk_has_lost_is_not_waited_for_and_nothing_is_heard_twice():
    feed = Feed(OLD, 0)
    heard = hear(feed, OLD, 0, 10)

    # Asterisk has given up 0.8 s that it held back: what comes now is not late.
    heard += hear(feed, OLD, 50, 20)
    assert feed.late
    heard += hear(feed, NEW, 70, 10)

    silence = [0] * 40
    assert heard == [*range(10), *range(50, 70), *silence, *range(70, 80)]
    assert feed.heard == 80 * FRAME_SAMPLES


def test_what_comes_at_once_after_a_stall_of_ours_is_not_lost():
    feed = Feed(OLD, 0)
    hear(feed, OLD, 0, 50, lag=240)
    hear(feed, NEW, 63, 1)

    # A second later both have waited for us.
    at_once = 113 * FRAME_SAMPLES
    heard = [it for number in range(50, 63) for it in feed.take(OLD, frame(number), at_once)]

    assert numbers(heard) == list(range(50, 64))
    assert feed.source == NEW
