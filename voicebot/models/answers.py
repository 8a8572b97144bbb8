"""A transcription in each of the API's formats: json, verbose_json, text, srt, vtt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicebot.models.seams import Recognition, Segment, Word

FORMATS: Final = ("json", "verbose_json", "text", "srt", "vtt")

SUBTITLES: Final = frozenset({"srt", "vtt"})
"""What needs to know where the words are."""

# What two lines of a screen hold, and how long somebody looks at them.
_CUE_LETTERS: Final = 80
_CUE_S: Final = 7.0
_CUE_PAUSE_S: Final = 1.5


def answer(found: Recognition, shape: str, *, words: bool) -> web.Response:
    """Return ``found`` in the format ``shape``; ``words``: with the words of the verbose form."""
    match shape:
        case "text":
            return web.Response(text=f"{found.text}\n")
        case "srt":
            return web.Response(text=_srt(found.words), content_type="application/x-subrip")
        case "vtt":
            return web.Response(text=_vtt(found.words), content_type="text/vtt")
        case "json":
            return web.json_response({"text": found.text, **_own(found)})
    body = {
        "task": "transcribe",
        "language": found.language,
        "duration": round(found.seconds, 3),
        "text": found.text,
        "segments": [_segment(number, one) for number, one in enumerate(found.segments)],
        **_own(found),
    }
    if words:
        body["words"] = [_word(word) for word in found.words]
    return web.json_response(body)


def _segment(number: int, segment: Segment) -> dict[str, object]:
    return {
        "id": number,
        "seek": 0,
        "start": round(segment.start, 3),
        "end": round(segment.end, 3),
        "text": segment.text,
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": round(segment.avg_logprob, 4),
        "compression_ratio": 1.0,
        "no_speech_prob": round(segment.no_speech_prob, 4),
    }


def _own(found: Recognition) -> dict[str, object]:
    """Return what turn taking wants to know beside the API's own fields, where it is known."""
    # In one figure, so that no client has to know how to combine the segments.
    own: dict[str, object] = {"confidence": round(found.confidence, 4) if found.text else 0.0}
    if found.finished is not None:
        own["finished"] = round(found.finished, 4)
    if found.readings:
        own["readings"] = [
            {text: round(likely, 6) for text, likely in told.items()} for told in found.readings
        ]
    return own


def _word(word: Word) -> dict[str, object]:
    return {
        "word": word.text,
        "start": round(word.start, 3),
        "end": round(word.end, 3),
        # Not in the API.
        "probability": round(word.probability, 4),
    }


def _cues(words: Sequence[Word]) -> Iterator[tuple[float, float, str]]:
    """Yield subtitles: start, end, text. They end with a sentence, a pause, or when full."""
    cue: list[Word] = []
    for number, word in enumerate(words):
        cue.append(word)
        following = words[number + 1] if number + 1 < len(words) else None
        text = " ".join(one.text for one in cue)
        if (
            following is None
            or text.endswith((".", "?", "!", "…"))
            or following.start - word.end > _CUE_PAUSE_S
            or following.end - cue[0].start > _CUE_S
            or len(text) + 1 + len(following.text) > _CUE_LETTERS
        ):
            yield cue[0].start, word.end, text
            cue = []


def _srt(words: Sequence[Word]) -> str:
    cues = (
        f"{number}\n{_time(start, ',')} --> {_time(end, ',')}\n{text}\n"
        for number, (start, end, text) in enumerate(_cues(words), 1)
    )
    return "\n".join(cues)


def _vtt(words: Sequence[Word]) -> str:
    cues = (
        f"{_time(start, '.')} --> {_time(end, '.')}\n{text.replace('-->', '->')}\n"
        for start, end, text in _cues(words)
    )
    return "\n".join(("WEBVTT\n", *cues))


def _time(seconds: float, mark: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{mark}{rest % 1000:03}"
