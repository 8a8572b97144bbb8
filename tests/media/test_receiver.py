from __future__ import annotations

import random
import struct

import numpy as np
import pytest

from tests.media.wire import FRAME, pcm, signal_to_noise, sine, slin
from voicebot.media.audio import FRAME_BYTES, SILENCE
from voicebot.media.codecs import CODECS
from voicebot.media.receiver import RtpReceiver
from voicebot.media.rtp import RtpPacket


class Listener:
    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.times: list[float] = []

    def __call__(self, frame: bytes, now: float) -> None:
        self.frames.append(frame)
        self.times.append(now)


def listening(**options: float) -> tuple[RtpReceiver, Listener]:
    receiver, listener = RtpReceiver(0.0, name="test", **options), Listener()
    receiver.listen(listener)
    return receiver, listener


def test_a_datagram_in_order_is_a_frame_at_once():
    receiver, listener = listening()

    for i in range(50):
        receiver.receive(slin(i).serialise(), 0.02 * (i + 1))

    assert [pcm(frame)[0] for frame in listener.frames] == list(range(1, 51))
    assert listener.times == pytest.approx([0.02 * (i + 1) for i in range(50)])


def test_a_minute_without_packets_is_a_minute_of_silence():
    receiver, listener = listening()

    for tick in range(3000):
        receiver.poll(tick * FRAME)

    assert len(listener.frames) == pytest.approx(3000, abs=4)
    assert set(listener.frames) == {SILENCE}


