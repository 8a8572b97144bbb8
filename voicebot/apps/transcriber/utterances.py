"""One party's frames cut into utterances, with looks at them while they are being said.

Positions are samples at 16 kHz since the call's transcription began.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

import numpy as np

from voicebot.apps.transcriber.shelf import Audio
from voicebot.media.audio import FRAME_SAMPLES, SAMPLE_RATE, Pcm
from voicebot.turns.detector import Change, SpeechDetector

if TYPE_CHECKING:
    from voicebot.config import TranscribeSettings
    from voicebot.media.audio import Frame

# A pause between two words: what was said so far is worth a look, for it may have been all.
_GLANCE_MS: Final = 160
# Kept after the last sample of speech: what follows of the pause tells a recogniser nothing.
_TRAIL: Final = 200 * SAMPLE_RATE // 1000
# An utterance that is nearly too long ends with the first such pause; one that has none is cut in
# the quietest 20 ms of its last second.
_NEARLY: Final = 2 / 3
_SEARCHED: Final = SAMPLE_RATE
_BLOCK: Final = FRAME_SAMPLES


class Stage(Enum):
    """How much of an utterance there is."""

    PARTIAL = auto()
    PAUSE = auto()
    """It may be complete: the party pauses."""
    FINAL = auto()


@dataclass(frozen=True, slots=True)
class Passage:
    """What a party has said of its utterance ``number`` (from 1), from ``start`` to ``end``.

    The first sample of ``audio`` lies at ``begin``; there is a little more than the speech at both
    ends.
    """

    stage: Stage
    number: int
    begin: int
    start: int
    end: int
    audio: Audio


class Segmenter:
    """Finds utterances. Push each frame in order; ``position`` is that of the first one.

    ``after``: how many utterances the party had before.
    """

    def __init__(
        self,
        settings: TranscribeSettings,
        *,
        position: int = 0,
        after: int = 0,
        detector: SpeechDetector | None = None,
    ) -> None:
        self._pause = settings.pause_ms * SAMPLE_RATE // 1000
        self._partial = settings.partial_ms * SAMPLE_RATE // 1000
        self._longest = int(settings.longest_s * SAMPLE_RATE)
        self._detector = detector or SpeechDetector(
            # It is never full: it is let go of before.
            pause_ms=min(_GLANCE_MS, settings.pause_ms),
            longest_s=settings.longest_s + 1.0,
        )
        self._origin = position
        self._open = False
        self.number = after
        self._first = 0
        self._start = 0
        self._looked = 0
        # What a cut has left over, and how much of the detector's audio is in there, too.
        self._left: Pcm = b""
        self._overlap = 0

    @property
    def now(self) -> int:
        """The position up to which frames were pushed."""
        return self._origin + self._detector.now

    @property
    def horizon(self) -> int:
        """The position before which no utterance can end any more, but for those already given."""
        if not self._open:
            return self.now
        return min(self._origin + self._detector.ended, self._first + self._longest - _SEARCHED)

    def push(self, frame: Frame) -> Passage | None:
        """Take the next 20 ms; return what has become due with them."""
        change = self._detector.push(frame)
        if not self._open:
            if change is Change.STARTED:
                self._begin()
            return None
        if not self._detector.speaking and self._detector.silence >= self._pause:
            return self.finish()
        length = self.now - self._first
        if change is Change.PAUSED:
            return self.finish() if length >= _NEARLY * self._longest else self._look(Stage.PAUSE)
        if length >= self._longest:
            return self._cut() if self._detector.speaking else self.finish()
        fresh = self.now - self._looked
        if self._partial and self._detector.speaking and fresh >= self._partial:
            return self._look(Stage.PARTIAL)
        return None

    def finish(self) -> Passage | None:
        """Return the utterance that is being said, if there is one, as complete."""
        if not self._open:
            return None
        passage = self._passage(Stage.FINAL, self._origin + self._detector.ended)
        self._open = False
        self._left, self._overlap = b"", 0
        self._detector.release()
        return passage

    @property
    def _audio(self) -> Pcm:
        return self._left + self._detector.pcm[2 * self._overlap :]

    def _begin(self) -> None:
        self._open = True
        self.number += 1
        self._first = self.now - len(self._detector.pcm) // 2
        self._start = self._looked = self._origin + self._detector.started

    def _look(self, stage: Stage) -> Passage:
        self._looked = self.now
        return self._passage(stage, self._origin + self._detector.ended)

    def _passage(self, stage: Stage, end: int) -> Passage:
        pcm = self._audio[: 2 * (end + _TRAIL - self._first)]
        return Passage(stage, self.number, self._first, self._start, end, Audio(pcm))

    def _cut(self) -> Passage:
        """End the utterance where it is quietest, and go on with the rest as the next one."""
        pcm = self._audio
        at = quietest(pcm)
        end = self._first + at
        first = Audio(pcm[: 2 * at])
        passage = Passage(Stage.FINAL, self.number, self._first, self._start, end, first)
        self._detector.release()
        self._overlap = len(self._detector.pcm) // 2
        self._detector.hold()
        self._left = pcm[2 * at :]
        self.number += 1
        self._first = self._start = end
        return passage


def quietest(pcm: Pcm) -> int:
    """Return the middle of the quietest 20 ms in the last second of ``pcm``, in samples."""
    signal = np.frombuffer(pcm, np.int16)
    first = max(len(signal) - _SEARCHED, 0)
    blocks = (len(signal) - first) // _BLOCK
    searched = signal[first : first + blocks * _BLOCK].astype(np.float32).reshape(blocks, _BLOCK)
    levels = np.square(searched).mean(axis=1)
    return first + int(levels.argmin()) * _BLOCK + _BLOCK // 2
