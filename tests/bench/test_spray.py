from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.spray import Sprayed, draw, parse, spray
from bench.spray_stream import CIRCLE, FOREIGN, LOUDEST, Comparison, Heard, noise, payloads
from bench.spray_target import total
from voicebot.media.audio import FRAME_BYTES, SILENCE

if TYPE_CHECKING:
    from pathlib import Path

STRANGE = FOREIGN.to_bytes(2, "little") * (FRAME_BYTES // 2)
LATE = {"count": 100, "p50": 0.5, "p99": 2.0, "max": 4.0}
SPRAYED = Sprayed(
    calls=2,
    seconds=60.0,
    sent=1000,
    answered=0,
    dropped=1000,
    heard=Heard(exact=100),
    packets=100,
    core_quiet=0.1,
    core_attacked=0.2,
    cpu_ms_per_1000=2.0,
    stalls=0,
    late_quiet=LATE,
    late_attacked=LATE,
)


def frames(call: int) -> list[bytes]:
    circle = noise(call)
    return [circle[at : at + FRAME_BYTES] for at in range(0, len(circle), FRAME_BYTES)]


def compared(*heard: bytes) -> Heard:
    comparison = Comparison(1)
    for frame in heard:
        comparison.push(frame)
    return comparison.heard


def test_each_caller_has_noise_of_its_own_that_is_quieter_than_a_strangers():
    first, second = (np.frombuffer(noise(call), "<i2") for call in (1, 2))

    assert len(first) == CIRCLE * FRAME_BYTES // 2
    assert not np.array_equal(first, second)
    assert np.abs(first).max() < LOUDEST < FOREIGN
    assert np.all(first != 0)


def test_what_goes_over_the_wire_is_the_same_in_the_order_of_networks():
    wire = np.frombuffer(b"".join(payloads(1)), ">i2")

    assert np.array_equal(wire, np.frombuffer(noise(1), "<i2"))


def test_what_the_caller_sent_is_exact_after_the_silence_before_it():
    heard = compared(SILENCE, SILENCE, *frames(1), *frames(1)[:3])

    assert heard == Heard(exact=CIRCLE + 3, silent=2)


def test_speech_that_does_not_begin_with_a_frame_is_found():
    stream = bytes(200) + noise(1)
    cut = [stream[at : at + FRAME_BYTES] for at in range(0, FRAME_BYTES * 5, FRAME_BYTES)]

    assert compared(*cut) == Heard(exact=5)


def test_one_sample_of_a_strangers_is_enough():
    spoilt = bytearray(frames(1)[2])
    spoilt[10:12] = FOREIGN.to_bytes(2, "little")

    assert compared(*frames(1)[:2], bytes(spoilt)).foreign == 1
    assert compared(STRANGE).foreign == 1


def test_one_bit_that_is_wrong_is_seen():
    spoilt = bytearray(frames(1)[2])
    spoilt[100] ^= 1

    assert compared(*frames(1)[:2], bytes(spoilt)) == Heard(exact=2, altered=1)


def test_another_calls_noise_is_not_exact():
    heard = compared(*frames(1)[:2], *frames(2)[:3])

    assert (heard.exact, heard.altered) == (2, 3)


def test_what_was_left_out_is_a_jump_and_the_rest_is_exact():
    all_of_them = frames(1)

    heard = compared(*all_of_them[:5], *all_of_them[8:12])

    assert heard == Heard(exact=9, jumps=1)


def test_counts_of_all_calls_are_added():
    assert total([Heard(1, 2, 3, 4, 5), Heard(10, 20, 30, 40, 50)]) == Heard(11, 22, 33, 44, 55)


@pytest.mark.parametrize(
    ("found", "passed"),
    [
        (SPRAYED, True),
        (replace(SPRAYED, answered=1), False),
        (replace(SPRAYED, heard=Heard(exact=100, foreign=1)), False),
        (replace(SPRAYED, heard=Heard(exact=90)), False),
        (replace(SPRAYED, dropped=0), False),
    ],
)
def test_a_run_passes_only_when_no_stranger_had_any_effect(found: Sprayed, passed: bool):
    assert found.passed is passed
    assert found.as_json()["passed"] is passed


def test_strangers_are_neither_heard_nor_answered_and_calls_of_one_ssrc_hear_only_their_own():
    found = spray(10, 2.0, 4000.0, quiet_s=0.5)

    assert found.heard.foreign == 0
    assert found.answered == 0
    assert found.sent > 1000
    assert 0 < found.dropped <= found.sent
    assert found.heard.exact > 100
    assert found.late_attacked["count"] > 0


def test_without_options_fifty_calls_are_sprayed_for_a_minute():
    options = parse([])

    assert (options.calls, options.seconds) == (50, 60.0)


def test_an_attack_is_drawn(tmp_path: Path):
    pytest.importorskip("matplotlib", reason="the extra bench is not installed")

    draw(tmp_path / "spray.png", SPRAYED)

    assert (tmp_path / "spray.png").read_bytes().startswith(b"\x89PNG")
