"""What a simulated caller said and heard, on one common time base."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from voicebot.media.audio import FRAME_BYTES, SAMPLE_RATE

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from voicebot.media.audio import Frame, Pcm

SPEECH_LEVEL = 330.0
"""Root mean square above which audio counts as speech: 40 dB below full scale."""

_WINDOW = SAMPLE_RATE // 200
"""Samples of the window in which the level is taken: 5 ms."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Something the caller said.

    ``started`` and ``ended`` are the samples at which the speech itself begins and ends, without
    the silence around it.
    """

    text: str
    started: int
    ended: int


def speech_bounds(pcm: Pcm) -> tuple[int, int]:
    """Return where speech begins and ends in ``pcm``, in samples; all of it when it is silent."""
    windows = np.flatnonzero(_levels(pcm) >= SPEECH_LEVEL)
    if not len(windows):
        return 0, len(pcm) // 2
    return int(windows[0]) * _WINDOW, min((int(windows[-1]) + 1) * _WINDOW, len(pcm) // 2)


def _levels(pcm: Pcm) -> NDArray[np.float32]:
    samples = np.frombuffer(pcm, "<i2").astype(np.float32)
    samples = np.pad(samples, (0, -len(samples) % _WINDOW)).reshape(-1, _WINDOW)
    levels: NDArray[np.float32] = np.sqrt(np.mean(samples**2, axis=1))
    return levels


class Recording:
    """Both directions of one call. Sample 0 is the one at which the caller's phone was answered.

    ``spoken`` labels what the caller said. Nothing is kept when ``keep`` is false.
    """

    def __init__(self, *, keep: bool = True) -> None:
        self.spoken: list[Spoken] = []
        self._keep = keep
        self._said = bytearray()
        self._heard = bytearray()

    @property
    def said(self) -> Pcm:
        """What the caller said, as slin16."""
        return bytes(self._said)

    @property
    def heard(self) -> Pcm:
        """What the caller heard, as slin16."""
        return bytes(self._heard)

    def add(self, tick: int, said: Frame, heard: Frame) -> None:
        """Keep 20 ms of both directions; ticks that were left out become silence."""
        if not self._keep:
            return
        for track, frame in ((self._said, said), (self._heard, heard)):
            missing = tick * FRAME_BYTES - len(track)
            if missing > 0:
                track.extend(bytes(missing))
            track.extend(frame)

    def answer_after(self, sample: int) -> int | None:
        """Return the sample at which the bot is first heard after ``sample``; ``None``: never."""
        windows = np.flatnonzero(_levels(bytes(self._heard[2 * sample :])) >= SPEECH_LEVEL)
        return sample + int(windows[0]) * _WINDOW if len(windows) else None

    def quiet_after(self, sample: int, *, seconds: float = 0.3) -> int | None:
        """Return where the bot falls silent for ``seconds`` at or after ``sample``."""
        need = round(seconds * SAMPLE_RATE / _WINDOW)
        silent = 0
        for index, level in enumerate(_levels(bytes(self._heard[2 * sample :]))):
            silent = 0 if level >= SPEECH_LEVEL else silent + 1
            if silent == need:
                return sample + (index + 1 - need) * _WINDOW
        return None

    def waits(self) -> list[float | None]:
        """Return, for everything the caller said, the seconds from its end to the bot's answer.

        ``None`` where the caller spoke again, or the call ended, before there was an answer.
        """
        ends = [*(spoken.started for spoken in self.spoken[1:]), len(self._heard) // 2]
        answers = [self.answer_after(spoken.ended) for spoken in self.spoken]
        return [
            (answer - spoken.ended) / SAMPLE_RATE if answer is not None and answer < end else None
            for spoken, answer, end in zip(self.spoken, answers, ends, strict=True)
        ]

    def write_wav(self, path: Path) -> None:
        """Write a stereo file: the caller left, what the caller heard right."""
        length = min(len(self._said), len(self._heard)) // 2
        tracks = (np.frombuffer(self.said, "<i2"), np.frombuffer(self.heard, "<i2"))
        both = np.stack([track[:length] for track in tracks], axis=1)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE)
            file.writeframes(both.astype("<i2").tobytes())
