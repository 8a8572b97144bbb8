from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.recording import Arrival, Recording, Tape, place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.waveform import Samples

RATE = 8000
PACKET = 160


def arrivals(times: Sequence[float]) -> list[Arrival]:
    """One packet of 20 ms at each of ``times``."""
    return [Arrival(time, PACKET * (number + 1)) for number, time in enumerate(times)]


def packets(count: int) -> Samples:
    """Packets that hold their own number, from 1."""
    return np.repeat(np.arange(1, count + 1, dtype=np.int16), PACKET)


def even(count: int, start: float = 10.0) -> list[float]:
    return [start + 0.02 * number for number in range(count)]


def position(placed: Samples, packet: int) -> float:
    """Where a packet begins, in seconds."""
    return float(np.flatnonzero(placed == packet)[0]) / RATE


def test_what_was_heard_begins_when_its_packet_came() -> None:
    placed = place(packets(5), arrivals(even(5)), rate=RATE, started=9.5, direction="heard")

    assert position(placed, 1) == pytest.approx(0.5, abs=0.001)
    assert len(placed) == 4000 + 5 * PACKET


def test_what_was_said_ends_when_its_packet_left() -> None:
    placed = place(packets(5), arrivals(even(5)), rate=RATE, started=9.5, direction="said")

    assert position(placed, 1) == pytest.approx(0.48, abs=0.001)
    assert len(placed) / RATE == pytest.approx(0.58, abs=0.001)


def test_jitter_leaves_the_stream_whole() -> None:
    late = [0.0, 0.004, 0.012, 0.001, 0.015, 0.003, 0.0, 0.009] * 10
    times = [moment + jitter for moment, jitter in zip(even(80), late, strict=True)]

    placed = place(packets(80), arrivals(times), rate=RATE, started=10.0, direction="heard")

    assert len(placed) == 80 * PACKET
    assert np.all(placed != 0)


def test_a_pause_without_packets_is_silence_of_that_length() -> None:
    times = even(50) + even(50, start=13.0)

    placed = place(packets(100), arrivals(times), rate=RATE, started=10.0, direction="heard")

    assert position(placed, 51) == pytest.approx(3.0, abs=0.001)
    assert not np.any(placed[50 * PACKET : 3 * RATE])


def test_a_stream_that_slips_by_half_a_packet_slips_in_the_recording() -> None:
    times = even(50) + even(50, start=11.01)

    placed = place(packets(100), arrivals(times), rate=RATE, started=10.0, direction="heard")

    assert position(placed, 51) == pytest.approx(1.01, abs=0.001)


def test_packets_that_come_at_once_are_heard_one_after_the_other() -> None:
    # given an answer that begins with a burst of ten packets
    times = even(50) + [15.0] * 10 + even(50, start=15.02)

    placed = place(packets(110), arrivals(times), rate=RATE, started=10.0, direction="heard")

    # then its onset is never more than a packet before it came, and nothing is lost
    assert 4.98 <= position(placed, 51) <= 5.0
    assert position(placed, 61) == pytest.approx(position(placed, 51) + 0.2, abs=0.001)


def test_a_stall_that_is_made_up_for_moves_nothing() -> None:
    # given packets held back for 80 ms and sent at once
    times = even(100)
    times[40:44] = [times[43] + 0.001] * 4

    placed = place(packets(100), arrivals(times), rate=RATE, started=10.0, direction="heard")

    assert len(placed) == 100 * PACKET


def test_a_watcher_that_looked_late_sees_the_same() -> None:
    seen_late = [arrival for arrival in arrivals(even(100)) if arrival.total // PACKET % 5 == 0]

    placed = place(packets(100), seen_late, rate=RATE, started=10.0, direction="heard")

    assert len(placed) == 100 * PACKET


def test_nothing_recorded_is_nothing() -> None:
    assert len(place(packets(0), [], rate=RATE, started=0.0, direction="said")) == 0


def header(rate: int) -> bytes:
    fields = struct.pack("<IHHIIHH", 16, 1, 1, rate, 2 * rate, 2, 16)
    return b"RIFF\0\0\0\0WAVEfmt " + fields + b"data\0\0\0\0"


def test_a_tape_follows_a_file_that_is_being_written(tmp_path: Path) -> None:
    path = tmp_path / "dump.wav"
    tape = Tape(path, "heard")

    # when the file appears, gets its header, and grows packet by packet
    tape.poll(1.0)
    assert tape.begun() is None
    with path.open("wb", buffering=0) as file:
        tape.poll(1.1)
        file.write(header(RATE))
        tape.poll(1.2)
        assert tape.begun() is None
        for number in range(3):
            file.write(packets(3)[number * PACKET : (number + 1) * PACKET].tobytes())
            tape.poll(2.0 + 0.02 * number)

    begun = tape.begun()
    assert begun is not None
    placed = tape.placed(begun)
    assert tape.rate == RATE
    assert begun + position(placed, 1) == pytest.approx(2.0, abs=0.001)
    assert np.array_equal(placed[-3 * PACKET :], packets(3))
    tape.close()


def test_a_tape_outlives_its_file_name(tmp_path: Path) -> None:
    path = tmp_path / "dump.wav"
    path.write_bytes(header(RATE) + packets(2).tobytes())
    tape = Tape(path, "said")
    tape.poll(1.0)
    path.unlink()

    assert np.array_equal(tape.placed(0.0)[-2 * PACKET :], packets(2))
    tape.close()


def test_a_moment_has_a_position_in_the_recording() -> None:
    empty = np.zeros(0, dtype=np.int16)

    assert Recording(empty, empty, RATE, started=100.0).position(101.5) == 1.5
