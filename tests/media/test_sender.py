from __future__ import annotations

from itertools import pairwise

import pytest

from tests.media.wire import sine
from voicebot.errors import MediaError
from voicebot.media.audio import FRAME_BYTES, SILENCE
from voicebot.media.rtp import RtpPacket
from voicebot.media.sender import RtpSender


@pytest.mark.parametrize(("payload_type", "octets"), [(9, 160), (11, 320), (0, 160), (8, 160)])
def test_packets_are_numbered_and_stamped_without_a_break(payload_type: int, octets: int):
    sender = RtpSender(payload_type)
    audio = sine(500, 0.4)
    frames = [audio[at : at + FRAME_BYTES] for at in range(0, len(audio), FRAME_BYTES)]

    packets = [RtpPacket.parse(sender.datagram(frame)) for frame in [*frames, *[SILENCE] * 20]]

    assert {packet.payload_type for packet in packets} == {payload_type}
    assert {packet.ssrc for packet in packets} == {packets[0].ssrc}
    assert {len(packet.payload) for packet in packets} == {octets}
    for before, after in pairwise(packets):
        assert (after.sequence - before.sequence) % 2**16 == 1
        assert (after.timestamp - before.timestamp) % 2**32 == 160
    assert [packet.marker for packet in packets] == [True] + [False] * 39
    assert sender.sent == 40


def test_skipped_ticks_show_in_the_timestamp_alone():
    sender = RtpSender(9)

    before = RtpPacket.parse(sender.datagram(SILENCE))
    after = RtpPacket.parse(sender.datagram(SILENCE, skipped=12))
    later = RtpPacket.parse(sender.datagram(SILENCE))

    assert (after.sequence - before.sequence) % 2**16 == 1
    assert (after.timestamp - before.timestamp) % 2**32 == 13 * 160
    assert (later.timestamp - after.timestamp) % 2**32 == 160
    assert [after.marker, later.marker] == [True, False]


def test_numbers_wrap():
    sender = RtpSender(11)

    sequences = [RtpPacket.parse(sender.datagram(SILENCE)).sequence for _ in range(65_540)]

    assert {(after - before) % 2**16 for before, after in pairwise(sequences)} == {1}


def test_two_senders_have_nothing_in_common():
    first, second = (RtpPacket.parse(RtpSender(9).datagram(SILENCE)) for _ in range(2))

    assert first.ssrc != second.ssrc
    assert (first.sequence, first.timestamp) != (second.sequence, second.timestamp)


def test_slin16_is_refused_because_asterisk_does_not_hear_it():
    with pytest.raises(MediaError, match="118"):
        RtpSender(118)
