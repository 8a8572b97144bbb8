"""What was said against what was written: word errors, waits, places."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import jiwer
import numpy as np
from whisper_normalizer.basic import BasicTextNormalizer
from whisper_normalizer.english import EnglishTextNormalizer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Party: TypeAlias = tuple[int, int]
    """The number of the call, and 0 for who called or 1 for who was called."""

LATE_S = 5.0
"""Finals that lag more are too late."""

LIVE_S = 1.0
"""Who has spoken for longer is to be read already."""

_NEAR_S = 0.6


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence as it left the phone, in monotonic seconds."""

    party: Party
    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Written:
    """A text as it came out of the sidecar. ``start`` and ``end`` are its own, made monotonic."""

    party: Party
    text: str
    start: float
    end: float
    came: float


def figures(said: Sequence[Said], written: Sequence[Written], language: str) -> dict[str, Any]:
    """Return the figures of one run."""
    pairs = matched(said, written)
    waits = [final.came - sentence.end for sentence, final in pairs]
    begins = [(final.start - sentence.start) * 1000 for sentence, final in pairs]
    ends = [(final.end - sentence.end) * 1000 for sentence, final in pairs]
    return {
        "sentences": len(said),
        "finals": len(written),
        "missed": len(said) - len(pairs),
        "wer": word_errors(said, written, language),
        "wait_s": spread(waits, 2),
        "worst_wait_s": round(max(waits), 2) if waits else None,
        "late_share": round(sum(wait > LATE_S for wait in waits) / max(len(waits), 1), 3),
        "start_error_ms": spread(begins, 0),
        "end_error_ms": spread(ends, 0),
        "out_of_order": out_of_order(written),
    }


def liveness(
    said: Sequence[Said], partials: Sequence[Written], written: Sequence[Written]
) -> dict[str, Any]:
    """Return how soon something of a sentence is shown, and how old a partial is then.

    ``first_text_s`` is from the begin of a sentence that is longer than ``LIVE_S`` to the first
    text of it, and ``shown_late`` is the share of those of which nothing is shown by ``LIVE_S``.
    ``behind_s`` is from the last sound that a partial can know of until it is shown.
    """
    by_party: Mapping[Party, list[Written]] = _by_party([*partials, *written])
    firsts: list[float] = []
    long = [sentence for sentence in said if sentence.end - sentence.start > LIVE_S]
    for sentence in long:
        own = [it.came for it in by_party[sentence.party] if _is_of(it, sentence)]
        if own:
            firsts.append(min(own) - sentence.start)
    in_time = sum(first <= LIVE_S for first in firsts)
    return {
        "partials": len(partials),
        "first_text_s": spread(firsts, 2),
        "worst_first_text_s": round(max(firsts), 2) if firsts else None,
        "shown_late": round(1 - in_time / len(long), 3) if long else None,
        "behind_s": spread([it.came - it.end for it in partials], 2),
    }


def _is_of(text: Written, sentence: Said) -> bool:
    return sentence.start - _NEAR_S < text.start < text.end < sentence.end + _NEAR_S


def matched(said: Sequence[Said], written: Sequence[Written]) -> list[tuple[Said, Written]]:
    """Return each sentence with the final that ends where it does; others are missed."""
    by_party: Mapping[Party, list[Written]] = _by_party(written)
    pairs = []
    for sentence in said:
        finals = by_party[sentence.party]
        nearest = min(finals, key=lambda final: abs(final.end - sentence.end), default=None)
        if nearest is not None and abs(nearest.end - sentence.end) < _NEAR_S:
            pairs.append((sentence, nearest))
    return pairs


def word_errors(
    said: Sequence[Said], written: Sequence[Written], language: str
) -> dict[str, float | None]:
    """Return the word error rate of all, and of the best and the worst party."""
    normal = EnglishTextNormalizer() if language == "en" else BasicTextNormalizer()
    texts, heard = _by_party(said), _by_party(written)
    rates, references, hypotheses = [], [], []
    for party, sentences in texts.items():
        reference = normal(" ".join(one.text for one in sentences))
        hypothesis = normal(" ".join(one.text for one in heard[party]))
        references.append(reference)
        hypotheses.append(hypothesis)
        rates.append(jiwer.wer(reference, hypothesis))
    if not rates:
        return {"all": None, "best_party": None, "worst_party": None}
    return {
        "all": round(float(jiwer.wer(references, hypotheses)), 3),
        "best_party": round(float(min(rates)), 3),
        "worst_party": round(float(max(rates)), 3),
    }


def out_of_order(written: Sequence[Written]) -> int:
    """Return how many finals came after one of the same call that ended later."""
    latest: dict[int, float] = {}
    wrong = 0
    for final in sorted(written, key=lambda one: one.came):
        call = final.party[0]
        wrong += final.end < latest.get(call, 0.0) - 1e-3
        latest[call] = max(latest.get(call, 0.0), final.end)
    return wrong


def spread(values: Sequence[float], digits: int) -> dict[str, float]:
    """Return the 50th and 95th percentile of ``values``."""
    if not values:
        return {}
    middle, high = np.percentile(values, (50, 95))
    return {"p50": round(float(middle), digits), "p95": round(float(high), digits)}


def _by_party(items: Sequence[Any]) -> dict[Party, list[Any]]:
    found: dict[Party, list[Any]] = defaultdict(list)
    for item in sorted(items, key=lambda one: one.start):
        found[item.party].append(item)
    return found
