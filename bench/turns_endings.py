"""When turns are ended: too early, or how late, and what other settings would have made of it.

Each turn is heard once, with nothing ever ended, and every pause is kept with its transcript. What
any setting makes of it is then arithmetic; ``through_taker`` proves that the turn taker agrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bench.turns_noise import QUIET
from bench.turns_recogniser import delay_ms
from bench.turns_speech import Break, frames, lost, quantiles
from voicebot.config import TurnSettings
from voicebot.media.audio import SAMPLE_RATE
from voicebot.turns.endpointing import Endpointing
from voicebot.turns.events import SpeechPaused, SpeechStarted, TurnEnded
from voicebot.turns.expectation import expect
from voicebot.turns.languages import language as tables
from voicebot.turns.turntaker import TurnTaker
from voicebot.turns.words import tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bench.turns_noise import Scene
    from bench.turns_recogniser import Recogniser, Understood
    from bench.turns_speech import Spoken
    from voicebot.media.audio import Frame, Pcm
    from voicebot.turns.events import Utterance

    Model = Callable[[Pcm], float]
    Frames = Iterator[Frame]

# Nothing is ended: longer than all pauses and what follows.
_NEVER = TurnSettings(sentence_ms=3000, likely_ms=3000, unsure_ms=5000, open_ms=5000)
# A detector believes in speech after 60 ms, but holds an end back from the first active frame on.
_STIRRING_MS = 40.0
# Recordings fade: there is some doubt about their last milliseconds.
_DOUBT_MS = 60


class Given(NamedTuple):
    """Which evidence the endpointing is given beside the words."""

    recogniser: bool = True
    sound: bool = False


OURS = Given()

FIXED_MS = (200, 300, 400, 500, 600, 700, 800, 1000, 1200, 1500, 1800, 2100)
SCALES = (0.4, 0.6, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4)
THRESHOLDS = (0.05, 0.2, 0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99)
SILENCES = ("sentence_ms", "likely_ms", "unsure_ms", "open_ms")
# A sentence has some words: 'Sales.' may be all, or not.
_SENTENCE_WORDS = 4


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause as it was noticed: times in ms from the turn's beginning on the line.

    ``resumed_ms`` is when more speech was noticed; infinite where none followed. ``finished`` is
    what the recogniser says of the sentence, ``model`` what an end-of-turn model says of its sound.
    """

    text: str
    ended_ms: float
    ready_ms: float
    resumed_ms: float
    finished: float | None = None
    model: float | None = None


class End(NamedTuple):
    """When a turn was ended, and whether the caller was still to say more then; in ms.

    ``missed_ms`` is how much was said after what was taken for his last sound: faint syllables.
    """

    at_ms: float
    cut_off: bool
    missed_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Heard:
    """A turn as it was heard; ``end_ms`` is its true end, ``pauses_ms`` the lengths put in."""

    spoken: Spoken
    end_ms: float
    pauses: tuple[Pause, ...]

    def ended(self, wait: Callable[[Heard, Pause], float]) -> End:
        """Return how the turn is ended, where ``wait`` says how much silence ends it (ms)."""
        for pause in self.pauses:
            when = max(pause.ended_ms + wait(self, pause), pause.ready_ms)
            if when < pause.resumed_ms:
                missed = max(self.end_ms - pause.ended_ms, 0.0)
                return End(when, _is_early(when, self.end_ms), missed)
        return End(np.inf, cut_off=False)

    @property
    def begin_ms(self) -> float:
        """When the caller begins to speak."""
        return self.end_ms - self.spoken.seconds * 1000

    @property
    def is_sentence(self) -> bool:
        """Whether it is a finished sentence, whose answer nobody wants to wait for."""
        one = self.spoken
        return (
            one.whole and one.kind is not Break.NUMBER and len(tokens(one.text)) >= _SENTENCE_WORDS
        )


def hear(
    spoken: Iterable[Spoken],
    recogniser: Recogniser,
    model: Model | None = None,
    *,
    scene: Scene = QUIET,
) -> list[Heard]:
    """Return how each of ``spoken`` is heard in ``scene``."""
    return [
        Heard(
            one, (scene.lead_s + one.seconds) * 1000, tuple(_pauses(one, line, recogniser, model))
        )
        for one, line in _around(spoken, scene)
    ]


def _around(spoken: Iterable[Spoken], scene: Scene) -> Iterator[tuple[Spoken, Frames]]:
    rng = np.random.default_rng(5)
    for number, one in enumerate(spoken):
        line = scene.around(one, number, rng)
        yield one, frames(line, lost(len(line), scene.line, number))


