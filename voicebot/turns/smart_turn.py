"""Smart Turn v3.2 as an ``EndOfTurnModel``: a small Whisper encoder that hears whether one is done.

The weights (ONNX, int8, BSD-2-Clause) come with ``pipecat-ai``, which is not imported; they run on
onnxruntime, in a thread of their own. ``pip install --no-deps pipecat-ai`` brings the file alone.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from voicebot.media.audio import SAMPLE_RATE
from voicebot.turns.weights import Weights, load_session

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voicebot.media.audio import Pcm
    from voicebot.turns.weights import Session

    Floats = NDArray[np.float32]

WEIGHTS = Weights(
    package="pipecat",
    file="audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx",
    sha256="2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f",
    setting="turns.end_of_turn",
    way_out="pip install --no-deps pipecat-ai, or set turns.end_of_turn to words",
)

# What the model was trained on: the last eight seconds, silence before where there is less.
_SAMPLES = 8 * SAMPLE_RATE
_WINDOW = 400
_HOP = 160
_BANDS = 80
_FLOOR = 1e-10
_LEAST_POWER = 1e-7
# Slaney's mel scale: linear up to 1 kHz (mel 15), then 27 steps for a factor of 6.4.
_LINEAR_HZ = 200.0 / 3
_KNEE_MEL = 15.0
_STEP = np.log(6.4) / 27.0
_TOP_MEL = 45.245640471924965


class SmartTurn:
    """Says how likely the caller has finished, from the sound alone. One serves all calls."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="smart-turn")

    async def probability(self, pcm: Pcm) -> float:
        """Return how likely it is, from 0 to 1, that who speaks in ``pcm`` has finished."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self.hear, pcm)

    def hear(self, pcm: Pcm) -> float:
        """Return the same at once: some 40 ms of work, most of it without the interpreter."""
        (answer,) = self._session.run(None, {"input_features": log_mel(pcm)[None]})
        return float(answer.reshape(-1)[0])


def log_mel(pcm: Pcm) -> Floats:
    """Return the features of the end of ``pcm`` (slin16), ``[_BANDS, 800]``: as Whisper's are.

    The eight seconds are first brought to zero mean and unit variance, the silence included.
    """
    signal = np.zeros(_SAMPLES, np.float32)
    heard = np.frombuffer(pcm, np.int16)[-_SAMPLES:]
    signal[_SAMPLES - len(heard) :] = heard / np.float32(32768)
    signal = (signal - signal.mean()) / np.sqrt(signal.var() + np.float32(_LEAST_POWER))
    padded = np.pad(signal, _WINDOW // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:-1]
    spectrum = np.fft.rfft(frames * _hann(), axis=1)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    log = np.log10(np.maximum(_mel_filters() @ power.T, _FLOOR))
    features: Floats = ((np.maximum(log, log.max() - 8.0) + 4.0) / 4.0).astype(np.float32)
    return features


@cache
def load_smart_turn() -> SmartTurn:
    """Return the process's one Smart Turn. Takes some tenths of a second the first time.

    Raises ``ConfigError`` when onnxruntime or the weights are missing, or are other weights.
    """
    return SmartTurn(load_session(WEIGHTS))


@cache
def _hann() -> NDArray[np.float64]:
    return np.hanning(_WINDOW + 1)[:-1]


@cache
def _mel_filters() -> NDArray[np.float64]:
    """Return the triangular filters, ``[_BANDS, _WINDOW // 2 + 1]``, each of the same area."""
    mels = np.linspace(0.0, _TOP_MEL, _BANDS + 2)
    curved = _LINEAR_HZ * _KNEE_MEL * np.exp(_STEP * (mels - _KNEE_MEL))
    edges = np.where(mels < _KNEE_MEL, _LINEAR_HZ * mels, curved)
    bins = np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE)
    widths = np.diff(edges)[:, None]
    rising = (bins - edges[:-2, None]) / widths[:-1]
    falling = (edges[2:, None] - bins) / widths[1:]
    area = 2.0 / (edges[2:] - edges[:-2])[:, None]
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)) * area)
