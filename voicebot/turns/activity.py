"""Whether there is voice in a frame, and how loud it and the line are."""

from __future__ import annotations

import math
from collections import deque
from itertools import count
from typing import TYPE_CHECKING, Final

import numpy as np
import webrtcvad

from voicebot.media import audio
from voicebot.media.audio import FRAME_SAMPLES, SAMPLE_RATE

if TYPE_CHECKING:
    from voicebot.media.audio import Frame

BLOCKS: Final = 4
BLOCK_SAMPLES: Final = FRAME_SAMPLES // BLOCKS
BLOCK_SHARE_DB: Final = 10 * math.log10(BLOCKS) + 0.01
"""How far a frame can be below its loudest block; a hair more, for levels are rounded."""
_BLOCK_STARTS: Final = tuple(range(0, FRAME_SAMPLES, BLOCK_SAMPLES))

# dB of a natural logarithm, and of the mean square of a full-scale square wave: dBFS's reference.
_DECIBEL: Final = 10 / math.log(10)
_FULL_SCALE: Final = _DECIBEL * math.log(32768.0**2)
_LEAST_POWER: Final = 1e-3

# Mode 3 says 'speech' in none of the silence around clean prompts (mode 0: in 1.1 %) and misses
# 0.4 % of the spoken frames; with pink noise 20 dB below the voice it misses 6 %, at word ends.
_VAD_MODE: Final = 3

# The floor is the least level of two seconds: long enough to reach a gap between words, short
# enough to follow a caller who walks out into the street.
_FLOOR_PARTS: Final = 10
_FLOOR_PART_FRAMES: Final = 10
# A held vowel is not noise, but a noise that begins under speech is: where most frames of a part
# are voiced, the floor may rise by this much in the two seconds, 3 dB a second.
_FLOOR_VOICED_FRAMES: Final = 8
_FLOOR_VOICED_RISE_DB: Final = 6.0
# The least of a hundred noisy frames lies about this far below their mean.
_FLOOR_BIAS_DB: Final = 1.5
# Of people who talk behind the caller three frames of five are 4 dB or more above the least one, of
# a hiss none: not even where a caller in it is hardly heard, if he pauses. What is more than steady
# raises the floor, by more than itself, for the other frames are louder still.
_SWELL_AT_FIRST_DB: Final = 4.0
_SWELL_STEADY_DB: Final = 2.0
_SWELL_MOST_DB: Final = 7.0
_SWELL_WEIGHT: Final = 1.6
# What is louder is hardly noise, but speech that is about to be noticed.
_SWELL_BELOW_DB: Final = 15.0
_SWELL_UP_DB: Final = 0.08
_SWELL_DOWN_DB: Final = 0.12
_SWELL_HASTE: Final = 10.0
_SWELL_LATE_HASTE: Final = 4.0
# A voice begins so far above the floor. Of noise that does not swell no frame is 4.5 dB above it,
# and weak syllables are little more; where a packet in thirty is lost, a few are 6.5 dB above.
_MARGIN_DB: Final = 8.0
_MARGIN_STEADY_DB: Final = 4.5
_MARGIN_WEIGHT: Final = 1.5
_FLOOR_LEAST: Final = -65.0
_FLOOR_MOST: Final = -20.0
_SILENT: Final = -100.0
# Speech begins above -52 dBFS and ends above -58 in each 5 ms: 6 dB less over 20 ms has neither.
_WORTH_A_LOOK: Final = -64.0
_GAP_FRAMES: Final = 2


class Activity:
    """What one frame holds; levels are in dBFS.

    ``floor`` is the level when the caller is silent, ``onset`` the least when he begins to speak.
    """

    __slots__ = ("floor", "level", "onset", "voiced")

    def __init__(self, *, voiced: bool, level: float, floor: float, onset: float) -> None:
        self.voiced = voiced
        self.level = level
        self.floor = floor
        self.onset = onset


class NoiseFloor:
    """The level of the line's own noise: minimum statistics over two seconds (Martin, 2001).

    It rises slowly under speech, so that a voice without gaps is not taken for noise.

    One or two frames of digital silence are a gap in the stream and say nothing about the noise;
    more of them are a line that is silent when nobody speaks.
    """

    __slots__ = (
        "_frames",
        "_gap",
        "_least_part",
        "_part",
        "_parts",
        "_voiced",
        "level",
    )

    def __init__(self) -> None:
        self._parts: deque[float] = deque(maxlen=_FLOOR_PARTS)
        self._part = math.inf
        self._frames = 0
        self._least_part = math.inf
        self._voiced = 0
        self._gap = 0
        self.level = _FLOOR_LEAST

    @property
    def known(self) -> bool:
        """Whether two seconds were heard: before, the least level may be that of speech."""
        return len(self._parts) == _FLOOR_PARTS

    def push(self, level: float, *, voiced: bool = False) -> float:
        """Take the level of a frame (dBFS) and whether it is speech's; return the floor (dBFS)."""
        self._gap = self._gap + 1 if level <= _SILENT else 0
        if 0 < self._gap <= _GAP_FRAMES:
            return self.level
        self._frames += 1
        self._voiced += voiced
        least = level < self._part
        if least:
            self._part = level
        if self._frames == _FLOOR_PART_FRAMES:
            self._close_part()
            self._tell()
        elif least:
            self._tell()
        return self.level

    def push_quiet(self, levels: list[float]) -> None:
        """Take the levels of frames that hold no speech, as ``push`` would one by one."""
        for level in levels:
            if level > _SILENT and not self._gap and self._frames < _FLOOR_PART_FRAMES - 1:
                self._frames += 1
                self._part = min(self._part, level)
            else:
                self._tell()
                self.push(level)
        self._tell()

    def _tell(self) -> None:
        least = min(self._least_part, self._part) + _FLOOR_BIAS_DB
        if least < math.inf:
            self.level = min(max(least, _FLOOR_LEAST), _FLOOR_MOST)

    def _close_part(self) -> None:
        if self._voiced >= _FLOOR_VOICED_FRAMES:
            self._part = min(self._part, self.level - _FLOOR_BIAS_DB + _FLOOR_VOICED_RISE_DB)
        self._parts.append(self._part)
        self._least_part = min(self._parts)
        self._part = math.inf
        self._frames = self._voiced = 0


