"""Frames in which nothing can happen are looked at together; nobody can tell."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.turns.signals import at_level, frames, noise, silence, tone, voice
from voicebot.config import TurnSettings
from voicebot.media.audio import FRAME_SAMPLES, FRAME_SECONDS, SILENCE, energy
from voicebot.turns.activity import QUIET, NoiseFloor, VoiceActivity
from voicebot.turns.detector import SpeechDetector
from voicebot.turns.ease import MOST_FRAMES, FramesAtEase
from voicebot.turns.echo import EchoGuard
from voicebot.turns.events import CallerSilent
from voicebot.turns.turntaker import TurnTaker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicebot.turns.detector import Change

QUIET_LINE = list(frames(noise(400, -70)))


class Listener:
    """A detector and an echo guard, and what they found."""

    def __init__(self, pause_ms: int = 100, longest_s: float = 60.0) -> None:
        self.detector = SpeechDetector(pause_ms=pause_ms, longest_s=longest_s)
        self.echo = EchoGuard()
        self.found: list[tuple[Change, int, int, int, bytes]] = []

    def look(self, frame: bytes, bot: bytes | None) -> None:
        """Take a frame by itself."""
        self.echo.push(frame, bot)
        self.note(self.detector.push(frame, echoes=self.echo.possible))

    def note(self, change: Change | None) -> None:
        """Remember what has changed, and all about it."""
        if change is not None:
            detector = self.detector
            self.found.append(
                (change, detector.now, detector.started, detector.ended, detector.pcm)
            )
            if not detector.speaking:
                detector.release()

    def told(self) -> tuple[object, ...]:
        """Return all that can be known."""
        detector = self.detector
        return self.found, detector.now, detector.level, detector.pcm, self.echo.delay_ms


def hear_eagerly(
    sound: Sequence[tuple[bytes, bytes | None]], listener: Listener
) -> tuple[object, ...]:
    for frame, bot in sound:
        listener.look(frame, bot)
    return listener.told()


def hear_together(
    sound: Sequence[tuple[bytes, bytes | None]], listener: Listener, *, room: int = MOST_FRAMES
) -> tuple[tuple[object, ...], int]:
    """Return what was found, and how many frames were kept to be looked at with others."""
    ease, kept = FramesAtEase(listener.detector, listener.echo), 0
    for frame, bot in sound:
        if ease.take(frame, bot, energy(frame)):
            kept += 1
            if ease.room:
                continue
            listener.note(ease.settle())
        else:
            assert ease.settle() is None
            listener.look(frame, bot)
        if listener.detector.speaking:
            ease.allow_speech()
        else:
            ease.allow_quiet(room)
    assert ease.settle() is None
    return listener.told(), kept


PIECES = {
    "line": list(frames(noise(600, -70))),
    "dead": list(frames(silence(600))),
    "hiss": list(frames(noise(500, -63))),
    "edge": list(frames(noise(500, -64))),
    "room": list(frames(noise(500, -45))),
    "word": list(frames(voice(500))),
    "soft": list(frames(voice(400, -40))),
    "beep": list(frames(tone(300, -20, 1000))),
    "click": list(frames(at_level(noise(20, -20), -12))),
}


@settings(max_examples=60, deadline=None)
@given(
    pieces=st.lists(
        st.tuples(st.sampled_from(sorted(PIECES)), st.integers(1, 40), st.booleans()),
        min_size=1,
        max_size=20,
    ),
    room=st.integers(1, MOST_FRAMES + 4),
    pause_ms=st.sampled_from([60, 100, 110, 200]),
    longest_s=st.sampled_from([0.5, 1.01, 60.0]),
)
def test_frames_looked_at_together_lead_to_the_same(
    pieces: list[tuple[str, int, bool]], room: int, pause_ms: int, longest_s: float
):
    said = PIECES["word"]
    sound: list[tuple[bytes, bytes | None]] = []
    for name, count, bot_speaks in pieces:
        for frame in PIECES[name][:count]:
            sound.append((frame, said[len(sound) % len(said)] if bot_speaks else None))

    together, _ = hear_together(sound, Listener(pause_ms, longest_s), room=room)

    assert together == hear_eagerly(sound, Listener(pause_ms, longest_s))


def test_most_frames_of_a_quiet_line_are_kept():
    _, kept = hear_together([(frame, None) for frame in QUIET_LINE * 10], Listener())

    assert kept >= 150


def test_no_frame_with_which_speech_may_begin_is_kept():
    sound = [*PIECES["word"][:2], *QUIET_LINE[:5]]
    _, kept = hear_together([(frame, None) for frame in sound], Listener())

    assert kept == 0


def test_most_frames_of_speech_are_kept():
    _, kept = hear_together([(frame, None) for frame in PIECES["word"] * 4], Listener())

    assert kept >= 75


def test_quiet_is_below_what_is_worth_a_look():
    levels = [VoiceActivity().push(SILENCE, energy=whole).level for whole in (QUIET - 1, QUIET)]

    assert levels[0] < -64 <= levels[1]


@given(
    levels=st.lists(
        st.one_of(st.floats(-96, -65), st.just(-120.4), st.just(-66.0)), min_size=1, max_size=80
    ),
    before=st.lists(st.tuples(st.floats(-90, -10), st.booleans()), max_size=25),
    cuts=st.sets(st.integers(1, 79)),
)
def test_the_noise_floor_is_the_same(
    levels: list[float], before: list[tuple[float, bool]], cuts: set[int]
):
    alone, together = NoiseFloor(), NoiseFloor()
    for level, voiced in before:
        for floor in (alone, together):
            floor.push(level, voiced=voiced)

    start = 0
    for end in [*sorted(cut for cut in cuts if cut < len(levels)), len(levels)]:
        together.push_quiet(levels[start:end])
        for level in levels[start:end]:
            alone.push(level)
        start = end
        assert together.level == alone.level


def test_the_callers_silence_is_noticed_at_its_frame_and_counted_in_the_meantime():
    turns = TurnTaker(TurnSettings(silence_s=3.1), "en")
    events = []

    for number in range(400):
        events += turns.push(QUIET_LINE[number % len(QUIET_LINE)])
        assert turns.now == (number + 1) * FRAME_SAMPLES

    frames_needed = math.ceil(3.1 / FRAME_SECONDS)
    assert events == [
        CallerSilent(1, frames_needed * FRAME_SAMPLES),
        CallerSilent(2, 2 * frames_needed * FRAME_SAMPLES),
    ]
