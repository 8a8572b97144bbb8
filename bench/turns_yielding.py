"""Whether the bot yields to real interruptions, and to nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bench.prompts import prompts
from bench.turns_recogniser import delay_ms
from bench.turns_speech import LINE, Line, Room, Spoken, cough, frames, load, noise, quantiles
from voicebot.config import TurnSettings
from voicebot.media.audio import FRAME_SAMPLES, SAMPLE_RATE, SILENCE
from voicebot.turns.events import (
    BargeInConfirmed,
    BargeInRejected,
    SpeechContested,
    SpeechPaused,
    SpeechStarted,
)
from voicebot.turns.turntaker import TurnTaker

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.turns_phrases import Phrases, PhraseSet
    from bench.turns_recogniser import Recogniser, Understood
    from bench.turns_speech import Signal
    from bench.turns_voices import Voices
    from voicebot.turns.events import Utterance

DURATIONS = (0.1, 0.3, 0.5, 0.7, 0.9, 1.2, 2.0, 8.0)
BEGIN = 1.5
AFTER = 1.8

HUMAN_BACK_CHANNELS = {"en": ("auth-thankyou", "privacy-thankyou"), "ru": ("auth-thankyou",)}


# espeak-ng's voices, which Whisper understands badly; the others are made of people's speech.
ROBOTIC = {"en-us", "en-gb", "en-gb-x-rp", "ru"}


class Saying(NamedTuple):
    """A short phrase in a voice that is, or is not, that of a robot."""

    spoken: Spoken
    robotic: bool


@dataclass(slots=True)
class Outcome:
    """What became of one call in which something was heard over the bot; times from its onset."""

    paused_ms: float | None = None
    confirmed_ms: float | None = None
    rejected_ms: float | None = None
    starts: int = 0
    rejected: list[str] = field(default_factory=list)


def over_bot(
    caller: Signal,
    bot: Spoken,
    recogniser: Recogniser | None,
    room: Room,
    onset: float,
    *,
    turns: TurnTaker | None = None,
) -> Outcome:
    """Let ``bot`` speak through ``room`` while ``caller`` is on the line.

    Playout stops and resumes as the turn taker says, so that an echo stops with it. ``onset`` is
    when the caller begins, in seconds. Without ``recogniser`` no transcript comes. ``turns`` may
    know the caller already.
    """
    turns = turns or TurnTaker(TurnSettings(), bot.language)
    outcome, playing = Outcome(), True
    due: list[tuple[float, Utterance, Understood]] = []
    voice = frames(np.resize(bot.signal, len(caller)))
    turns.bot_started(bot.text)
    for number in range(len(caller) // FRAME_SAMPLES):
        played = next(voice) if playing else None
        line = caller[number * FRAME_SAMPLES :][:FRAME_SAMPLES] + room.play(played or SILENCE)
        events = turns.push(next(frames(line)), bot=played)
        while due and turns.now >= due[0][0]:
            _, heard, found = due.pop(0)
            events += turns.transcribed(
                heard.number,
                heard.revision,
                found.text,
                finished=found.finished,
                confidence=found.confidence,
            )
        after = ((number + 1) * FRAME_SAMPLES / SAMPLE_RATE - onset) * 1000
        for event in events:
            if isinstance(event, SpeechStarted) and event.over_bot:
                playing, outcome.starts = False, outcome.starts + 1
                outcome.paused_ms = outcome.paused_ms or after
            elif isinstance(event, BargeInConfirmed):
                outcome.confirmed_ms = after
                turns.bot_finished("")
                return outcome
            elif isinstance(event, BargeInRejected):
                playing, outcome.rejected_ms = True, after
                outcome.rejected.append(event.reason)
            elif isinstance(event, SpeechPaused | SpeechContested) and recogniser is not None:
                what = event.utterance
                when = turns.now + delay_ms(what.pcm) * SAMPLE_RATE / 1000
                due.append((when, what, recogniser.hear(what.pcm, bot.language, what.hint)))
    return outcome


def call(one: Spoken, line: Line, rng: np.random.Generator, seed: int) -> Signal:
    """Return a caller who is silent, says ``one``, and is silent again."""
    before, after = (np.zeros(int(s * SAMPLE_RATE)) for s in (BEGIN, AFTER))
    signal = np.concatenate([before, one.signal, after])
    return Spoken(signal + noise(len(signal), LINE, rng), "", "").over(line, seed).signal


def spoken_over(
    spoken: Iterable[Spoken],
    bots: Sequence[Spoken],
    recogniser: Recogniser | None,
    *,
    line: Line = Line.WIDE,
    echo_db: float | None = None,
) -> list[Outcome]:
    """Return what becomes of each of ``spoken`` over a bot of its language."""
    rng = np.random.default_rng(2)
    outcomes = []
    for number, one in enumerate(spoken):
        choice = [bot for bot in bots if bot.language == one.language]
        bot = choice[number % len(choice)]
        caller = call(one, line, rng, number)
        outcomes.append(over_bot(caller, bot, recogniser, Room(echo_db, rng), BEGIN))
    return outcomes


def yielding(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Return how often and when the bot yields to those who really interrupt."""
    right = [one for one in outcomes if one.confirmed_ms is not None and one.confirmed_ms > 0]
    return {
        "calls": len(outcomes),
        "yielded": _share(len(right), len(outcomes)),
        "yielded_too_early": sum((one.confirmed_ms or 0) < 0 for one in outcomes),
        "resumed_falsely": _share(sum(bool(one.rejected) for one in outcomes), len(outcomes)),
        "paused_ms": quantiles([one.paused_ms for one in right if one.paused_ms is not None]),
        "confirmed_ms": quantiles([one.confirmed_ms for one in right if one.confirmed_ms]),
        "rejected": _reasons(outcomes),
    }


