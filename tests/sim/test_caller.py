from __future__ import annotations

import asyncio
import wave
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.sim.conftest import APP, Client
from voicebot.sim import Recording, SimCaller, SimulatedPbx, Spoken
from voicebot.sim.recording import speech_bounds
from voicebot.sim.script import (
    Dtmf,
    HangUp,
    Pause,
    Say,
    ScriptTimeoutError,
    Step,
    WaitForEnd,
    WaitForQuiet,
    WaitForSpeech,
)
from voicebot.sim.tones import loudness, tone

if TYPE_CHECKING:
    from pathlib import Path

FRAME = 640
VOICE = tone(500, 0.4)


async def perform(
    pbx: SimulatedPbx, caller: SimCaller, steps: list[Step], *, seconds: float = 30.0
) -> Recording:
    """Play a script in a PBX whose time passes at once."""
    task = asyncio.create_task(caller.perform(steps))
    await asyncio.sleep(0)
    pbx.advance(seconds)
    return await asyncio.wait_for(task, 1)


async def echo_caller(pbx: SimulatedPbx) -> SimCaller:
    """Return a caller whose every word comes back at once."""
    caller = await pbx.dial("201")
    pbx.advance(1.0)
    return caller


async def test_a_script_is_played_step_by_step_on_the_media_clock(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)

    recording = await perform(
        pbx, caller, [Pause(1.0), Say(VOICE, "hello"), Pause(0.5), Say(VOICE, "bye"), HangUp()]
    )

    assert [spoken.text for spoken in recording.spoken] == ["hello", "bye"]
    hello, bye = recording.spoken
    assert hello.started == pytest.approx(16_000, abs=400)
    assert hello.ended - hello.started == pytest.approx(6400, abs=100)
    assert bye.started - hello.ended == pytest.approx(8000, abs=400)
    assert caller.ended
    await ari.event("ChannelDestroyed", channel_id=caller.channel.id)