class Swell:
    """How far noise usually lies above its least level: what three frames of five exceed.

    It is followed in small steps; the first are larger, so that a second of noise is enough.
    """

    __slots__ = ("_frames", "_level", "lift", "margin")

    def __init__(self) -> None:
        self._frames = 0
        self._level = _SWELL_AT_FIRST_DB
        # What the floor is to be raised by (dB).
        self.lift = 0.0
        # How far above the floor a voice begins (dB).
        self.margin = _MARGIN_DB

    def push(self, above: float, *, late: bool = False) -> None:
        """Take how far a frame in which nobody speaks is above the least level (dB).

        ``late``: speech should have ended by now.
        """
        self._frames += 1
        haste = max(_SWELL_LATE_HASTE if late else 1.0, _SWELL_HASTE / self._frames)
        moved = self._level + haste * (_SWELL_UP_DB if above > self._level else -_SWELL_DOWN_DB)
        self._level = min(max(moved, 0.0), _SWELL_MOST_DB)
        self.lift = max(0.0, self._level - _SWELL_STEADY_DB) * _SWELL_WEIGHT
        self.margin = min(_MARGIN_STEADY_DB + self._level * _MARGIN_WEIGHT, _MARGIN_DB)


class VoiceActivity:
    """The cheap first stage: WebRTC's voice activity detection and the level against the floor.

    WebRTC's detector goes on saying 'speech' for about 120 ms after its end and takes tones, clicks
    and loud noise for speech, so ``voiced`` alone proves nothing: look at the levels as well.
    """

    __slots__ = (
        "_early",
        "_floor",
        "_swell",
        "_vad",
        "_voiced",
    )

    def __init__(self, *, mode: int = _VAD_MODE) -> None:
        self._vad = webrtcvad.Vad(mode)
        self._floor = NoiseFloor()
        self._swell = Swell()
        # Levels heard before the floor was known.
        self._early: list[float] = []
        self._voiced = False

    @property
    def silent(self) -> bool:
        """Whether WebRTC's detector last said that there is no speech."""
        return not self._voiced

    def push(
        self,
        frame: Frame,
        *,
        speaking: bool = False,
        nobody: bool = False,
        energy: float | None = None,
    ) -> Activity:
        """Return what the next frame of the line holds. ``frame`` is 20 ms of slin16.

        ``speaking``: speech has started, as far as is known; ``nobody``: what is heard now is all
        the same hardly the caller. ``energy`` is that of the frame, where it is known.
        """
        level = _level(audio.energy(frame) if energy is None else energy)
        # Too quiet for speech whatever the detector says; but let its 'speech' run out first.
        if level >= _WORTH_A_LOOK or self._voiced:
            self._voiced = self._vad.is_speech(frame, SAMPLE_RATE)
        least = self._floor.push(level, voiced=speaking and self._voiced)
        if nobody and level >= _WORTH_A_LOOK:
            self._learn(level, least, late=speaking)
        floor = min(least + self._swell.lift, _FLOOR_MOST)
        onset = floor + self._swell.margin
        return Activity(voiced=self._voiced, level=level, floor=floor, onset=onset)

    def _learn(self, level: float, least: float, *, late: bool) -> None:
        """Learn how noise swells, also from what was heard before the floor was known.

        So that the first words, as long as they are not noticed, are not all that is known of it.
        """
        self._early.append(level)
        if not self._floor.known:
            return
        for one in self._early:
            if one < least + _SWELL_BELOW_DB:
                self._swell.push(one - least, late=late)
        self._early.clear()

    def push_quiet(self, energies: list[float]) -> None:
        """Take frames with less energy than ``QUIET``, while ``silent``, as ``push`` would."""
        self._floor.push_quiet([_level(energy) for energy in energies])


def last_above(frame: Frame, threshold: float) -> int:
    """Return where sound above ``threshold`` (dBFS) ends in ``frame``, in samples, to 5 ms.

    0 where there is none.
    """
    signal = np.frombuffer(frame, np.int16).astype(np.float32)
    signal *= signal
    least = BLOCK_SAMPLES * 10 ** ((threshold + _FULL_SCALE) / 10)
    loud = np.add.reduceat(signal, _BLOCK_STARTS) >= least
    blocks = np.flatnonzero(loud)
    return (int(blocks[-1]) + 1) * BLOCK_SAMPLES if len(blocks) else 0


def _level(energy: float) -> float:
    """Return the level of a frame below full scale."""
    return _DECIBEL * math.log(energy / FRAME_SAMPLES + _LEAST_POWER) - _FULL_SCALE


def _least_energy(level: float) -> float:
    """Return the least energy of a frame that reaches ``level``: energies are whole numbers."""
    energy = math.floor(FRAME_SAMPLES * 10 ** ((level + _FULL_SCALE) / 10)) - 1
    return float(next(whole for whole in count(energy) if _level(whole) >= level))


QUIET: Final = _least_energy(_WORTH_A_LOOK)
"""A frame of less energy holds no speech, unless speech goes on."""
