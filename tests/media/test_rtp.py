from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.errors import MediaError
from voicebot.media.rtp import RtpPacket, plain_packet

WORD = st.integers(0, 0xFFFF_FFFF)
PACKETS = st.builds(
    RtpPacket,
    payload_type=st.integers(0, 127),
    sequence=st.integers(0, 0xFFFF),
    timestamp=WORD,
    ssrc=WORD,
    payload=st.binary(max_size=700),
    marker=st.booleans(),
    csrcs=st.lists(WORD, max_size=15).map(tuple),
    extension=st.none()
    | st.tuples(
        st.integers(0, 0xFFFF), st.binary(max_size=60).map(lambda data: data[: len(data) // 4 * 4])
    ),
    padding=st.integers(0, 255),
)

# Version 2, one CSRC, extension of one word, padding of three octets, marker, type 118.
EVERYTHING = bytes.fromhex("b1f61234 00000140 cafebabe 00000007 bede0001 aabbccdd 0102 000003")


def test_every_packet_comes_back_as_it_was_sent():
    @given(PACKETS)
    def round_trip(packet: RtpPacket) -> None:
        assert RtpPacket.parse(packet.serialise()) == packet

    round_trip()


def test_all_options_at_once_are_read():
    packet = RtpPacket.parse(EVERYTHING)

    assert packet == RtpPacket(
        payload_type=118,
        sequence=0x1234,
        timestamp=320,
        ssrc=0xCAFEBABE,
        payload=b"\x01\x02",
        marker=True,
        csrcs=(7,),
        extension=(0xBEDE, bytes.fromhex("aabbccdd")),
        padding=3,
    )


def test_the_senders_short_way_writes_what_the_long_one_does():
    packet = RtpPacket(9, 65_535, 0xFFFF_FF60, 1, b"payload", marker=True)

    assert plain_packet(9, 65_535, 0xFFFF_FF60, 1, b"payload", marker=True) == packet.serialise()


def test_a_packet_is_read_from_a_buffer_that_is_used_again():
    buffer = bytearray(RtpPacket(118, 1, 2, 3, b"first").serialise())

    packet = RtpPacket.parse(memoryview(buffer))
    buffer[12:] = b"other"

    assert packet.payload == b"first"


@pytest.mark.parametrize(
    ("datagram", "complaint"),
    [
        (b"", "12"),
        (bytes(11), "12"),
        (b"\x00" + EVERYTHING[1:], "version 0"),
        (b"\x40" + EVERYTHING[1:], "version 1"),
        (b"\xc0" + EVERYTHING[1:], "version 3"),
        (b"\x8f" + EVERYTHING[1:20], "15 contributing sources"),
        (b"\x90" + bytes(13), "header of its extension"),
        (b"\x90" + bytes(13) + b"\x00\x01", "extension of 1 words"),
        (b"\xa0" + bytes(11), "padding of 0"),
        (b"\xa0" + bytes(11) + b"\x00\x00", "padding of 0"),
        (b"\xa0" + bytes(11) + b"\x00\x03", "padding of 3"),
    ],
)
def test_what_is_no_packet_is_refused_with_the_reason(datagram: bytes, complaint: str):
    with pytest.raises(MediaError, match=complaint):
        RtpPacket.parse(datagram)


def test_padding_may_be_all_there_is():
    assert RtpPacket.parse(b"\xa0" + bytes(11) + b"\x00\x00\x03").payload == b""


def test_arbitrary_octets_are_a_packet_or_a_media_error():
    @given(st.binary(max_size=80))
    def parse(datagram: bytes) -> None:
        try:
            packet = RtpPacket.parse(datagram)
        except MediaError:
            return
        assert len(packet.serialise()) == len(datagram)

    parse()
