"""espeak-ng: robotic, but a hundred languages."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import numpy as np

from voicebot.errors import ModelError, ModelMissingError
from voicebot.models.trimming import finished
from voicebot.models.wav import decode_wav

if TYPE_CHECKING:
    from voicebot.models.seams import Speech

PROGRAM = "espeak-ng"
_WORDS_PER_MINUTE = 165
_LIMITS = (80, 450)
_TIMEOUT_S = 20.0
_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}([-_+][A-Za-z0-9]+)*$")


class Espeak:
    """One language of espeak-ng, the program.

    Raises ``ModelMissingError`` when the program is not installed or does not know the language.
    """

    def __init__(self, language: str, program: str = PROGRAM) -> None:
        path = shutil.which(program)
        if path is None:
            message = f"{program}: no such program; install it with: apt install espeak-ng"
            raise ModelMissingError(message)
        self._path = path
        self._language = language
        if not _LANGUAGE.match(language):
            message = f"{program}: {language!r} is not a language; see: {program} --voices"
            raise ModelMissingError(message)

    def synthesise(self, text: str, *, speed: float) -> Speech:
        """Return the speech of ``text``; see ``Synthesiser``. Raises ``ModelError``."""
        slowest, fastest = _LIMITS
        words = str(round(min(fastest, max(slowest, _WORDS_PER_MINUTE * speed))))
        # The path is from shutil.which, the text goes to standard input, the language is checked.
        command = [self._path, "-v", self._language, "-s", words, "--stdin", "--stdout"]
        try:
            done = subprocess.run(  # noqa: S603
                command, input=text.encode(), capture_output=True, timeout=_TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            message = f"{PROGRAM}: gave no speech within {_TIMEOUT_S:.0f} s"
            raise ModelError(message) from error
        if done.returncode or not done.stdout:
            why = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
            message = f"{PROGRAM}: {why}"
            raise ModelError(message)
        samples, rate = decode_wav(done.stdout)
        return finished(np.ascontiguousarray(samples), rate)