async def test_what_was_said_is_recorded_to_the_sample(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    pbx.advance(0.1)
    caller.say(VOICE)
    pbx.advance(0.5)
    assert caller.recording.said == bytes(5 * FRAME) + VOICE + bytes(5 * FRAME)
    assert caller.recording.heard == bytes(30 * FRAME)
    assert ari.url


async def test_the_callers_clock_starts_with_the_call(pbx: SimulatedPbx):
    pbx.advance(5.0)
    caller = await pbx.dial("203")
    pbx.advance(0.02)
    assert caller.now == 0.0
    pbx.advance(1.0)
    assert caller.now == pytest.approx(1.0)


async def test_waiting_for_speech_ends_with_the_first_sound_and_the_time_to_interrupt(
    pbx: SimulatedPbx, ari: Client
):
    caller = await pbx.call(APP)
    await ari.post(f"/channels/{caller.channel.id}/play", media="sound:hello-world")

    recording = await perform(pbx, caller, [WaitForSpeech(0.3), Say(VOICE, "stop")])

    assert recording.spoken[0].started == pytest.approx(0.3 * 16_000, abs=700)


async def test_waiting_for_quiet_ends_when_the_other_side_has_stopped(
    pbx: SimulatedPbx, ari: Client
):
    caller = await pbx.call(APP)
    await ari.post(f"/channels/{caller.channel.id}/play", media="sound:hello-world")

    recording = await perform(pbx, caller, [WaitForQuiet(0.5), Say(VOICE)])

    assert recording.spoken[0].started == pytest.approx(1.5 * 16_000, abs=700)


@pytest.mark.parametrize("step", [WaitForSpeech(timeout=2.0), WaitForQuiet(timeout=2.0)])
async def test_waiting_in_vain_is_an_error_that_names_the_step(
    pbx: SimulatedPbx, ari: Client, step: Step
):
    caller = await pbx.call(APP)
    with pytest.raises(ScriptTimeoutError, match=type(step).__name__):
        await perform(pbx, caller, [step])
    assert not caller.ended
    assert ari.url


@pytest.mark.parametrize("step", [WaitForSpeech(), WaitForQuiet()])
async def test_the_end_of_the_call_ends_the_waiting(pbx: SimulatedPbx, ari: Client, step: Step):
    caller = await pbx.call(APP)
    task = asyncio.create_task(caller.perform([step]))
    await asyncio.sleep(0)
    await ari.delete(f"/channels/{caller.channel.id}")
    with pytest.raises(ScriptTimeoutError, match="the call ended"):
        await task


async def test_a_script_that_goes_on_after_the_end_of_the_call_is_an_error(
    pbx: SimulatedPbx, ari: Client
):
    caller = await pbx.call(APP)
    with pytest.raises(ScriptTimeoutError, match="ended before the script"):
        await perform(pbx, caller, [HangUp(), Pause(1.0)], seconds=0.5)
    assert ari.url


async def test_waiting_for_the_end(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    task = asyncio.create_task(caller.perform([WaitForEnd()]))
    await asyncio.sleep(0)
    pbx.advance(1.0)
    assert not task.done()
    await ari.delete(f"/channels/{caller.channel.id}")
    await asyncio.wait_for(task, 1)


async def test_a_call_that_does_not_end_is_an_error(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    with pytest.raises(ScriptTimeoutError, match="still up"):
        await perform(pbx, caller, [WaitForEnd(timeout=1.0)])
    assert ari.url


async def test_keys_are_pressed_by_a_script(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    await perform(pbx, caller, [Dtmf("0")])
    await ari.event("ChannelDtmfReceived", digit="0", channel_id=caller.channel.id)


async def test_what_is_cut_off_by_the_end_is_labelled_too(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    caller.say(VOICE, "hel")
    pbx.advance(0.2)
    caller.hang_up()
    assert caller.recording.spoken == [Spoken("hel", 0, 3200)]
    assert ari.url


async def test_a_new_sentence_cuts_the_one_before(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    caller.say(VOICE, "one")
    pbx.advance(0.1)
    caller.say(VOICE, "two")
    pbx.advance(1.0)
    assert [(s.text, s.ended - s.started) for s in caller.recording.spoken] == [
        ("one", 1600),
        ("two", 6400),
    ]
    assert ari.url


async def test_a_narrow_band_caller_hears_and_is_heard_without_high_tones(pbx: SimulatedPbx):
    caller = await pbx.dial("201", wideband=False)
    pbx.advance(1.0)
    for hertz, low, high in ((6000, 0, 60), (1000, 4000, 5000)):
        caller.say(tone(hertz, 0.5))
        pbx.advance(0.4)
        assert low <= loudness(caller.recording.heard[-FRAME:]) <= high


async def test_the_wait_for_an_answer_is_measured_from_the_two_tracks(pbx: SimulatedPbx):
    caller = await echo_caller(pbx)
    recording = await perform(pbx, caller, [Say(tone(500, 0.2)), Pause(1.0)])
    (wait,) = recording.waits()
    assert wait is None or wait < 0.06, "the echo is heard while or just after the caller speaks"


def silent(seconds: float) -> bytes:
    return bytes(round(seconds * 32_000))


def recorded(said: bytes, heard: bytes) -> Recording:
    recording = Recording()
    for tick in range(len(heard) // FRAME):
        part = slice(tick * FRAME, (tick + 1) * FRAME)
        recording.add(tick, said[part].ljust(FRAME, b"\0"), heard[part])
    return recording


def test_waits_run_from_the_end_of_speech_to_the_onset_of_the_answer():
    heard = silent(1.0) + tone(300, 0.5) + silent(2.5)
    recording = recorded(silent(4.0), heard)
    recording.spoken += [Spoken("a", 0, 9600), Spoken("b", 32_000, 40_000)]
    assert recording.waits() == [pytest.approx(0.4, abs=0.006), None]
    assert recording.answer_after(9600) == pytest.approx(16_000, abs=80)
    assert recording.quiet_after(16_000) == pytest.approx(24_000, abs=80)
    assert recording.quiet_after(16_000, seconds=5.0) is None


def test_speech_is_found_within_silence():
    pcm = silent(0.1) + tone(300, 0.2) + silent(0.3)
    assert speech_bounds(pcm) == pytest.approx((1600, 4800), abs=80)
    assert speech_bounds(silent(0.1)) == (0, 1600)


def test_ticks_that_were_left_out_become_silence():
    recording = Recording()
    frame = tone(500, 0.02)
    recording.add(0, frame, frame)
    recording.add(3, frame, frame)
    assert recording.said == frame + bytes(2 * FRAME) + frame
    assert recording.heard == recording.said


def test_nothing_is_kept_when_nothing_is_to_be_kept():
    recording = Recording(keep=False)
    recording.add(0, bytes(FRAME), bytes(FRAME))
    assert recording.said == recording.heard == b""


def test_the_wav_file_has_the_caller_left_and_the_bot_right(tmp_path: Path):
    recording = recorded(tone(500, 0.1), tone(900, 0.1))
    recording.write_wav(tmp_path / "call.wav")
    with wave.open(str(tmp_path / "call.wav")) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 16_000, 2)
        tracks = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    assert tracks[:, 0].tobytes() == tone(500, 0.1)
    assert tracks[:, 1].tobytes() == tone(900, 0.1)
