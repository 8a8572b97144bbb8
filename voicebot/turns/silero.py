"""Silero's voice activity detection as a second opinion: a small recurrent network.

The weights (ONNX, MIT licence) come with ``faster-whisper``, which is not imported; they run on
onnxruntime. Both are in the extra ``local``, and nothing here is needed unless it is chosen.
"""

from __future__ import annotations

import hashlib
import importlib.util
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

from voicebot.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from voicebot.media.audio import Pcm

    Floats = NDArray[np.float32]

PACKAGE = "faster_whisper"
FILE = "assets/silero_vad_v6.onnx"
SHA256 = "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2"
_WAY_OUT = "install it with: pip install 'voicebot[local]', or set turns.second_opinion to none"

# 32 ms of 16 kHz, after the last 4 ms of the window before.
WINDOW = 512
_CONTEXT = 64
_STATE = (1, 1, 128)

# A start of speech is 60 ms old when it is judged: one of the last three windows must convince.
# Lower than the usual 0.5, for the beginning of a word is judged without its end.
_LEAST = 0.35
_NEWEST = 3
_ERRORS_ONLY = 3


class Session(Protocol):
    """What is used of ``onnxruntime.InferenceSession``."""

    def run(self, outputs: None, inputs: Mapping[str, Floats]) -> Sequence[Floats]:
        """Return all outputs."""
        ...


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
    path = locate(PACKAGE)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != SHA256:
        message = f"{path}: SHA-256 is {digest}, expected {SHA256}; {_WAY_OUT}"
        raise ConfigError(message)
    try:
        # An extra's library: who has not chosen this does not need it.
        import onnxruntime  # noqa: PLC0415
    except ImportError as error:
        message = f"turns.second_opinion: onnxruntime is not installed; {_WAY_OUT}"
        raise ConfigError(message) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return Silero(cast("Session", session))


def locate(package: str) -> Path:
    """Return where the weights are inside ``package``, without importing it.

    Raises ``ConfigError`` when they are not there.
    """
    spec = importlib.util.find_spec(package)
    folders = spec.submodule_search_locations if spec is not None else None
    path = Path(folders[0]) / FILE if folders else None
    if path is None or not path.is_file():
        message = f"turns.second_opinion: {FILE} of {package} is not installed; {_WAY_OUT}"
        raise ConfigError(message)
    return path
