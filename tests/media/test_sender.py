from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.media.wire import sine
from voicebot.errors import MediaError
from voicebot.media.audio import FRAME_BYTES, SILENCE
from voicebot.media.codecs import CODECS, SETTLED
from voicebot.media.rtp import RtpPacket
from voicebot.media.sender import RtpSenders

SOMEWHERE = ("127.0.0.1", 9)


class Sender:
    """One row among others."""

    def __init__(self, payload_type: int, *, row: int = 1) -> None:
        self.senders = RtpSenders(4)
        self.senders.open(row, payload_type, SOMEWHERE)
        self.row = row

    def packet(self, frame: bytes, *, skipped: int = 0) -> RtpPacket:
        self.senders.encode([self.row], [frame])
        return self.next(skipped=skipped)

    def next(self, *, skipped: int = 0) -> RtpPacket:
        self.senders.stamp(np.array([self.row]), skipped)
        return RtpPacket.parse(self.senders.datagram(self.row))


def frames(pcm: bytes) -> list[bytes]:
    return [pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm), FRAME_BYTES)]


@pytest.mark.parametrize(("payload_type", "octets"), [(9, 160), (11, 320), (0, 160), (8, 160)])
def test_packets_are_numbered_and_stamped_without_a_break(payload_type: int, octets: int):
    sender = Sender(payload_type)

    packets = [sender.packet(frame) for frame in [*frames(sine(500, 0.4)), *[SILENCE] * 20]]

    assert {packet.payload_type for packet in packets} == {payload_type}
    assert {packet.ssrc for packet in packets} == {packets[0].ssrc}
    assert {len(packet.payload) for packet in packets} == {octets}
    for before, after in pairwise(packets):
        assert (after.sequence - before.sequence) % 2**16 == 1
        assert (after.timestamp - before.timestamp) % 2**32 == 160
    assert [packet.marker for packet in packets] == [True] + [False] * 39
    assert sender.senders.sent[sender.row] == 40


def test_skipped_ticks_show_in_the_timestamp_alone():
    sender = Sender(9)

    before = sender.packet(SILENCE)
    after = sender.packet(SILENCE, skipped=12)
    later = sender.packet(SILENCE)

    assert (after.sequence - before.sequence) % 2**16 == 1
    assert (after.timestamp - before.timestamp) % 2**32 == 13 * 160
    assert (later.timestamp - after.timestamp) % 2**32 == 160
    assert [after.marker, later.marker] == [True, False]


def test_a_call_that_begins_after_a_stall_has_skipped_nothing():
    sender = Sender(9)

    first = sender.packet(SILENCE, skipped=12)
    second = sender.packet(SILENCE)

    assert (second.timestamp - first.timestamp) % 2**32 == 160


def test_numbers_wrap():
    sender = Sender(11)

    sequences = [sender.next().sequence for _ in range(65_540)]

    assert {(after - before) % 2**16 for before, after in pairwise(sequences)} == {1}


@pytest.mark.parametrize("skipped", [0, 12])
def test_timestamps_wrap(skipped: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("secrets.randbits", lambda bits: (1 << bits) - 1)
    sender = Sender(9)

    before = sender.packet(SILENCE)
    after = sender.packet(SILENCE, skipped=skipped)
    later = sender.packet(SILENCE)

    assert (before.sequence, before.timestamp, before.ssrc) == (0xFFFF, 0xFFFF_FFFF, 0xFFFF_FFFF)
    assert (after.sequence, after.timestamp) == (0, (skipped + 1) * 160 - 1)
    assert (later.sequence, later.timestamp) == (1, (skipped + 2) * 160 - 1)


def test_two_senders_have_nothing_in_common():
    first, second = (Sender(9).packet(SILENCE) for _ in range(2))

    assert first.ssrc != second.ssrc
    assert (first.sequence, first.timestamp) != (second.sequence, second.timestamp)


def test_a_row_that_is_used_again_is_another_stream():
    sender = Sender(11)
    before = sender.packet(sine(500, 0.02))

    sender.senders.open(sender.row, 0, SOMEWHERE)
    after = sender.next()

    assert after.payload_type == 0
    assert CODECS[0].decoder().decode(after.payload) == SILENCE
    assert after.marker
    assert after.ssrc != before.ssrc


def test_slin16_is_refused_because_asterisk_does_not_hear_it():
    with pytest.raises(MediaError, match="118"):
        Sender(118)


@pytest.mark.parametrize("payload_type", [0, 8, 9, 11])
def test_a_stream_sounds_the_same_alone_and_among_others(payload_type: int):
    encoder = CODECS[payload_type].encoder
    assert encoder is not None
    tones = [frames(sine(200 + 150 * row, 0.4, peak=30_000)) for row in range(60)]
    alone = [[one.encode(frame) for frame in tone] for tone in tones if (one := encoder())]
    senders = RtpSenders(len(tones))
    for row in range(len(tones)):
        senders.open(row, payload_type, SOMEWHERE)

    together: list[list[bytes]] = [[] for _ in tones]
    for number in range(len(tones[0])):
        # Not all of them speak in each tick.
        rows = [row for row in range(len(tones)) if (row + number) % 3]
        senders.encode(rows, [tones[row][len(together[row])] for row in rows])
        senders.stamp(np.array(rows))
        for row in rows:
            together[row].append(RtpPacket.parse(senders.datagram(row)).payload)

    assert all(several == one[: len(several)] for several, one in zip(together, alone, strict=True))


@pytest.mark.parametrize("payload_type", [0, 8, 11])
def test_a_row_that_has_settled_is_silent_without_being_encoded(payload_type: int):
    sender = Sender(payload_type)
    silence = sender.next().payload
    assert sender.senders.settled(sender.row)

    for frame in frames(sine(500, 0.2)):
        sender.packet(frame)
    tail = []
    while not sender.senders.settled(sender.row):
        tail.append(sender.packet(SILENCE).payload)

    assert tail[0] != silence
    assert len(tail) == SETTLED + 1
    assert sender.next().payload == tail[-1] == silence


def test_g722_never_settles_for_its_silence_is_not_the_same_twice():
    sender = Sender(9)

    for _ in range(100):
        sender.packet(SILENCE)

    assert not sender.senders.settled(sender.row)


def test_formats_may_be_mixed_in_one_tick():
    senders = RtpSenders(3)
    for row, payload_type in enumerate((0, 9, 11)):
        senders.open(row, payload_type, SOMEWHERE)

    senders.encode([0, 1, 2], [sine(500, 0.02)] * 3)
    senders.stamp(np.arange(3))

    packets = [RtpPacket.parse(senders.datagram(row)) for row in range(3)]
    assert [packet.payload_type for packet in packets] == [0, 9, 11]
    assert [len(packet.payload) for packet in packets] == [160, 160, 320]
