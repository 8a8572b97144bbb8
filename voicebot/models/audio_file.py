"""An uploaded file as Whisper wants it: 16 kHz, one channel."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import av
import numpy as np
import soxr

from voicebot.models.seams import WHISPER_RATE
from voicebot.models.wav import AudioError, decode_wav, is_wav

if TYPE_CHECKING:
    from voicebot.models.seams import Samples


def read_audio(data: bytes) -> Samples:
    """Return the samples of a WAV file, or of any other that FFmpeg reads (mp3, ogg, webm, …).

    Raises ``AudioError``.
    """
    if not data:
        message = "the file is empty"
        raise AudioError(message)
    if not is_wav(data):
        return _read_other(data)
    samples, rate = decode_wav(data)
    if rate != WHISPER_RATE and samples.size:
        samples = soxr.resample(samples, rate, WHISPER_RATE, quality="MQ")
    return samples


def _read_other(data: bytes) -> Samples:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=WHISPER_RATE)
    try:
        with av.open(io.BytesIO(data), mode="r") as container:
            frames = [
                piece.to_ndarray().ravel()
                for frame in container.decode(audio=0)
                for piece in resampler.resample(frame)
            ]
            frames += [piece.to_ndarray().ravel() for piece in resampler.resample(None)]
    except (av.FFmpegError, IndexError, ValueError) as error:
        message = "not audio in a format that can be read (WAV, MP3, Ogg, FLAC, WebM, …)"
        raise AudioError(message) from error
    return np.concatenate(frames).astype(np.float32) if frames else np.zeros(0, np.float32)
