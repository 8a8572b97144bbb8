from __future__ import annotations

import random
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.line_matrix import FORMATS, LOSSES, Verdict, draw, judge, lines, plain
from bench.line_simulation import Heard, Line, arrivals, hear
from tests.media.wire import pcm, signal_to_noise
from voicebot.media.audio import FRAME_SAMPLES
from voicebot.media.codecs import CODECS

if TYPE_CHECKING:
    from pathlib import Path


def sound(frames: int = 200) -> np.ndarray:
    time = np.arange(frames * FRAME_SAMPLES) / 16_000
    return (8000 * np.sin(2 * np.pi * 220 * time)).astype(np.int16)


def test_a_perfect_line_delivers_every_packet_in_its_time():
    found = list(arrivals(50, Line(), random.Random(1)))

    assert [number for _, number in found] == list(range(50))
    assert [time for time, _ in found] == pytest.approx([0.02 * number for number in range(50)])


def test_jitter_delays_within_its_bound_and_reorders_nothing():
    found = list(arrivals(2000, Line(jitter_ms=80), random.Random(1)))

    delays = [time - 0.02 * number for time, number in found]
    assert min(delays) >= 0
    assert 0.06 < max(delays) <= 0.08
    assert [number for _, number in sorted(found)] == list(range(2000))


@pytest.mark.parametrize("burst", [1, 4])
@pytest.mark.parametrize("loss", [0.02, 0.1])
def test_the_share_lost_is_the_one_asked_for(loss: float, burst: int):
    count = 100_000

    arrived = sum(1 for _ in arrivals(count, Line(loss=loss, burst=burst), random.Random(1)))

    assert 1 - arrived / count == pytest.approx(loss, rel=0.15)


def test_bursts_have_the_mean_length_asked_for():
    count = 100_000
    there = {number for _, number in arrivals(count, Line(loss=0.05, burst=4), random.Random(1))}

    lost = [number not in there for number in range(count)]
    begun = sum(now and not before for before, now in zip([False, *lost], lost, strict=False))

    assert sum(lost) / begun == pytest.approx(4, rel=0.1)


def test_reordered_packets_are_overtaken():
    found = sorted(arrivals(10_000, Line(reorder=0.05), random.Random(1)))

    order = [number for _, number in found]
    behind = sum(later < sooner for sooner, later in pairwise(order))
    assert behind / len(order) == pytest.approx(0.05, rel=0.2)
    assert sorted(order) == list(range(10_000))


def test_what_goes_over_a_perfect_line_comes_out_as_it_was():
    speech = sound()

    heard = hear(speech, Line(), random.Random(1))

    assert heard.pcm == speech.astype("<i2").tobytes()
    assert (heard.concealed, heard.late, heard.packets) == (0, 0, 200)


@pytest.mark.parametrize("name", FORMATS)
def test_any_format_goes_over_the_line(name: str):
    codec = CODECS[FORMATS[name]]
    speech = sound()

    clean = hear(speech, Line(), random.Random(1), codec)
    lossy = hear(speech, Line(loss=0.1), random.Random(1), codec)

    assert len(clean.frames) == len(lossy.frames) == 200
    assert clean.concealed == 0 < lossy.concealed
    delay = codec.encoding_delay + codec.decoding_delay
    sent, heard = pcm(speech.astype("<i2").tobytes()), pcm(clean.pcm)
    assert signal_to_noise(sent[800 : len(sent) - delay], heard[800 + delay :]) > 20


def test_lost_packets_are_concealed_and_the_length_stays():
    heard = hear(sound(), Line(loss=0.1), random.Random(1))

    assert len(heard.frames) == 200
    assert 0.05 < heard.concealed / heard.samples < 0.15


def test_the_same_seed_gives_the_same_line():
    line = Line(loss=0.1, jitter_ms=40, reorder=0.05)

    assert hear(sound(), line, random.Random(7)) == hear(sound(), line, random.Random(7))


def test_delay_and_shares_are_those_against_the_perfect_line():
    clean = [Heard([b"\0" * 640] * 4, [0.0, 0.02, 0.04, 0.06], packets=4)]
    late = [Heard([b"\0" * 640] * 4, [0.0, 0.03, 0.05, 0.11], packets=4, concealed=320, late=1)]

    verdict = judge(Line(jitter_ms=40), late, clean, 0.25)

    assert (verdict.concealed, verdict.late, verdict.word_errors) == (0.25, 0.25, 0.25)
    assert verdict.as_json()["added_delay_ms"] == {"p50": 10.0, "p95": 44.0, "max": 50.0}


def test_the_matrix_begins_with_the_perfect_line_and_names_none_twice():
    found = lines()

    assert found[0] == Line()
    assert len(set(found)) == len(found)
    assert {line.loss for line in found} == set(LOSSES)
    assert {line.jitter_ms for line in found if line.burst > 1} >= {0, 40}
    assert max(line.reorder for line in found) == 0.05


def test_a_picture_of_the_whole_matrix_is_drawn(tmp_path: Path):
    path = tmp_path / "line.png"

    draw(path, [Verdict(line, 0.0, 20.0, 80.0, 0.1, 0.0, 0.02) for line in lines()])

    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Press 1, then #.", "press 1 then"),
        ("It's   HERE!", "it's here"),
        ("...", "-"),
    ],
)
def test_words_are_compared_without_punctuation_and_case(text: str, words: str):
    assert plain(text) == words
