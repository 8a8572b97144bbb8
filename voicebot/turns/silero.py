"""Silero's voice activity detection as a second opinion: a small recurrent network.

The weights (ONNX, MIT licence) come with ``faster-whisper``, which is not imported; they run on
onnxruntime. Both are in the extra ``local``, and nothing here is needed unless it is chosen.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from voicebot.turns.weights import Weights, load_session

if TYPE_CHECKING:
    from voicebot.media.audio import Pcm
    from voicebot.turns.weights import Floats, Session

WEIGHTS = Weights(
    package="faster_whisper",
    file="assets/silero_vad_v6.onnx",
    sha256="4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2",
    setting="turns.second_opinion",
    way_out="pip install 'voicebot[local]', or set turns.second_opinion to none",
)

# 32 ms of 16 kHz, after the last 4 ms of the window before.
WINDOW = 512
_CONTEXT = 64
_STATE = (1, 1, 128)

# A start of speech is at most 60 ms old when it is judged: one of the last three windows must
# convince. Lower than the usual 0.5, for the beginning of a word is judged without its end.
_LEAST = 0.35
_NEWEST = 3


class Silero:
    """Refuses what does not sound like a voice. Has no state: one serves all calls."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def is_speech(self, pcm: Pcm) -> bool:
        """Return whether the end of ``pcm`` (slin16) is speech; less than a window passes."""
        found = self.probabilities(pcm)
        return not len(found) or float(found[-_NEWEST:].max()) >= _LEAST

    def probabilities(self, pcm: Pcm) -> Floats:
        """Return how likely each window of ``pcm`` (slin16) is speech; the last ends with it."""
        signal = np.frombuffer(pcm, np.int16).astype(np.float32) / 32768
        count = len(signal) // WINDOW
        if not count:
            return np.zeros(0, np.float32)
        windows = signal[-count * WINDOW :].reshape(count, WINDOW)
        before = np.zeros((count, _CONTEXT), np.float32)
        before[1:] = windows[:-1, -_CONTEXT:]
        inputs = {
            "input": np.concatenate([before, windows], axis=1),
            "h": np.zeros(_STATE, np.float32),
            "c": np.zeros(_STATE, np.float32),
        }
        return self._session.run(None, inputs)[0].reshape(-1)


@cache
def load_silero() -> Silero:
    """Return the process's one Silero. Takes some tens of milliseconds the first time.

    Raises ``ConfigError`` when onnxruntime or the weights are missing, or are other weights.
    """
    return Silero(load_session(WEIGHTS))
