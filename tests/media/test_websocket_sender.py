from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.media.websocket_fake import AsteriskQueue, Faults
from tests.media.wire import numbered, pcm, sine
from voicebot.media.audio import FRAME_SAMPLES, SILENCE
from voicebot.media.websocket_messages import parse_event
from voicebot.media.websocket_queue import QUEUE_FRAMES
from voicebot.media.websocket_sender import AheadSender

if TYPE_CHECKING:
    from collections.abc import Callable

STEP = 0.005


class Call:
    """A sender and Asterisk's queue, joined by a line, on one clock that is moved by hand.

    Asterisk plays a frame each 20 ms, 10 ms after our own ticks; ``delay`` seconds pass on the way
    back. While ``line`` is off, nothing arrives in either direction.
    """

    def __init__(self, faults: Faults | None = None, *, delay: float = 0.0) -> None:
        self.asterisk = AsteriskQueue(faults or Faults())
        self.outbox: list[bytes | str] = []
        self.sender = AheadSender(self.outbox.append, self.outbox.clear, name="call")
        self.playout = self.sender.playout
        self.line = True
        self.now = 0.0
        self._step = 0
        self._delay = delay
        self._travelling: list[tuple[float, str]] = []

    def run(self, seconds: float, each: Callable[[], None] = lambda: None) -> None:
        for _ in range(round(seconds / STEP)):
            self.now = self._step * STEP
            if self._step % 4 == 0:
                self.sender.poll(self.now)
                each()
            if self.line:
                self.deliver()
            if self._step % 4 == 2:
                self.asterisk.tick()
            self._step += 1

    def deliver(self) -> None:
        for message in self.outbox:
            self.asterisk.take(message)
        self.outbox.clear()
        while self.asterisk.told:
            self._travelling.append((self.now + self._delay, self.asterisk.told.popleft()))
        while self._travelling and self._travelling[0][0] <= self.now:
            self.sender.told(parse_event(self._travelling.pop(0)[1]), self.now)

    def stall(self, seconds: float) -> None:
        """Let Asterisk play on while our side is held up."""
        for _ in range(round(seconds / STEP)):
            if self._step % 4 == 2:
                self.asterisk.tick()
            self._step += 1

    @property
    def heard(self) -> bytes:
        """What the caller heard, from the first sound to the last."""
        sounds = [i for i, frame in enumerate(self.asterisk.heard) if frame != SILENCE]
        return b"".join(self.asterisk.heard[sounds[0] : sounds[-1] + 1]) if sounds else b""

    @property
    def truth(self) -> int:
        """Samples of content that Asterisk has played."""
        return sum(frame != SILENCE for frame in self.asterisk.heard) * FRAME_SAMPLES


def test_what_is_played_is_heard_whole_and_never_more_than_200_ms_are_queued():
    call = Call()
    call.playout.play(numbered(320 * 100))

    call.run(2.3)

    assert call.heard == numbered(320 * 100)
    assert call.asterisk.longest <= QUEUE_FRAMES
    assert call.playout.idle


def test_no_message_comes_near_the_length_that_ends_a_channel():
    call = Call()
    sent: list[bytes] = []
    call.playout.play(sine(440, 30.0))

    call.run(31.0, lambda: sent.extend(it for it in call.outbox if isinstance(it, bytes)))

    assert len(sent) > 100
    assert max(map(len, sent)) < 65_500 / 10


def test_silence_is_sent_when_there_is_nothing_to_say():
    call = Call()

    call.run(10.0)

    assert call.asterisk.gaps <= 1
    assert set(call.asterisk.heard) == {SILENCE}
    assert call.asterisk.longest <= QUEUE_FRAMES
    assert call.playout.idle


