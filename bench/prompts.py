"""Human speech whose words are known: the prompts that Asterisk ships, in Debian's packages.

``asterisk-core-sounds-en`` has the texts, ``-en-g722`` the recordings at 16 kHz, ``-en-wav`` those
at 8 kHz; ``-ru`` and others likewise.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soxr
from G722 import G722

from bench.microphone import SPEECH_RATE
from bench.waveform import Samples, read_wav

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SOUNDS = Path("/usr/share/asterisk/sounds")
TEXTS = Path("/usr/share/doc")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One recording by a person, and what is said in it."""

    name: str
    language: str
    text: str
    path: Path

    def samples(self) -> Samples:
        """Return the speech at ``SPEECH_RATE``; what comes from 8 kHz has nothing above 4 kHz."""
        if self.path.suffix == ".g722":
            return np.array(G722(16000, 64000).decode(self.path.read_bytes()), dtype=np.int16)
        samples, rate = read_wav(self.path)
        resampled: Samples = soxr.resample(samples, rate, SPEECH_RATE)
        return resampled


@cache
def prompts(language: str = "en") -> Mapping[str, Prompt]:
    """Return the installed prompts with words in ``language``, by name; wide-band where there is.

    Raises ``FileNotFoundError`` naming the package when the texts or the sounds are missing.
    """
    package = f"asterisk-core-sounds-{language}"
    texts = TEXTS / package / f"core-sounds-{language}.txt.gz"
    if not texts.exists():
        raise FileNotFoundError(f"{texts} is missing: apt-get install {package}")
    found = {prompt.name: prompt for prompt in _read(texts, language)}
    if not found:
        raise FileNotFoundError(f"no sounds in {SOUNDS / language}: apt-get install {package}-wav")
    return found


def _read(texts: Path, language: str) -> Iterator[Prompt]:
    for line in gzip.decompress(texts.read_bytes()).decode().splitlines():
        name, _, text = line.partition(": ")
        # Comments, and descriptions of sounds that are not words.
        if not text or line.startswith(";") or "[" in text or "(" in text:
            continue
        for kind in ("g722", "wav"):
            path = SOUNDS / language / f"{name}.{kind}"
            if path.exists():
                yield Prompt(name, language, text.strip(), path)
                break
