"""Weights of small networks, in packages that are not imported; they run on onnxruntime."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from voicebot.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_ERRORS_ONLY = 3


@dataclass(frozen=True, slots=True)
class Weights:
    """Where a network is, which one it must be, which setting wants it, and the way out."""

    package: str
    file: str
    sha256: str
    setting: str
    way_out: str


class Session(Protocol):
    """What is used of ``onnxruntime.InferenceSession``."""

    def run(self, outputs: None, inputs: Mapping[str, Floats]) -> Sequence[Floats]:
        """Return all outputs."""
        ...


def load_session(weights: Weights) -> Session:
    """Return ``weights`` ready to run, in one thread.

    Raises ``ConfigError`` when onnxruntime or the weights are missing, or are other weights.
    """
    path = locate(weights)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != weights.sha256:
        message = f"{path}: SHA-256 is {digest}, expected {weights.sha256}; {weights.way_out}"
        raise ConfigError(message)
    try:
        # An extra's library: who has not chosen this does not need it.
        import onnxruntime  # noqa: PLC0415
    except ImportError as error:
        message = f"{weights.setting}: onnxruntime is not installed; {weights.way_out}"
        raise ConfigError(message) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return cast("Session", session)


def locate(weights: Weights) -> Path:
    """Return where the weights are inside their package, without importing it.

    Raises ``ConfigError`` when they are not there.
    """
    spec = importlib.util.find_spec(weights.package)
    folders = spec.submodule_search_locations if spec is not None else None
    path = Path(folders[0]) / weights.file if folders else None
    if path is None or not path.is_file():
        message = (
            f"{weights.setting}: {weights.file} of {weights.package} is not installed; "
            f"{weights.way_out}"
        )
        raise ConfigError(message)
    return path
