from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.turns.signals import at_level, echo, frames, noise, silence, voice
from voicebot.media.audio import SAMPLE_RATE, SILENCE
from voicebot.turns.echo import EchoGuard

if TYPE_CHECKING:
    from tests.turns.signals import Signal

BOT = voice(3000, -18, pitch=190, seed=3)
CALLER = voice(3000, -20, pitch=115, seed=5)


def listen(guard: EchoGuard, caller: Signal, bot: Signal) -> bytes:
    """Push both and return the last 240 ms of the caller's."""
    pcm = b""
    for heard, played in zip(frames(caller), frames(bot), strict=True):
        guard.push(heard, played)
        pcm += heard
    return pcm[-12 * len(SILENCE) :]


def hiss(ms: float, dbfs: float, band: tuple[float, float]) -> Signal:
    """Return noise of these frequencies alone."""
    spectrum = np.fft.rfft(noise(ms, dbfs))
    frequencies = np.fft.rfftfreq(2 * (len(spectrum) - 1), 1 / SAMPLE_RATE)
    spectrum[(frequencies < band[0]) | (frequencies > band[1])] = 0
    return at_level(np.fft.irfft(spectrum), dbfs)


@pytest.mark.parametrize("delay_ms", [0, 40, 130, 290, 480])
@pytest.mark.parametrize("loss_db", [6, 20, 30])
def test_the_delay_of_an_echo_is_learned(delay_ms: float, loss_db: float):
    guard = EchoGuard()
    pcm = listen(guard, echo(BOT, delay_ms, loss_db) + noise(3000, -65), BOT)
    assert guard.delay_ms == pytest.approx(delay_ms, abs=15)
    assert not guard.is_speech(pcm)
    assert guard.is_echo()


def test_another_voice_is_no_echo():
    guard = EchoGuard()
    pcm = listen(guard, CALLER, BOT)
    assert guard.delay_ms is None
    assert guard.is_speech(pcm)
    assert not guard.is_echo()


def test_another_voice_above_the_echo_is_speech():
    guard = EchoGuard()
    listen(guard, echo(BOT, 100, 24), BOT)
    assert guard.delay_ms is not None
    pcm = listen(guard, echo(BOT, 100, 24)[:16000] + CALLER[:16000], BOT[:16000])
    assert guard.is_speech(pcm)


def test_one_look_at_an_echo_teaches_its_delay():
    guard = EchoGuard()
    listen(guard, echo(BOT, 100, 20)[:12800], BOT[:12800])
    assert guard.is_echo()
    assert guard.delay_ms == pytest.approx(100, abs=15)


@pytest.mark.parametrize("band", [(3600, 4400), (7200, 8000)])
def test_an_echo_is_known_by_what_of_it_is_below_two_kilohertz(band: tuple[float, float]):
    guard = EchoGuard()
    pcm = listen(guard, echo(BOT, 100, 20) + hiss(3000, -19, band), BOT)
    assert guard.delay_ms == pytest.approx(100, abs=15)
    assert not guard.is_speech(pcm)
    assert guard.is_echo()


def test_without_a_bot_everything_is_the_caller_s():
    guard = EchoGuard()
    pcm = b""
    for frame in frames(CALLER):
        guard.push(frame, None)
        pcm += frame
    assert guard.is_speech(pcm)
    assert not guard.is_echo()


def test_half_a_second_after_the_bot_everything_is_the_caller_s():
    guard = EchoGuard()
    listen(guard, echo(BOT, 100, 10), BOT)
    pcm = listen(guard, silence(1000), silence(1000))
    assert guard.is_speech(pcm)
    assert not guard.is_echo()


def test_an_echo_is_known_while_playout_has_paused():
    guard = EchoGuard()
    bot = BOT.copy()
    bot[-4800:] = 0
    pcm = listen(guard, echo(BOT, 300, 15), bot)
    assert not guard.is_speech(pcm)


def test_silence_is_no_echo():
    guard = EchoGuard()
    listen(guard, silence(3000), BOT)
    assert guard.delay_ms is None
    assert not guard.is_echo()


def test_where_there_was_no_echo_one_look_alike_makes_none():
    guard = EchoGuard()
    listen(guard, noise(2000, -62), BOT[:32000])
    bot = BOT[32000:38400]
    pcm = listen(guard, 0.5 * bot + 0.6 * CALLER[: len(bot)], bot)
    assert guard.is_speech(pcm)
    assert not guard.is_echo()


def test_an_echo_that_begins_in_mid_call_is_learned():
    guard = EchoGuard()
    listen(guard, noise(3000, -62), BOT)
    assert not guard.possible
    pcm = listen(guard, echo(BOT, 130, 20), BOT)
    assert guard.delay_ms == pytest.approx(130, abs=15)
    assert not guard.is_speech(pcm)


def test_an_echo_that_begins_in_mid_call_is_known_at_the_first_look():
    guard = EchoGuard()
    listen(guard, noise(3000, -62), BOT)
    listen(guard, echo(BOT, 60, 12)[:6400], BOT[:6400])
    assert not guard.possible
    assert guard.is_echo()
    assert guard.delay_ms == pytest.approx(60, abs=15)
    assert guard.possible


def test_an_echo_that_ends_in_mid_call_is_forgotten():
    guard = EchoGuard()
    listen(guard, echo(BOT, 130, 20), BOT)
    assert guard.possible
    listen(guard, noise(3000, -65), BOT)
    assert guard.delay_ms is None
    assert not guard.possible
