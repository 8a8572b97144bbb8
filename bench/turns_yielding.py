"""Whether the bot yields to real interruptions, and to nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from bench.turns_noise import QUIET, Scene
from bench.turns_recogniser import delay_ms
from bench.turns_speech import LEVEL, LINE, Room, frames, level, lost, noise, quantiles, through
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
    from collections.abc import Collection, Iterable, Sequence

    from bench.turns_recogniser import Recogniser, Understood
    from bench.turns_speech import Signal, Spoken
    from voicebot.turns.events import Utterance

DURATIONS = (0.1, 0.3, 0.5, 0.7, 0.9, 1.2, 2.0, 8.0)
BEGIN = 1.5
AFTER = 1.8


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
    gaps: Collection[int] = (),
) -> Outcome:
    """Let ``bot`` speak through ``room`` while ``caller`` is on the line.

    Playout stops and resumes as the turn taker says, so that an echo stops with it. ``onset`` is
    when the caller begins, in seconds. Without ``recogniser`` no transcript comes. ``turns`` may
    know the caller already; ``gaps`` are the frames of his that were lost.
    """
    turns = turns or TurnTaker(TurnSettings(), bot.language)
    outcome, playing = Outcome(), True
    due: list[tuple[float, Utterance, Understood]] = []
    voice = frames(np.resize(bot.signal, len(caller)))
    turns.bot_started(bot.text)
    for number in range(len(caller) // FRAME_SAMPLES):
        played = next(voice) if playing else None
        line = caller[number * FRAME_SAMPLES :][:FRAME_SAMPLES] + room.play(played or SILENCE)
        heard = next(frames(line, (0,) if number in gaps else ()))
        events = turns.push(heard, bot=played)
        while due and turns.now >= due[0][0]:
            _, what, found = due.pop(0)
            events += turns.transcribed(
                what.number,
                what.revision,
                found.text,
                finished=found.finished,
                confidence=found.confidence,
                readings=found.readings,
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
                when = turns.now + delay_ms(what.pcm, what.hint) * SAMPLE_RATE / 1000
                due.append((when, what, recogniser.hear(what.pcm, bot.language, what.hint)))
    return outcome


def call(one: Spoken, scene: Scene, rng: np.random.Generator, seed: int) -> Signal:
    """Return a caller who is silent, says ``one``, and is silent again."""
    before, after = (np.zeros(int(s * SAMPLE_RATE)) for s in (BEGIN, AFTER))
    signal = np.concatenate([before, one.signal, after])
    signal = signal + scene.beside(len(signal), level(one.signal), rng)
    return through(signal + noise(len(signal), LINE, rng), scene.line, seed)


def spoken_over(
    spoken: Iterable[Spoken],
    bots: Sequence[Spoken],
    recogniser: Recogniser | None,
    scene: Scene = QUIET,
    *,
    echo_db: float | None = None,
) -> list[Outcome]:
    """Return what becomes of each of ``spoken`` over a bot of its language."""
    rng = np.random.default_rng(2)
    outcomes = []
    for number, one in enumerate(spoken):
        choice = [bot for bot in bots if bot.language == one.language]
        bot = choice[number % len(choice)]
        caller = call(one, scene, rng, number)
        gaps = lost(len(caller), scene.line, number)
        room = Room(echo_db, rng)
        outcomes.append(over_bot(caller, bot, recogniser, room, BEGIN, gaps=gaps))
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


def selecting(calling: Sequence[Outcome], nodding: Sequence[Outcome]) -> dict[str, object]:
    """Return to how many of those who interrupt the bot yields, and to how many who only nod.

    Who is yielded to before he speaks, for the noise, is not counted among the former.
    """
    right = [one.confirmed_ms for one in calling if (one.confirmed_ms or 0) > 0]
    wrong = sum(one.confirmed_ms is not None for one in nodding)
    return {
        "interruptions": len(calling),
        "interruptions_yielded": _share(len(right), len(calling)),
        "back_channels": len(nodding),
        "back_channels_yielded": _share(wrong, len(nodding)),
        "yielded_too_early": sum((one.confirmed_ms or 0) < 0 for one in (*calling, *nodding)),
        "confirmed_ms": quantiles([ms for ms in right if ms is not None]),
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
    return {"echo_loss_db": loss_db, **_undisturbed(bots, recogniser, QUIET, loss_db)}


def noises(bots: Iterable[Spoken], recogniser: Recogniser, scene: Scene) -> dict[str, object]:
    """Return how often what is beside a caller who is silent pauses the bot, or makes it yield."""
    return {**place(scene), **_undisturbed(bots, recogniser, scene, None)}


def place(scene: Scene) -> dict[str, object]:
    """Return ``scene`` as the beginning of a row."""
    return {"noise": scene.noise, "snr_db": scene.snr, "line": str(scene.line)}


def _undisturbed(
    bots: Iterable[Spoken], recogniser: Recogniser, scene: Scene, loss_db: float | None
) -> dict[str, object]:
    """Return what becomes of bots that nobody interrupts."""
    rng = np.random.default_rng(3)
    outcomes = []
    seconds = 0.0
    for number, bot in enumerate(bots):
        length = len(bot.signal) + SAMPLE_RATE
        beside = scene.beside(length, LEVEL, rng) + noise(length, LINE, rng)
        line = through(beside, scene.line, number)
        gaps = lost(length, scene.line, number)
        outcomes.append(over_bot(line, bot, recogniser, Room(loss_db, rng), 0.0, gaps=gaps))
        seconds += length / SAMPLE_RATE
    return {
        "minutes": round(seconds / 60, 1),
        "pauses_per_minute": round(sum(one.starts for one in outcomes) / seconds * 60, 2),
        "yielded": sum(one.confirmed_ms is not None for one in outcomes),
        "calls": len(outcomes),
        "rejected": _reasons(outcomes),
    }


def _share(part: int, whole: int) -> float:
    return round(part / max(whole, 1), 4)


def _reasons(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return dict(Counter(reason for one in outcomes for reason in one.rejected))
