"""What two waveforms tell: who spoke when, how long the answer took, whether a tone came through.

Everything here works on recordings alone and knows nothing of what made them. Samples are 16-bit
mono; times are seconds from the beginning of the array; levels are dB relative to a full-scale
square wave, so a full-scale sine has -3 dBFS.
"""

from __future__ import annotations

import wave
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

Samples: TypeAlias = "NDArray[np.int16]"
"""Mono audio, 16 bits a sample."""

BLOCKS_PER_SECOND = 1000
SMOOTHING_BLOCKS = 5
SILENCE_DBFS = -100.0
ABOVE_FLOOR_DB = 12.0
QUIET_BELOW_PEAK_DB = 20.0
SPEECH_RANGE_DB = 25.0
QUIETEST_SPEECH_DBFS = -55.0


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of sound, from ``start`` to ``end`` in seconds."""

    start: float
    end: float

    @property
    def length(self) -> float:
        """How long it lasts, in seconds."""
        return self.end - self.start

    def of(self, samples: Samples, rate: int) -> Samples:
        """Return the samples of this stretch."""
        return samples[max(0, round(self.start * rate)) : round(self.end * rate)]


@dataclass(frozen=True, slots=True)
class Turn:
    """The caller's utterance ``said`` and the moment the answer to it set in.

    ``answered`` is ``None`` when nothing was heard before the caller spoke again.
    """

    said: Segment
    answered: float | None

    @property
    def wait(self) -> float | None:
        """Voice to voice: from the end of the utterance to the onset of the answer, in seconds."""
        return None if self.answered is None else self.answered - self.said.end


def levels(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Return the level of each millisecond in dBFS, floored at ``SILENCE_DBFS``."""
    per_block = rate // BLOCKS_PER_SECOND
    blocks = len(samples) // per_block
    shaped = samples[: blocks * per_block].reshape(blocks, per_block).astype(np.float64) / 32768
    return _decibels(np.mean(shaped**2, axis=1))


def speech_threshold(level: NDArray[np.float64]) -> float:
    """Return the level above which there is speech, from the noise floor and the peak.

    The floor is what a tenth of the time stays below. Where that is near the peak, the recording
    has no quiet moment: then speech is what is not far below the peak.
    """
    if not len(level):
        return QUIETEST_SPEECH_DBFS
    floor, peak = float(np.percentile(level, 10)), float(level.max())
    has_quiet = peak - floor > QUIET_BELOW_PEAK_DB
    return max(
        floor + ABOVE_FLOOR_DB if has_quiet else peak - SPEECH_RANGE_DB, QUIETEST_SPEECH_DBFS
    )


def segments(
    samples: Samples,
    rate: int,
    *,
    gap: float = 0.3,
    shortest: float = 0.03,
    threshold: float | None = None,
) -> list[Segment]:
    """Return the stretches of speech, exact to a millisecond.

    Pauses shorter than ``gap`` belong to the stretch; stretches shorter than ``shortest`` are
    clicks. ``threshold`` in dBFS replaces the one that the noise floor gives.
    """
    level = levels(samples, rate)
    if not len(level):
        return []
    limit = speech_threshold(level) if threshold is None else threshold
    # A smoothed level decides whether, the millisecond's own level decides when.
    power = 10 ** (level / 10)
    smooth = _decibels(np.convolve(power, np.ones(SMOOTHING_BLOCKS) / SMOOTHING_BLOCKS, "same"))
    loud = np.flatnonzero((level > limit) & (smooth > limit))
    if not len(loud):
        return []
    breaks = np.flatnonzero(np.diff(loud) > gap * BLOCKS_PER_SECOND)
    firsts = loud[np.concatenate(([0], breaks + 1))]
    lasts = loud[np.concatenate((breaks, [len(loud) - 1]))]
    found = [
        Segment(int(first) / BLOCKS_PER_SECOND, (int(last) + 1) / BLOCKS_PER_SECOND)
        for first, last in zip(firsts, lasts, strict=True)
    ]
    return [segment for segment in found if segment.length >= shortest]


