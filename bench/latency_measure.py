"""What one call's two waveforms tell about the other side: waits, missed turns, barge-in, dead air.

Nothing here knows what made the recording, and no clock but the recording's own is used: the place
where an utterance really lies is found by correlating its samples with what left the phone, so
its end is exact however late the phone began.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from bench.latency_speech import speech
from bench.waveform import Segment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bench.latency_voice import Utterance
    from bench.recording import Recording
    from bench.waveform import Samples

# How much of an utterance's onset, and of its end, is looked for, and where.
PATTERN_SECONDS = 0.5
BEFORE_SECONDS = 0.3
AFTER_SECONDS = 1.5
SLIP_SECONDS = 0.4
LEAST_LIKENESS = 0.5
# A bot that falls silent this long after an interruption has ended has still yielded to it.
YIELD_SECONDS = 0.5


class Outcome(StrEnum):
    """What became of something that the caller said."""

    ANSWERED = "answered"
    MISSED = "missed"  # nothing came before the caller spoke again or lost patience
    CUT_OFF = "cut off"  # the bot began before the caller had finished
    NOT_YIELDED = "not yielded"  # the bot went on through an interruption
    QUIET = "quiet"  # silence was expected, and kept
    UNEXPECTED = "unexpected"  # silence was expected, and broken


@dataclass(frozen=True, slots=True)
class Spoken:
    """One utterance, and the position in the recording (seconds) where it was ordered."""

    utterance: Utterance
    ordered: float
    interrupts: bool = False
    expects_answer: bool = True


@dataclass(frozen=True, slots=True)
class MeasuredTurn:
    """One utterance and what it led to. Milliseconds; ``None`` where there is nothing to measure.

    ``wait_ms`` is voice to voice. ``barge_in_ms`` runs from the caller's onset to the bot's last
    sound. ``dead_air_ms`` is the longest silence from the end of the utterance until the answer is
    over, or until the next utterance where there was no answer.
    """

    text: str
    said: Segment
    outcome: Outcome
    wait_ms: float | None = None
    barge_in_ms: float | None = None
    dead_air_ms: float | None = None


@dataclass(frozen=True, slots=True)
class MeasuredCall:
    """All of a call; ``greeting_ms`` from answer to first sound, ``None`` if nothing came."""

    greeting_ms: float | None
    turns: tuple[MeasuredTurn, ...]


def measure(recording: Recording, established: float, spoken: Sequence[Spoken]) -> MeasuredCall:
    """Return the figures of one call, answered at position ``established`` of the recording.

    An utterance that is not found in what left the phone (the call ended first) is left out.
    """
    heard = speech(recording.heard, recording.rate)
    located = [(item, locate(recording, item.utterance, item.ordered)) for item in spoken]
    said = [(item, segment) for item, segment in located if segment is not None]
    starts = [segment.start for _, segment in said]
    ends = [*starts[1:], len(recording.heard) / recording.rate]
    turns = tuple(
        _turn(item, segment, heard, until)
        for (item, segment), until in zip(said, ends, strict=False)
    )
    first = next((segment.start for segment in heard), None)
    greeted = first is not None and (not said or first < said[0][1].start)
    greeting = _ms(first - established) if first is not None and greeted else None
    return MeasuredCall(greeting, turns)


def locate(recording: Recording, utterance: Utterance, ordered: float) -> Segment | None:
    """Return where the speech of ``utterance`` lies in what was said, or ``None`` if it does not.

    Looked for around the position ``ordered``, onset and end each by itself.
    """
    rate = recording.rate
    samples, label = utterance.at(rate)
    length = min(PATTERN_SECONDS, label.length)
    head = samples[round(label.start * rate) :][: round(length * rate)]
    earliest = ordered + label.start - BEFORE_SECONDS
    start = find(recording.said, rate, head, earliest, earliest + AFTER_SECONDS + BEFORE_SECONDS)
    if start is None:
        return None
    tail_start = round(label.end * rate) - round(length * rate)
    tail = samples[tail_start:][: round(length * rate)]
    expected = start + tail_start / rate - label.start
    found = find(recording.said, rate, tail, expected - SLIP_SECONDS, expected + SLIP_SECONDS)
    return None if found is None else Segment(start, found + length)


def find(
    samples: Samples, rate: int, pattern: Samples, earliest: float, latest: float
) -> float | None:
    """Return where ``pattern`` begins in ``samples``, between two positions, in seconds.

    By normalised correlation, exact to a sample; ``None`` where nothing is like it.
    """
    first = max(0, round(earliest * rate))
    part = samples[first : max(0, round(latest * rate)) + len(pattern)].astype(np.float64)
    if len(part) < len(pattern):
        return None
    value = pattern.astype(np.float64)
    energy = np.sqrt(_sliding_energy(part, len(value)) * np.sum(value**2))
    likeness = _correlation(part, value) / np.maximum(energy, 1.0)
    best = int(np.argmax(likeness))
    return (first + best) / rate if likeness[best] >= LEAST_LIKENESS else None


def _turn(item: Spoken, said: Segment, heard: Sequence[Segment], until: float) -> MeasuredTurn:
    text = item.utterance.text
    following = [segment for segment in heard if said.end <= segment.start < until]
    if not item.expects_answer:
        outcome = Outcome.UNEXPECTED if following else Outcome.QUIET
        return MeasuredTurn(text, said, outcome)
    dead = _ms(longest_silence(said.end, heard, until))
    over = [segment for segment in heard if segment.start < said.end and segment.end > said.start]
    stop = None
    if item.interrupts and over and over[0].start < said.start:
        ended, over = _interrupted(over)
        if ended > said.end + YIELD_SECONDS:
            return MeasuredTurn(text, said, Outcome.NOT_YIELDED, dead_air_ms=dead)
        stop = _ms(ended - said.start)
    if over and over[-1].start > said.start:
        return MeasuredTurn(text, said, Outcome.CUT_OFF, None, stop, dead)
    if not following:
        return MeasuredTurn(text, said, Outcome.MISSED, None, stop, dead)
    return MeasuredTurn(
        text, said, Outcome.ANSWERED, _ms(following[0].start - said.end), stop, dead
    )


def _interrupted(over: Sequence[Segment]) -> tuple[float, list[Segment]]:
    """Return where what is spoken first ends, pauses allowed, and what begins after that."""
    ended = over[0].end
    for number, segment in enumerate(over):
        if segment.start - ended > YIELD_SECONDS:
            return ended, list(over[number:])
        ended = segment.end
    return ended, []


def longest_silence(start: float, heard: Sequence[Segment], until: float) -> float:
    """Return the longest silence from ``start`` to the last sound before ``until``, in seconds.

    Without any sound it is all of it.
    """
    sounds = [segment for segment in heard if segment.end > start and segment.start < until]
    if not sounds:
        return until - start
    ends = [start, *(segment.end for segment in sounds)]
    return max(0.0, *(segment.start - end for segment, end in zip(sounds, ends, strict=False)))


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)


def _sliding_energy(samples: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    total = np.concatenate(([0.0], np.cumsum(samples**2)))
    sliding: NDArray[np.float64] = total[length:] - total[:-length]
    return np.maximum(sliding, 0.0)


def _correlation(samples: NDArray[np.float64], pattern: NDArray[np.float64]) -> NDArray[np.float64]:
    size = 1 << (len(samples) + len(pattern) - 1).bit_length()
    product = np.fft.rfft(samples, size) * np.conj(np.fft.rfft(pattern, size))
    result: NDArray[np.float64] = np.fft.irfft(product, size)[: len(samples) - len(pattern) + 1]
    return result