def test_speech_does_not_wait_for_silence():
    call = Call()
    call.run(1.03)
    at = len(call.asterisk.heard)

    call.playout.play(numbered(3200))
    call.run(0.3)

    assert call.asterisk.commands.count("FLUSH_MEDIA") == 1
    assert call.asterisk.heard[at : at + 2].count(SILENCE) <= 1
    assert call.heard == numbered(3200)


def test_silence_follows_speech_that_was_heard():
    call = Call()
    call.playout.play(numbered(3200))

    call.run(2.0)

    assert call.heard == numbered(3200)
    # a packet or two may be missing where the end of speech is being told
    assert call.asterisk.gaps <= 3


def test_speech_that_comes_a_little_late_is_not_put_behind_silence():
    call = Call()
    # each frame comes when the one before it has just been played, now and then 20 ms later
    late = {10, 11, 25, 40}
    call.run(0.5)
    at = len(call.asterisk.heard)

    for frame in range(50):
        call.playout.play(np.full(320, frame + 1, "<i2").tobytes())
        call.run(0.04 if frame in late else 0.02)
    call.run(0.2)

    levels = [int(pcm(frame)[0]) for frame in call.asterisk.heard[at:]]
    assert [level for level in levels if level] == list(range(1, 51))
    assert levels.index(50) - levels.index(1) <= 49 + len(late)


def test_the_queue_is_deep_enough_for_a_stall_of_100_ms():
    call = Call()
    call.playout.play(numbered(320 * 50))

    call.run(0.3)
    call.stall(0.1)
    call.run(1.0)

    assert call.heard == numbered(320 * 50)


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.06])
def test_the_position_follows_what_was_heard_within_60_ms_and_never_precedes_it(delay: float):
    call = Call(delay=delay)
    call.playout.play(numbered(320 * 100))
    behind = []

    call.run(1.9, lambda: behind.append(call.truth - call.playout.position))

    assert min(behind) >= 0
    assert max(behind) <= (0.06 + delay) * 16_000


def test_a_mark_is_called_when_its_place_was_heard_not_when_it_was_sent():
    call = Call()
    heard: list[int] = []
    call.playout.play(numbered(320 * 20))
    call.playout.mark(lambda _now: heard.append(call.truth))

    call.run(0.35)
    assert heard == []
    call.run(0.35)

    assert heard == [320 * 20]


def test_sounding_is_what_is_heard_now_frame_by_frame():
    call = Call()
    call.playout.play(numbered(320 * 40))
    sounding = []

    call.run(1.0, lambda: sounding.append(call.playout.sounding))

    frames = [frame for frame in sounding if frame is not None]
    assert frames[0] == numbered(320)
    assert len(frames) == pytest.approx(40, abs=3)
    starts = [int(pcm(frame)[0]) for frame in frames]
    assert starts == sorted(starts)
    # each frame once, but for those around a mark that came a little early or late
    assert len(set(starts)) >= 36
    assert sounding[-1] is None


def test_dropping_silences_asterisk_at_once_and_what_follows_is_heard():
    call = Call()
    call.playout.play(sine(400, 2.0))
    call.run(0.5)
    at = len(call.asterisk.heard)

    call.playout.drop()
    call.run(0.2)

    assert call.asterisk.commands.count("FLUSH_MEDIA") == 1
    after = [np.abs(pcm(frame)).max() for frame in call.asterisk.heard[at:]]
    assert sum(level > 0 for level in after) <= 2
    call.playout.play(numbered(3200))
    call.run(0.4)
    assert call.heard.endswith(numbered(3200))
    assert call.playout.idle


def test_a_pause_goes_on_where_it_was_heard_to_stop():
    call = Call()
    content = sine(400, 0.3) + bytes(3200) + sine(500, 0.6)
    call.playout.play(content)
    call.run(0.62)

    call.playout.pause()
    stopped = call.playout.position
    call.run(0.3)
    assert call.playout.position == stopped
    assert set(call.asterisk.heard[-10:]) == {SILENCE}
    call.playout.resume()
    again = call.playout.position
    assert 4800 <= again <= stopped
    call.run(1.5)

    assert call.playout.idle
    assert content[2 * (again + 320) :] in call.heard