def turns(said: Sequence[Segment], heard: Sequence[Segment]) -> list[Turn]:
    """Pair each utterance with the first answer that sets in after its end.

    An answer counts for the utterance it follows: only until the caller speaks again.
    """
    found: list[Turn] = []
    for number, utterance in enumerate(said):
        until = said[number + 1].start if number + 1 < len(said) else float("inf")
        onsets = (answer.start for answer in heard if utterance.end <= answer.start < until)
        found.append(Turn(utterance, next(onsets, None)))
    return found


def stop_times(said: Iterable[Segment], heard: Sequence[Segment]) -> list[float]:
    """Return how long the other side talked on after each utterance that began over its voice.

    Utterances that interrupted nobody have no entry. To see a short stop the segments of ``heard``
    must be made with a ``gap`` shorter than that stop.
    """
    return [
        answer.end - utterance.start
        for utterance in said
        for answer in heard
        if answer.start < utterance.start < answer.end
    ]


def tone_level(samples: Samples, rate: int, frequency: float) -> float:
    """Return the level of one frequency (within about 20 Hz) over all of ``samples``, in dBFS."""
    if not len(samples):
        return SILENCE_DBFS
    window = np.hanning(len(samples))
    phase = np.exp(-2j * np.pi * frequency * np.arange(len(samples)) / rate)
    amplitude = 2 * abs(np.sum(samples / 32768 * window * phase)) / np.sum(window)
    return float(_decibels(np.array([amplitude**2 / 2]))[0])


def loudest_frequency(samples: Samples, rate: int) -> float:
    """Return the frequency in Hz where the spectrum peaks; 0 for silence."""
    if not np.any(samples):
        return 0.0
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


def tone_share(samples: Samples, rate: int, frequency: float, *, tolerance: float = 0.2) -> float:
    """Return the share of samples that continue a sine of ``frequency``, between 0 and 1.

    Counted from the first good sample to the last one. A sample is good when the sine has its usual
    amplitude around it, and the sample lies on that sine, both within ``tolerance`` of the
    amplitude: so holes, clicks and breaks of phase all count.
    """
    period = max(1, round(rate / frequency))
    if len(samples) < 4 * period:
        return 0.0
    value = samples.astype(np.float64)
    carrier = np.exp(-2j * np.pi * frequency * np.arange(len(value)) / rate)
    # The mean over whole periods leaves amplitude and phase of the tone alone.
    local = np.convolve(value * carrier, np.ones(period) / period, "same") * 2
    amplitude = float(np.median(np.abs(local)))
    if amplitude < 1:
        return 0.0
    steady = np.abs(np.abs(local) - amplitude) < tolerance * amplitude
    fitting = np.abs(value - np.real(local * np.conj(carrier))) < tolerance * amplitude
    good = np.flatnonzero(steady & fitting)
    return len(good) / (int(good[-1]) - int(good[0]) + 1) if len(good) else 0.0


def write_wav(path: Path, rate: int, *channels: Samples) -> None:
    """Write a WAV file: one channel, or left and right. Shorter channels end in silence."""
    length = max(len(channel) for channel in channels)
    frames = np.zeros((length, len(channels)), dtype="<i2")
    for number, channel in enumerate(channels):
        frames[: len(channel), number] = channel
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(frames.tobytes())


def read_wav(path: Path, *, channel: int = 0) -> tuple[Samples, int]:
    """Return one channel, the first unless told, and the sample rate of a 16-bit WAV file.

    Raises ``ValueError`` when it has another sample size.
    """
    with wave.open(str(path), "rb") as file:
        if file.getsampwidth() != 2:
            raise ValueError(f"{path}: {8 * file.getsampwidth()} bits a sample, 16 are needed")
        raw = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return raw[channel :: file.getnchannels()].astype(np.int16), file.getframerate()


def _decibels(power: NDArray[np.float64]) -> NDArray[np.float64]:
    floored: NDArray[np.float64] = np.maximum(power, 10 ** (SILENCE_DBFS / 10))
    return 10 * np.log10(floored)