def ignoring(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Return how often the bot goes on over what is no interruption, and after how long."""
    resumed = [one.rejected_ms for one in outcomes if one.confirmed_ms is None and one.rejected_ms]
    return {
        "calls": len(outcomes),
        "ignored": _share(sum(one.confirmed_ms is None for one in outcomes), len(outcomes)),
        "paused": _share(sum(one.starts > 0 for one in outcomes), len(outcomes)),
        "resumed_ms": quantiles(resumed),
        "rejected": _reasons(outcomes),
    }


def by_duration(
    wanted: Iterable[tuple[Spoken, Outcome]], others: Iterable[tuple[Spoken, Outcome]]
) -> list[dict[str, object]]:
    """Return by how long it is how often the bot yields to what is ``wanted`` and to ``others``."""
    chosen = {"interruptions": list(wanted), "back_channels": list(others)}
    rows: list[dict[str, object]] = []
    for low, high in pairwise(DURATIONS):
        row: dict[str, object] = {"seconds": [low, high]}
        for name, pairs in chosen.items():
            found = [outcome for one, outcome in pairs if low <= one.seconds < high]
            yielded = sum(one.confirmed_ms is not None for one in found)
            row |= {name: len(found), f"{name}_yielded": _share(yielded, len(found))}
        rows.append(row)
    return rows


def echoes(bots: Iterable[Spoken], recogniser: Recogniser, loss_db: float) -> dict[str, object]:
    """Return how often the bot's own echo pauses it, and how often it makes it yield."""
    rng = np.random.default_rng(3)
    outcomes = []
    seconds = 0.0
    for bot in bots:
        line = noise(len(bot.signal) + SAMPLE_RATE, LINE, rng)
        outcomes.append(over_bot(line, bot, recogniser, Room(loss_db, rng), 0.0))
        seconds += len(line) / SAMPLE_RATE
    return {
        "echo_loss_db": loss_db,
        "minutes": round(seconds / 60, 1),
        "pauses_per_minute": round(sum(one.starts for one in outcomes) / seconds * 60, 2),
        "yielded": sum(one.confirmed_ms is not None for one in outcomes),
        "calls": len(outcomes),
        "rejected": _reasons(outcomes),
    }


def short(phrases: PhraseSet, sentences: Phrases, voices: Voices) -> list[Saying]:
    """Return ``sentences`` of ``phrases`` in all of its voices, speeds, pitches and levels."""
    found = []
    for language, texts in sentences.items():
        for text, voice in product(texts, phrases.voices[language]):
            for speed, pitch, gain in phrases.variants[language]:
                one = voices.say(text, voice, speed=speed, pitch=pitch)
                spoken = Spoken(one.signal * 10 ** (gain / 20), text, language)
                found.append(Saying(spoken, robotic=voice.split("+")[0] in ROBOTIC))
    return found


def by_voice(sayings: Iterable[Saying]) -> dict[str, list[Spoken]]:
    """Return what is said by language and by whether a person's voice is behind it."""
    found: dict[str, list[Spoken]] = {}
    for one in sayings:
        kind = "robots" if one.robotic else "voices of people"
        found.setdefault(f"{kind}, {one.spoken.language}", []).append(one.spoken)
    return found


def human_back_channels() -> list[Spoken]:
    """Return what people say in the prompts that would be a back-channel over a bot."""
    return [
        load(prompts(language)[name].samples(), prompts(language)[name].text, language)
        for language, names in HUMAN_BACK_CHANNELS.items()
        for name in names
        if name in prompts(language)
    ]


def coughs(count: int) -> list[Spoken]:
    """Return ``count`` coughs, in both languages."""
    rng = np.random.default_rng(6)
    return [Spoken(cough(rng), "", ("en", "ru")[number % 2]) for number in range(count)]


def _share(part: int, whole: int) -> float:
    return round(part / max(whole, 1), 4)


def _reasons(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return dict(Counter(reason for one in outcomes for reason in one.rejected))
