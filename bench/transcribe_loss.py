"""Where words are lost before the sidecar: what of a conversation is in the audio on its way.

The same recogniser, in peace after the calls, hears each sentence where it left its phone, and
where it came out of the other one. What is wrong there already is no fault of the sidecar's: phones
that a full machine starves leave gaps, and so does an Asterisk that loses its turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import soxr

from bench.transcribe_figures import Said, Written, word_errors
from voicebot.models.seams import WHISPER_RATE
from voicebot.models.weights import WHISPER_BASE, WHISPER_TINY_EN, Store
from voicebot.models.whisper import Whisper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.recording import Recording
    from bench.waveform import Samples

_LEAD_S: Final = 0.2
_TRAIL_S: Final = 0.4
"""Of the audio around a sentence; on its way to the other phone it comes later."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The audio of a sentence where it was ``sent`` and where it was ``received``, at ``rate``."""

    said: Said
    sent: Samples
    received: Samples
    rate: int


def heard(said: Said, sender: Recording, receiver: Recording) -> Heard:
    """Cut a sentence out of the recordings of both phones."""
    sent, received = _cut(said, sender, sender.said), _cut(said, receiver, receiver.heard)
    return Heard(said, sent, received, sender.rate)


def _cut(said: Said, recording: Recording, samples: Samples) -> Samples:
    begin = max(0.0, recording.position(said.start - _LEAD_S))
    end = max(0.0, recording.position(said.end + _TRAIL_S))
    return samples[round(begin * recording.rate) : round(end * recording.rate)]


def losses(sentences: Sequence[Heard], language: str) -> dict[str, Any]:
    """Return the word errors of what the phones sent, and of what they received of each other."""
    weights = WHISPER_TINY_EN if language == "en" else WHISPER_BASE
    model = Whisper(Store().folder(weights), threads=2)

    def written(one: Heard, audio: Samples) -> Written:
        wide = soxr.resample(audio.astype(np.float32) / 32768, one.rate, WHISPER_RATE)
        text = model.recognise(wide, language=language, prompt="").text
        return Written(one.said.party, text, one.said.start, one.said.end, 0.0)

    said = [one.said for one in sentences]
    sent = [written(one, one.sent) for one in sentences]
    received = [written(one, one.received) for one in sentences]
    return {
        "wer_sent": word_errors(said, sent, language)["all"],
        "wer_received": word_errors(said, received, language)["all"],
    }
