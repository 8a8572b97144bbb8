"""The likeliest texts of a decoder that writes one token after another.

What differs in capitals and punctuation alone is one text here: where only a few are followed, they
are to be different words.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from voicebot.models.readings import MOST, TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

BEGIN = 1
"""The token that stands before every text."""

END = 2
"""The token after it. There are no others that stand for no text, but for that of number 0."""

# What is e to this less likely than the best is not looked at; nor does anybody go on who is as
# much behind what has ended.
_FAR = 9.0
_BEHIND = 4.5
# Of the next tokens of all texts: most of them are the same words with another capital or mark.
_LOOKED_AT = 6 * MOST


class Step(Protocol):
    """The decoder, listening to one utterance."""

    def __call__(self, tokens: Sequence[int], parents: Sequence[int]) -> Floats:
        """Return the logits after each of ``tokens``, ``[tokens, vocabulary]``.

        Each goes on from a text of the call before: ``parents`` are the numbers of these there.
        """
        ...


class _Text(NamedTuple):
    plain: str
    token: int
    parent: int
    odds: float


def likeliest(step: Step, plain: Sequence[str]) -> dict[str, float]:
    """Return the likeliest texts, each with its probability; ``plain`` is what the tokens say."""
    going = [_Text("", BEGIN, 0, 0.0)]
    ended: dict[str, float] = {}
    for _ in range(TOKENS):
        before = np.array([text.odds for text in going], np.float32)
        logits = step([text.token for text in going], [text.parent for text in going])
        longer: dict[str, _Text] = {}
        for row, token, odds in _best(_log_softmax(logits) + before[:, None]):
            said = going[row].plain
            if token == END:
                ended[said] = _either(ended.get(said), odds)
                continue
            said += plain[token]
            known = longer.get(said)
            if known is not None:
                longer[said] = known._replace(odds=_either(known.odds, odds))
            elif len(longer) < MOST:
                longer[said] = _Text(said, token, row, odds)
        going = list(longer.values())
        if not going or _is_over(ended, max(text.odds for text in going)):
            break
    found = sorted(ended.items(), key=lambda text: -text[1])[:MOST]
    return {said: math.exp(min(odds, 0.0)) for said, odds in found}


def _best(odds: Floats) -> Iterator[tuple[int, int, float]]:
    """Yield text, token and log probability of the likeliest next tokens, best first."""
    flat = odds.ravel()
    near = np.flatnonzero(flat > flat.max() - _FAR)
    for place in near[np.argsort(-flat[near])][:_LOOKED_AT]:
        row, token = divmod(int(place), odds.shape[1])
        yield row, token, float(flat[place])


def _is_over(ended: dict[str, float], going: float) -> bool:
    """Return whether what still goes on, with log odds of ``going`` at best, changes nothing."""
    best = sorted(ended.values(), reverse=True)
    if len(best) >= MOST and going < best[MOST - 1]:
        return True
    return bool(best) and going < best[0] - _BEHIND


def _either(one: float | None, other: float) -> float:
    return other if one is None else float(np.logaddexp(one, other))


def _log_softmax(logits: Floats) -> Floats:
    above: Floats = logits - logits.max(axis=1, keepdims=True)
    odds: Floats = above - np.log(np.exp(above).sum(axis=1, keepdims=True))
    return odds