def _pauses(one: Spoken, line: Frames, recogniser: Recogniser, model: Model | None) -> list[Pause]:
    turns = _asked(TurnTaker(_NEVER, one.language), one)
    noticed: list[Pause] = []
    open_at: SpeechPaused | None = None
    for frame in line:
        for event in turns.push(frame):
            if isinstance(event, SpeechStarted) and open_at is not None:
                noticed.append(_pause(open_at, turns.now, one, recogniser, model))
                open_at = None
            elif isinstance(event, SpeechPaused):
                open_at = event
    if open_at is not None:
        noticed.append(_pause(open_at, None, one, recogniser, model))
    return noticed


def _pause(
    event: SpeechPaused,
    resumed: int | None,
    one: Spoken,
    recogniser: Recogniser,
    model: Model | None,
) -> Pause:
    pcm = event.utterance.pcm
    found = recogniser.hear(pcm, one.language)
    return Pause(
        found.text,
        _ms(event.utterance.ended),
        _ms(event.noticed) + delay_ms(pcm),
        np.inf if resumed is None else _ms(resumed) - _STIRRING_MS,
        found.finished,
        None if model is None else model(pcm),
    )


def _asked(turns: TurnTaker, one: Spoken) -> TurnTaker:
    if one.asked:
        turns.bot_started(one.asked)
        turns.bot_finished(one.asked)
    return turns


def _is_early(when: float, end_ms: float) -> bool:
    """Return whether a caller who speaks until ``end_ms`` had not said all by ``when``."""
    return when < end_ms - _DOUBT_MS


def _ms(samples: int) -> float:
    return samples * 1000 / SAMPLE_RATE


def by_settings(settings: TurnSettings, *, given: Given = OURS) -> Callable[[Heard, Pause], float]:
    """Return how long the endpointing waits with ``settings``, for callers not known yet."""

    def wait(heard: Heard, pause: Pause) -> float:
        words = tables(heard.spoken.language)
        if not pause.text:
            return np.inf
        asked = expect(heard.spoken.asked, words)
        return Endpointing(settings, words).silence_ms(
            pause.text,
            asked,
            finished=pause.finished if given.recogniser else None,
            sound=pause.model if given.sound else None,
        )

    return wait


def fixed(ms: float) -> Callable[[Heard, Pause], float]:
    """Return the rule that knows no words: always the same silence."""
    return lambda _heard, pause: ms if pause.text else np.inf


def by_model(threshold: float) -> Callable[[Heard, Pause], float]:
    """Return the rule of the end-of-turn model alone: soon, or after the longest silence."""

    def wait(_heard: Heard, pause: Pause) -> float:
        if not pause.text:
            return np.inf
        settings = TurnSettings()
        sure = pause.model is not None and pause.model >= threshold
        return settings.sentence_ms if sure else settings.open_ms

    return wait


def scaled(settings: TurnSettings, factor: float) -> TurnSettings:
    """Return ``settings`` with every silence longer by ``factor``."""
    return settings.model_copy(
        update={name: round(getattr(settings, name) * factor) for name in SILENCES}
    )


def through_taker(
    spoken: Iterable[Spoken], recogniser: Recogniser, settings: TurnSettings
) -> dict[str, object]:
    """Return the shares of turns that the turn taker cuts off itself, transcripts in their time."""
    turns = cut = whole = cut_whole = 0
    waits: list[float] = []
    for one, line in _around(spoken, QUIET):
        end = _taken(one, line, recogniser, settings)
        true = (QUIET.lead_s + one.seconds) * 1000
        early = _is_early(end, true)
        if one.kind is Break.WHOLE:
            whole, cut_whole = whole + 1, cut_whole + early
        else:
            turns, cut = turns + 1, cut + early
        if not early and end < np.inf:
            waits.append(end - true)
    return {
        "turns": turns + whole,
        "false_cut_offs": round(cut / max(turns, 1), 4),
        "after_whole": round(cut_whole / max(whole, 1), 4),
        "wait_ms": quantiles(waits),
    }


def _taken(one: Spoken, line: Frames, recogniser: Recogniser, settings: TurnSettings) -> float:
    """Return when the turn taker first ends the turn (ms)."""
    turns = _asked(TurnTaker(settings, one.language), one)
    due: list[tuple[float, Utterance, Understood]] = []
    for frame in line:
        events = turns.push(frame)
        while due and _ms(turns.now) >= due[0][0]:
            _, what, found = due.pop(0)
            events += turns.transcribed(
                what.number, what.revision, found.text, finished=found.finished
            )
        for event in events:
            if isinstance(event, SpeechPaused):
                what = event.utterance
                found = recogniser.hear(what.pcm, one.language)
                due.append((_ms(turns.now) + delay_ms(what.pcm), what, found))
            elif isinstance(event, TurnEnded):
                return _ms(turns.now)
    return np.inf