def test_marks_of_flushed_audio_confirm_nothing():
    call = Call(delay=0.04)
    call.playout.play(numbered(320 * 50))
    call.run(0.4)

    call.playout.drop()
    dropped_at = call.playout.position
    call.playout.play(numbered(320 * 50))
    call.run(0.04)

    assert call.playout.position - dropped_at <= 2 * 320


def test_content_that_streams_in_slowly_joins_without_padding():
    call = Call()
    audio = numbered(320 * 60)
    given = 0

    def stream() -> None:
        # 21 ms of audio each 20 ms, in pieces that are no whole frames
        nonlocal given
        call.playout.play(audio[2 * given : 2 * (given + 336)])
        given += 336

    call.playout.play(audio[: 2 * 1600])
    given = 1600
    call.run(1.5, stream)

    assert call.heard == audio


def test_a_tail_is_padded_and_counts_only_its_content():
    call = Call()
    call.playout.play(numbered(320 * 12 + 100))

    call.run(0.5)

    assert call.heard == numbered(320 * 12 + 100) + bytes(440)
    assert call.playout.position == 320 * 12 + 100
    assert call.playout.idle


def test_xoff_is_obeyed_until_xon():
    call = Call(Faults(xoff=6, xon=2))
    call.playout.play(numbered(320 * 100))

    call.run(3.5)

    assert call.asterisk.longest <= 9
    assert call.playout.idle
    assert call.truth == 320 * 100


def test_a_counter_that_a_flush_leaves_wrong_does_not_silence_the_call():
    call = Call(Faults(leaking=True, xoff=30, xon=20))
    for _ in range(8):
        call.playout.play(numbered(320 * 20))
        call.run(0.2)
        call.playout.drop()
    call.run(0.1)

    call.playout.play(numbered(320 * 20))
    call.run(3.0)

    assert call.asterisk.commands.count("GET_STATUS") >= 1
    assert call.heard.endswith(numbered(320 * 20))
    assert call.playout.idle


def test_an_asterisk_without_marks_is_asked_and_then_the_clock_decides():
    call = Call(Faults(marks=False))
    call.playout.play(numbered(320 * 100))

    call.run(3.5)

    assert call.asterisk.commands.count("GET_STATUS") == 1
    assert call.truth == 320 * 100
    assert call.asterisk.longest <= QUEUE_FRAMES
    assert call.playout.idle


def test_a_line_that_is_stuck_is_not_fed():
    call = Call()
    call.playout.play(numbered(320 * 200))
    call.run(0.5)

    call.line = False
    call.run(3.0)
    waiting = sum(len(message) for message in call.outbox if isinstance(message, bytes))
    assert waiting <= QUEUE_FRAMES * 640
    assert call.playout.position <= call.truth
    call.line = True
    call.run(5.0)

    assert call.truth == 320 * 200
    assert call.asterisk.longest <= QUEUE_FRAMES
    assert call.playout.idle


def test_without_a_connection_time_goes_on_and_nothing_is_sent():
    call = Call()
    over: list[float] = []
    call.playout.play(numbered(320 * 50))
    call.playout.mark(over.append)
    call.run(0.3)

    call.sender.disconnect()
    sent = call.sender.sent
    call.line = False
    call.run(1.5)

    assert over == [pytest.approx(1.0, abs=0.1)]
    assert call.sender.sent == sent
    assert call.sender.unsent == 50 - sent
    assert call.playout.idle


def test_dropping_without_a_connection_sends_nothing():
    call = Call()
    call.playout.play(numbered(320 * 50))
    call.run(0.3)
    call.sender.disconnect()
    call.outbox.clear()

    call.playout.drop()
    call.run(0.1)

    assert call.outbox == []
    assert call.playout.idle