def held_up(
    first: bytes, second: bytes, seconds: float, *, timestamps: tuple[int, int] = (0, 0)
) -> tuple[RtpReceiver, Listener]:
    """Let nothing come for ``seconds`` after what holds ``first``, then at once what is late.

    ``timestamps`` are the first one's, and by how much they jump half a second later.
    """
    receiver, listener = listening()
    audio = np.frombuffer(first + second, "<i2").astype(">i2").tobytes()
    until = len(first) / 32_000 + seconds
    due = {i: (i + 1) * FRAME for i in range(len(audio) // 640)}
    late = {i: until for i, at in due.items() if len(first) / 32_000 + 0.001 < at < until}
    waiting = sorted((due | late).items(), key=lambda packet: packet[1])
    for tick in range(round((max(due.values()) + 0.5) / FRAME)):
        now = tick * FRAME + 0.003
        while waiting and waiting[0][1] <= now:
            i, came = waiting.pop(0)
            payload = audio[640 * i : 640 * (i + 1)]
            timestamp = timestamps[0] + i * 320 + (timestamps[1] if i >= 25 else 0)
            packet = RtpPacket(118, i, timestamp & 0xFFFF_FFFF, 7, payload)
            receiver.receive(packet.serialise(), came)
        receiver.poll(now)
    return receiver, listener


@pytest.mark.parametrize("seconds", [0.1, 0.3, 0.9])
def test_a_word_in_which_packets_are_held_up_is_not_cut_in_two(seconds: float):
    word, quiet = sine(300, 2.0), bytes(32_000)

    receiver, listener = held_up(word[:32_000], word[32_000:] + quiet, seconds)

    assert b"".join(listener.frames).startswith(word)
    assert receiver.reception.late == 0


@pytest.mark.parametrize(
    "timestamps", [(0x1234_5678, 0), (0xFFFF_FFFF - 32_000, 0), (0x1234_5678, -160_000)]
)
def test_timestamps_that_begin_anywhere_or_jump_back_leave_no_silence_out(
    timestamps: tuple[int, int],
):
    word = sine(300, 2.0)

    _, listener = held_up(word[:32_000], word[32_000:], 0.5, timestamps=timestamps)

    assert not [at for at in listener.times if 1.01 < at < 1.49]


def test_who_has_fallen_silent_is_silent_at_once_where_packets_are_held_up():
    quiet, word = bytes(32_000), sine(300, 2.0)

    receiver, listener = held_up(quiet, word, 0.6)

    silent = [at for at in listener.times if 1.0 < at < 1.6]
    assert len(silent) == pytest.approx(28, abs=3)
    assert pcm(word)[640:].tobytes() in pcm(b"".join(listener.frames)).tobytes()
    assert receiver.reception.late == 0


def test_who_sends_nothing_for_a_second_in_the_middle_of_a_word_is_silent_after_all():
    _, listener = held_up(sine(300, 1.0), sine(300, 4.0), 3.0)

    assert not [at for at in listener.times if 1.01 < at < 1.98]
    assert len([at for at in listener.times if 1.98 < at < 3.99]) == pytest.approx(147, abs=5)


@pytest.mark.parametrize("stuck", [99, 90])
def test_who_sends_one_packet_again_and_again_is_silent_after_a_second(stuck: int):
    word = np.frombuffer(sine(300, 2.0), "<i2").astype(">i2").tobytes()
    receiver, listener = listening()
    for tick in range(500):
        i = tick if tick < 100 else stuck
        payload = word[640 * i : 640 * (i + 1)]
        receiver.receive(RtpPacket(118, i, i * 320, 7, payload).serialise(), tick * FRAME)
        receiver.poll(tick * FRAME + 0.003)

    assert not [at for at in listener.times if 2.01 < at < 2.9]
    assert len(listener.frames) == pytest.approx(500, abs=5)


def test_who_leaves_silence_out_is_taken_for_silent_at_once_when_he_did_it_before():
    word = np.frombuffer(sine(300, 0.5), "<i2").astype(">i2").tobytes()
    receiver, listener = listening()
    # Twice half a second of sound, and two seconds without a packet.
    starts = {word_number * 125: word_number * 25 for word_number in range(3)}
    sent = 0
    for tick in range(375):
        now = tick * FRAME
        if any(start <= tick < start + 25 for start in starts):
            payload = word[640 * (tick % 125) : 640 * (tick % 125 + 1)]
            receiver.receive(RtpPacket(118, sent, tick * 320, 7, payload).serialise(), now)
            sent += 1
        receiver.poll(now + 0.003)

    heard = [at - 0.003 for at in listener.times if at % FRAME]
    first = min(at for at in heard if at > 0.5)
    second = min(at for at in heard if at > 3.0)
    assert first == pytest.approx(1.5, abs=0.05)
    assert second == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("milliseconds", [10, 20, 30, 40, 50, 60])
@pytest.mark.parametrize("payload_type", [0, 8, 9, 10, 11, 118])
def test_every_format_in_every_length_is_heard(payload_type: int, milliseconds: int):
    codec = CODECS[payload_type]
    tone = sine(800, 1.2)
    if codec.encoder is None:
        payload = np.frombuffer(tone, "<i2").astype(">i2").tobytes()
    else:
        encoder = codec.encoder()
        frames = range(0, len(tone), FRAME_BYTES)
        payload = b"".join(encoder.encode(tone[at : at + FRAME_BYTES]) for at in frames)
    octets = len(payload) * milliseconds // 1200
    step = codec.clock_rate * milliseconds // 1000
    receiver, listener = listening()

    for i in range(1200 // milliseconds):
        part = payload[i * octets : (i + 1) * octets]
        packet = RtpPacket(payload_type, i, i * step, 7, part)
        receiver.receive(packet.serialise(), (i + 1) * milliseconds / 1000)

    assert receiver.concealed == 0
    assert len(listener.frames) == 60
    delay = codec.decoding_delay + codec.encoding_delay
    sent, heard = pcm(tone), pcm(b"".join(listener.frames))
    assert signal_to_noise(sent[800 : 19_200 - delay], heard[800 + delay :]) > 20


def test_options_of_the_header_do_not_reach_the_ear():
    receiver, listener = listening()
    packet = slin(0)
    packet.csrcs, packet.extension, packet.padding, packet.marker = (1, 2), (3, bytes(8)), 4, True

    receiver.receive(packet.serialise(), 0.02)

    assert pcm(listener.frames[0]).tolist() == [1] * 320


def test_a_change_of_format_in_mid_call_is_followed():
    receiver, listener = listening()

    for i in range(20):
        receiver.receive(slin(i).serialise(), 0.02 * (i + 1))
    for i in range(20, 40):
        packet = RtpPacket(0, i, 160 * i, 7, bytes([0xFF]) * 160)
        receiver.receive(packet.serialise(), 0.02 * (i + 1))

    assert len(listener.frames) == 40
    assert listener.frames[-1] == SILENCE


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\x80",
        bytes(600),
        RtpPacket(118, 1, 2, 3, b"").serialise(),
        RtpPacket(118, 1, 2, 3, b"odd").serialise(),
        RtpPacket(118, 1, 2, 3, bytes(6402)).serialise(),
        RtpPacket(96, 1, 2, 3, bytes(640)).serialise(),
        RtpPacket(72, 1, 2, 3, bytes(40), marker=True).serialise(),  # RTCP, on the wrong port
    ],
)
def test_what_is_no_audio_is_counted_and_heard_by_nobody(datagram: bytes):
    receiver, listener = listening()

    receiver.receive(datagram, 0.02)

    assert receiver.reception.malformed == 1
    assert receiver.reception.received == 0
    assert not listener.frames


def test_a_listener_that_raises_hears_no_more_and_harms_nobody(
    capsys: pytest.CaptureFixture[str],
):
    receiver, listener = listening()
    calls = []

    def broken(_frame: bytes, now: float) -> None:
        calls.append(now)
        raise RuntimeError("broken ear")

    receiver.listen(broken)
    after = Listener()
    receiver.listen(after)
    for i in range(3):
        receiver.receive(slin(i).serialise(), 0.02 * (i + 1))

    assert len(calls) == 1
    assert len(listener.frames) == len(after.frames) == 3
    shown = capsys.readouterr().out
    assert "broken ear" in shown
    assert "call=test" in shown


@pytest.mark.parametrize(
    ("loss", "reorder", "jitter"), [(0.05, 0, 0), (0, 0.05, 0), (0.1, 0.05, 0.04)]
)
def test_a_minute_of_a_bad_line_is_a_minute(loss: float, reorder: float, jitter: float):
    dice = random.Random(loss + reorder + jitter)
    receiver, listener = listening()
    events: list[tuple[float, bytes]] = [(i * FRAME + 0.001, b"") for i in range(3000)]
    for i in range(3000):
        if dice.random() >= loss:
            late = 0.025 if dice.random() < reorder else 0.0
            arrival = (i + 1) * FRAME + late + dice.random() * jitter
            events.append((arrival, slin(i).serialise()))

    for now, datagram in sorted(events):
        if datagram:
            receiver.receive(datagram, now)
        else:
            receiver.poll(now)

    assert len(listener.frames) == pytest.approx(3000, abs=5)
    assert listener.times == sorted(listener.times)
    assert receiver.concealed / 16_000 < 60 * (loss + 0.03)


def fuzz(count: int, *, seed: int = 1) -> RtpReceiver:
    """Throw ``count`` mutated datagrams at a receiver and return it: any number, by hand."""
    dice = random.Random(seed)
    receiver, listener = listening()
    corpus = [slin(i, samples=samples).serialise() for i, samples in enumerate((160, 320, 960))]
    corpus.append(RtpPacket(9, 1, 2, 7, bytes(160), True, (1, 2), (3, bytes(8)), 5).serialise())
    now = 0.0
    for index in range(count):
        datagram = bytearray(dice.choice(corpus))
        datagram[2:8] = struct.pack("!HI", index & 0xFFFF, index * 320 & 0xFFFF_FFFF)
        for _ in range(dice.choice((0, 0, 1, 3))):
            datagram[dice.randrange(min(len(datagram), 40))] = dice.randrange(256)
        now += dice.random() * 0.03
        receiver.receive(datagram[: dice.choice((len(datagram), dice.randrange(80)))], now)
        receiver.poll(now)
        listener.frames.clear()
        listener.times.clear()
    return receiver


def test_mutated_datagrams_raise_nothing_and_time_goes_on():
    receiver = fuzz(20_000)

    counts = receiver.reception
    assert counts.malformed > 1000
    assert counts.received > 5000
    assert counts.received + counts.malformed == 20_000
