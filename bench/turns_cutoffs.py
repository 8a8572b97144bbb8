"""How many turns are cut off, where, and how long the others wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.turns_speech import Break, quantiles
from voicebot.media.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.turns_endings import End, Heard, Pause

    Wait = Callable[[Heard, Pause], float]


# What follows the last sound by less is transcribed with it, or is the recording's fading.
_MISSED_MS = 160


def figures(turns: Sequence[Heard], wait: Wait) -> dict[str, object]:
    """Return the shares of turns cut off, and how long the others waited from their true end.

    ``false_cut_offs``: in a pause where nobody would have taken the turn; ``after_whole``: after
    what could have been all; ``cut_off``: both together. ``faint`` are those of the others that
    said more, too faintly, after what was taken for their last sound, and after what is transcribed
    with it. ``sentence_ms`` are the waits after finished sentences, ``wait_ms`` those after
    everything.
    """
    ends = [(one, one.ended(wait)) for one in turns]
    waits = [(one, end.at_ms - one.end_ms) for one, end in ends if not end.cut_off]
    whole = [(one, end) for one, end in ends if one.spoken.kind is Break.WHOLE]
    others = [(one, end) for one, end in ends if one.spoken.kind in {Break.OPEN, Break.NUMBER}]
    sentences = [ms for one, ms in waits if one.is_sentence and ms < np.inf]
    return {
        "turns": len(whole) + len(others),
        "false_cut_offs": _cut_off(others),
        "after_whole": _cut_off(whole),
        "cut_off": _cut_off(whole + others),
        "faint": sum(not end.cut_off and end.missed_ms > _MISSED_MS for _, end in ends),
        "never": sum(ms == np.inf for _, ms in waits),
        "sentence_ms": quantiles(sentences),
        "mean_sentence_ms": round(float(np.mean(sentences))) if sentences else None,
        "wait_ms": quantiles([ms for _, ms in waits if ms < np.inf]),
    }


def _cut_off(ends: Sequence[tuple[Heard, End]]) -> float:
    return round(sum(end.cut_off for _, end in ends) / max(len(ends), 1), 4)


def noises_answered(turns: Sequence[Heard], wait: Wait) -> int:
    """Return how many turns were ended before the caller had begun: noise was taken for words."""
    return sum(one.ended(wait).at_ms < one.begin_ms for one in turns)


def by_length(turns: Sequence[Heard], wait: Wait) -> list[dict[str, object]]:
    """Return the shares of turns cut off by the longest pause in them."""
    rows = []
    for low, high in ((100, 250), (250, 500), (500, 1000), (1000, 1500), (1500, 2001)):
        chosen = [
            one
            for one in turns
            if one.spoken.pauses
            and low <= max(length * 1000 / SAMPLE_RATE for _, length in one.spoken.pauses) < high
        ]
        found = figures(chosen, wait)
        shares = {name: found[name] for name in ("turns", "false_cut_offs", "after_whole")}
        rows.append({"longest_ms": [low, high - high % 2], **shares})
    return rows


def by_kind(turns: Sequence[Heard], wait: Wait) -> list[dict[str, object]]:
    """Return the share of turns cut off by where they pause, and by language."""
    rows: list[dict[str, object]] = []
    for kind in Break:
        for language in ("en", "ru"):
            chosen = [
                one for one in turns if (one.spoken.kind, one.spoken.language) == (kind, language)
            ]
            if chosen:
                share = _cut_off([(one, one.ended(wait)) for one in chosen])
                place = {"pause": str(kind), "language": language}
                rows.append({**place, "turns": len(chosen), "cut_off": share})
    return rows
