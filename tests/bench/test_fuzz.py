from __future__ import annotations

import random
from dataclasses import replace

import pytest

from bench.fuzz import Fuzzed, fuzz
from bench.fuzz_mutations import LARGEST, Mutator
from voicebot.errors import MediaError
from voicebot.media.rtp import RtpPacket

FUZZED = Fuzzed(1000, 1.0, failures=0, frames=900, malformed=9, strange=9, rss_growth_kb=10.0)


def drawn(seed: int, count: int = 3000) -> list[bytes]:
    mutator = Mutator(random.Random(seed))
    return [mutator.datagram() for _ in range(count)]


def is_rtp(datagram: bytes) -> bool:
    try:
        RtpPacket.parse(datagram)
    except MediaError:
        return False
    return True


def test_the_same_seed_gives_the_same_datagrams():
    assert drawn(3) == drawn(3)
    assert drawn(3) != drawn(4)


def test_datagrams_are_partly_sound_and_partly_broken():
    datagrams = [datagram for seed in range(10) for datagram in drawn(seed, 500)]

    sound = sum(map(is_rtp, datagrams))

    assert 0.6 * len(datagrams) < sound < 0.95 * len(datagrams)
    assert max(map(len, datagrams)) <= LARGEST
    assert b"" in datagrams or min(map(len, datagrams)) < 12


def test_every_option_of_a_header_is_tried():
    packets = [RtpPacket.parse(datagram) for datagram in drawn(5) if is_rtp(datagram)]

    assert any(packet.csrcs for packet in packets)
    assert any(packet.extension for packet in packets)
    assert any(packet.padding for packet in packets)
    assert len({packet.ssrc for packet in packets}) > 100
    assert len({packet.payload_type for packet in packets}) > 50


def test_pauses_are_mostly_in_step_and_sometimes_long():
    mutator = Mutator(random.Random(1))
    pauses = [mutator.pause() for _ in range(10_000)]

    assert pauses.count(0.02) > 7000
    assert 0.0 in pauses
    assert max(pauses) > 1


def test_receivers_survive_what_is_thrown_at_them():
    found = fuzz(6000, seed=11)

    assert found.failures == 0
    assert found.datagrams == 6000
    assert found.malformed > 100
    assert found.strange > 100
    assert found.frames > 1000


@pytest.mark.parametrize(
    ("found", "passed"),
    [
        (FUZZED, True),
        (replace(FUZZED, failures=1), False),
        (replace(FUZZED, rss_growth_kb=50_000.0), False),
    ],
)
def test_a_run_passes_only_when_nothing_was_raised_and_memory_stood_still(
    found: Fuzzed, passed: bool
):
    assert found.passed is passed
