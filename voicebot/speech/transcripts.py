"""What a transcription of the OpenAI API says: text, words in time, how sure it is."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from voicebot.media.audio import SAMPLE_RATE
from voicebot.speech.protocols import SpokenWord, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterable

_CODE_LETTERS: Final = (2, 3)


def transcript_of(answer: object, language: str) -> Transcript:
    """Return ``answer``, as the package has read it, as a ``Transcript``.

    ``language`` is the one asked for: the cloud answers with its English name instead of a code.
    Raises ``ValueError`` where there is no text. What else is missing or makes no sense is left
    out: every server has fields of its own.
    """
    # The package builds its types without looking at the values.
    text = getattr(answer, "text", None)
    if not isinstance(text, str):
        raise ValueError("the transcription has no text")
    told = getattr(answer, "language", None)
    spoken = told if isinstance(told, str) and len(told) in _CODE_LETTERS else language
    segments = _items(answer, "segments")
    return Transcript(
        text.strip(),
        spoken,
        confidence=_confidence(answer, segments),
        words=tuple(_words(_items(answer, "words"))),
        no_speech=min(_numbers(segments, "no_speech_prob"), default=None),
        finished=_share(getattr(answer, "finished", None)),
        readings=tuple(filter(None, map(_shares, _items(answer, "readings")))),
    )


def _confidence(answer: object, segments: Iterable[object]) -> float | None:
    """Return the confidence: that of the local models, or the mean of the segments'."""
    own = _share(getattr(answer, "confidence", None))
    if own is not None:
        return own
    logprobs = _numbers(segments, "avg_logprob")
    return math.exp(min(sum(logprobs) / len(logprobs), 0.0)) if logprobs else None


def _shares(told: object) -> dict[str, float]:
    items = told.items() if isinstance(told, dict) else ()
    shares = ((word, _share(odds)) for word, odds in items)
    return {word: share for word, share in shares if share is not None}


def _words(items: Iterable[object]) -> Iterable[SpokenWord]:
    for item in items:
        text, start, end = (_field(item, name) for name in ("word", "start", "end"))
        if not isinstance(text, str) or not text.strip() or not _is_span(start, end):
            continue
        yield SpokenWord(
            text.strip(),
            round(start * SAMPLE_RATE),
            round(end * SAMPLE_RATE),
            _share(_field(item, "probability")),
        )


def _is_span(start: object, end: object) -> bool:
    if not isinstance(start, int | float) or not isinstance(end, int | float):
        return False
    return 0 <= start <= end and end * SAMPLE_RATE < math.inf


def _numbers(items: Iterable[object], name: str) -> list[float]:
    found = (_field(item, name) for item in items)
    return [float(one) for one in found if _is_finite(one)]


def _items(answer: object, name: str) -> list[object]:
    found = getattr(answer, name, None)
    return found if isinstance(found, list) else []


def _field(item: object, name: str) -> Any:  # noqa: ANN401 - whatever the server has sent
    return item.get(name) if isinstance(item, dict) else getattr(item, name, None)


def _share(told: object) -> float | None:
    """Return what was told as a share of one, ``None`` where it is no number."""
    return float(min(max(told, 0.0), 1.0)) if _is_finite(told) else None


def _is_finite(told: object) -> TypeGuard[int | float]:
    # JSON's integers may be longer than any float.
    return isinstance(told, int | float) and abs(told) <= sys.float_info.max
