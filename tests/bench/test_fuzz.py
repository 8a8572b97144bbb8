from __future__ import annotations

import os
import random
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import structlog

from bench.fuzz import LOOKS, Failures, Fuzzed, Memory, draw, fuzz, watched
from bench.fuzz_calls import Port
from bench.fuzz_mutations import LARGEST, Mutator
from tests.media.wire import slin
from voicebot.errors import MediaError
from voicebot.media.rtp import RtpPacket

if TYPE_CHECKING:
    from pathlib import Path

FUZZED = Fuzzed(
    datagrams=1000,
    seconds=1.0,
    failures=0,
    frames=900,
    malformed=9,
    strange=9,
    strangers=50,
    foreign=50,
    differing=0,
    memory=((200, 0.0), (1000, 10.0)),
)


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


def test_the_port_survives_what_is_thrown_at_it_and_hears_what_a_plain_receiver_hears():
    found = fuzz(15_000, seed=11)

    assert (found.failures, found.differing) == (0, 0)
    assert found.datagrams >= 15_000
    assert found.malformed > 100
    assert found.strange > 100
    assert found.frames > 10_000
    assert found.foreign == found.strangers > 500


def test_a_call_that_hears_otherwise_than_the_receiver_beside_it_is_found():
    port = Port(random.Random(1), calls=2)
    port.step(0.02)
    port.calls[0].take(slin(0).serialise(), port.now + 1)
    port.calls[0].poll(port.now + 2)
    port.close()

    assert [call.differing for call in port.calls] == [1, 0]


def test_an_interrupted_run_tells_what_it_has_found():
    failures = Failures()

    with watched(failures):
        os.kill(os.getpid(), signal.SIGINT)

    assert failures.interrupted


def test_an_exception_that_production_survives_is_a_failure():
    failures = Failures()

    with pytest.raises(structlog.DropEvent):
        failures(None, "warning", {"event": "packet not sent"})
    failures(None, "exception", {"event": "receiving failed"})

    assert failures.count == 1


@pytest.mark.parametrize(
    ("found", "passed"),
    [
        (FUZZED, True),
        (replace(FUZZED, failures=1), False),
        (replace(FUZZED, differing=1), False),
        (replace(FUZZED, foreign=49), False),
        (replace(FUZZED, memory=((200, 0.0), (1000, 50_000.0))), False),
    ],
)
def test_a_run_passes_only_when_nothing_was_raised_and_memory_stood_still(
    found: Fuzzed, passed: bool
):
    assert found.passed is passed


def test_memory_is_measured_against_a_warm_process_and_in_the_end():
    memory = Memory(1000)

    for sent in range(0, 1000, 7):
        memory.look(sent)
    memory.look(1000, last=True)

    first, *_, last = memory.grown
    assert first == (203, 0.0)
    assert last[0] == 1000
    assert len(memory.grown) <= LOOKS + 1


def test_the_memory_of_a_run_is_drawn(tmp_path: Path):
    pytest.importorskip("matplotlib", reason="the extra bench is not installed")

    draw(tmp_path / "fuzz.png", FUZZED)

    assert (tmp_path / "fuzz.png").read_bytes().startswith(b"\x89PNG")
