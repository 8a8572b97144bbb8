"""When turns are ended: too early, or how late, and what other settings would have made of it.

Each turn is heard once, with nothing ever ended, and every pause is kept with its transcript. What
any setting makes of it is then arithmetic; ``through_taker`` proves that the turn taker agrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from bench.turns_recogniser import delay_ms
from bench.turns_speech import LINE, frames, noise, quantiles
from voicebot.config import TurnSettings
from voicebot.media.audio import SAMPLE_RATE
from voicebot.turns.endpointing import Endpointing
from voicebot.turns.events import SpeechPaused, SpeechStarted, TurnEnded
from voicebot.turns.expectation import expect
from voicebot.turns.languages import language as tables
from voicebot.turns.turntaker import TurnTaker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bench.turns_recogniser import Recogniser
    from bench.turns_speech import Spoken
    from voicebot.media.audio import Pcm

    Finished = Callable[[Pcm], float]

LEAD_S = 0.5
AFTER_S = 2.6
# Nothing is ended: longer than all pauses and what follows.
_NEVER = TurnSettings(sentence_ms=3000, unsure_ms=5000, open_ms=5000)
# A detector believes in speech after 60 ms, but holds an end back from the first active frame on.
_STIRRING_MS = 40.0

FIXED_MS = (200, 300, 400, 500, 600, 700, 800, 1000, 1200, 1500, 1800, 2100)
SCALES = (0.4, 0.6, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4)
GRID = {
    "sentence_ms": (200, 300, 400, 600, 900, 1300, 1600, 1900),
    "unsure_ms": (400, 600, 900, 1300, 1600, 1900),
    "open_ms": (1500, 2000),
}


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause as it was noticed: times in ms from the turn's beginning on the line.

    ``resumed_ms`` is when more speech was noticed; infinite where none followed. ``finished`` is
    what the end-of-turn model says of it.
    """

    text: str
    ended_ms: float
    ready_ms: float
    resumed_ms: float
    finished: float | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A turn as it was heard; ``end_ms`` is its true end, ``pauses_ms`` the lengths put in."""

    spoken: Spoken
    end_ms: float
    pauses: tuple[Pause, ...]

    def ended(self, wait: Callable[[Heard, Pause], float]) -> float:
        """Return when the turn is ended (ms), where ``wait`` says how much silence ends it."""
        for pause in self.pauses:
            when = max(pause.ended_ms + wait(self, pause), pause.ready_ms)
            if when < pause.resumed_ms:
                return when
        return np.inf


def hear(
    spoken: Iterable[Spoken], recogniser: Recogniser, finished: Finished | None
) -> list[Heard]:
    """Return how each of ``spoken`` is heard with a quiet line before and after it."""
    rng = np.random.default_rng(5)
    return [_hear(one, recogniser, finished, rng) for one in spoken]


def _hear(
    one: Spoken, recogniser: Recogniser, finished: Finished | None, rng: np.random.Generator
) -> Heard:
    turns = _asked(TurnTaker(_NEVER, one.language), one)
    noticed: list[Pause] = []
    open_at: SpeechPaused | None = None
    for frame in frames(_line(one, rng)):
        for event in turns.push(frame):
            if isinstance(event, SpeechStarted) and open_at is not None:
                noticed.append(_pause(open_at, turns.now, one, recogniser, finished))
                open_at = None
            elif isinstance(event, SpeechPaused):
                open_at = event
    if open_at is not None:
        noticed.append(_pause(open_at, None, one, recogniser, finished))
    return Heard(one, (LEAD_S + one.seconds) * 1000, tuple(noticed))


def _pause(
    event: SpeechPaused,
    resumed: int | None,
    one: Spoken,
    recogniser: Recogniser,
    finished: Finished | None,
) -> Pause:
    pcm = event.utterance.pcm
    return Pause(
        recogniser.text(pcm, one.language),
        _ms(event.utterance.ended),
        _ms(event.noticed) + delay_ms(pcm),
        np.inf if resumed is None else _ms(resumed) - _STIRRING_MS,
        None if finished is None else finished(pcm),
    )


def _asked(turns: TurnTaker, one: Spoken) -> TurnTaker:
    if one.asked:
        turns.bot_started(one.asked)
        turns.bot_finished(one.asked)
    return turns


def _line(one: Spoken, rng: np.random.Generator) -> np.ndarray:
    before, after = (np.zeros(int(s * SAMPLE_RATE)) for s in (LEAD_S, AFTER_S))
    signal = np.concatenate([before, one.signal, after])
    return np.asarray(signal + noise(len(signal), LINE, rng))


def _ms(samples: int) -> float:
    return samples * 1000 / SAMPLE_RATE


def by_settings(
    settings: TurnSettings, *, acoustics: bool = False
) -> Callable[[Heard, Pause], float]:
    """Return how long the endpointing waits with ``settings``, for callers not known yet."""

    def wait(heard: Heard, pause: Pause) -> float:
        words = tables(heard.spoken.language)
        if not pause.text:
            return np.inf
        finished = pause.finished if acoustics else None
        asked = expect(heard.spoken.asked, words)
        return Endpointing(settings, words).silence_ms(pause.text, asked, finished=finished)

    return wait


def fixed(ms: float) -> Callable[[Heard, Pause], float]:
    """Return the rule that knows no words: always the same silence."""
    return lambda _heard, pause: ms if pause.text else np.inf


def figures(turns: Sequence[Heard], wait: Callable[[Heard, Pause], float]) -> dict[str, object]:
    """Return the share of turns cut off, and how long the others waited from their true end."""
    ends = [(one, one.ended(wait)) for one in turns]
    # The codec and the recordings' own fading leave some doubt about the last milliseconds.
    cut = [one for one, end in ends if end < one.end_ms - 60 and one.spoken.pauses]
    waits = [end - one.end_ms for one, end in ends if one.end_ms - 60 <= end < np.inf]
    pausing = [one for one in turns if one.spoken.pauses]
    return {
        "turns": len(pausing),
        "cut_off": round(len(cut) / max(len(pausing), 1), 4),
        "never": sum(end == np.inf for _, end in ends),
        "wait_ms": quantiles(waits),
        "mean_wait_ms": round(float(np.mean(waits))) if waits else None,
    }


def by_length(
    turns: Sequence[Heard], wait: Callable[[Heard, Pause], float]
) -> list[dict[str, object]]:
    """Return the share of turns cut off by the longest pause in them."""
    rows = []
    for low, high in ((100, 250), (250, 500), (500, 1000), (1000, 1500), (1500, 2001)):
        chosen = [
            one
            for one in turns
            if one.spoken.pauses
            and low <= max(_ms(length) for _, length in one.spoken.pauses) < high
        ]
        found = figures(chosen, wait)
        rows.append({"longest_ms": [low, high - high % 2], **_share(found)})
    return rows


def _share(found: dict[str, object]) -> dict[str, object]:
    return {"turns": found["turns"], "cut_off": found["cut_off"]}


def tune(turns: Sequence[Heard], most: float, *, acoustics: bool) -> TurnSettings | None:
    """Return the settings of the grid that wait least on average with ``most`` cut off."""
    best: tuple[float, TurnSettings] | None = None
    for values in product(*GRID.values()):
        settings = TurnSettings(**dict(zip(GRID, values, strict=True)))
        found = figures(turns, by_settings(settings, acoustics=acoustics))
        mean = found["mean_wait_ms"]
        if not isinstance(mean, int) or float(str(found["cut_off"])) > most:
            continue
        if best is None or mean < best[0]:
            best = (mean, settings)
    return None if best is None else best[1]


def scaled(settings: TurnSettings, factor: float) -> TurnSettings:
    """Return ``settings`` with every silence longer by ``factor``."""
    return settings.model_copy(
        update={name: round(getattr(settings, name) * factor) for name in GRID}
    )


def through_taker(
    spoken: Iterable[Spoken], recogniser: Recogniser, settings: TurnSettings
) -> dict[str, object]:
    """Return the share of turns that the turn taker itself cuts off, transcripts in their time."""
    rng = np.random.default_rng(5)
    turns = cut = 0
    waits: list[float] = []
    for one in spoken:
        end = _taken(one, recogniser, settings, rng)
        true = (LEAD_S + one.seconds) * 1000
        turns += 1
        cut += end < true - 60
        if true - 60 <= end < np.inf:
            waits.append(end - true)
    return {"turns": turns, "cut_off": round(cut / turns, 4), "wait_ms": quantiles(waits)}


def _taken(
    one: Spoken, recogniser: Recogniser, settings: TurnSettings, rng: np.random.Generator
) -> float:
    """Return when the turn taker first ends the turn (ms)."""
    turns = _asked(TurnTaker(settings, one.language), one)
    due: list[tuple[float, int, int, str]] = []
    for frame in frames(_line(one, rng)):
        events = turns.push(frame)
        while due and _ms(turns.now) >= due[0][0]:
            events += turns.transcribed(*due.pop(0)[1:])
        for event in events:
            if isinstance(event, SpeechPaused):
                what = event.utterance
                text = recogniser.text(what.pcm, one.language)
                due.append((_ms(turns.now) + delay_ms(what.pcm), what.number, what.revision, text))
            elif isinstance(event, TurnEnded):
                return _ms(turns.now)
    return np.inf
