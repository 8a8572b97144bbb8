"""Learns who wants the word: the weights of ``voicebot.turns.belief`` from the phrases for tuning.

Each phrase is said over the bot, in voices that are made of people's, half of them at 16 kHz and
half on a bad line, and what the recognisers hold for likely at its last pause is what is learned
from; coughs are among what is ignored. Transcripts are kept on disk as those of ``bench.turns``.

Tables and phrases were made together, and so a text that a table knows looks better than it is.
Figures are therefore also given across: of each phrase and voice by what was learned of the other
phrases in other voices; and of the phrases that are held back, with the weights that are in force.
``python -m bench.turns_belief --json`` prints one JSON object as its last line.
"""

from __future__ import annotations

import argparse
import json
import zlib
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.latency_machine import machine
from bench.turns_judges import JUDGES
from bench.turns_noise import Scene
from bench.turns_phrases import TUNING
from bench.turns_recogniser import OF_OTHERS, RECOGNISERS, LocalWhisper, Understood
from bench.turns_report import show
from bench.turns_sayings import PEOPLE, Saying, short
from bench.turns_speech import Line, Room, Spoken, cough, recordings
from bench.turns_voices import Voices
from bench.turns_yielding import BEGIN, call, over_bot
from voicebot.turns import belief
from voicebot.turns.languages import language
from voicebot.turns.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from bench.turns_phrases import PhraseSet
    from voicebot.media.audio import Pcm

    Told = Mapping[str, Mapping[str, float]]
    """The readings of each recogniser, by its name."""

_LANGUAGES = ("en", "ru")
_LINES = (Line.WIDE, Line.LOSSY)
_COUGHS = 60
_BOTS = 20
_FOLDS = 5
# Holds the weights back from what a few phrases alone would have them be.
_RIDGE = 20.0
_STEPS = 20
# The share of back-channels that must be ignored.
_IGNORED = 0.92


@dataclass(frozen=True, slots=True)
class Example:
    """Something said over the bot, and what was held for likely of it.

    ``wanted``: it is an interruption. ``voice`` is empty where it is a cough.
    """

    language: str
    text: str
    voice: str
    wanted: bool
    told: Told


class _Asked:
    """Hears as ``whisper`` does, and keeps what it told last."""

    def __init__(self, whisper: LocalWhisper) -> None:
        self._whisper = whisper
        self.told: Told = {}

    def hear(self, pcm: Pcm, language: str, hint: str = "") -> Understood:
        """Return what is understood of ``pcm``."""
        heard = self._whisper.hear(pcm, language, hint)
        asked = RECOGNISERS.get(language, OF_OTHERS)
        self.told = {
            weights.name: readings for weights, readings in zip(asked, heard.readings, strict=False)
        }
        return heard


def examples(
    phrases: PhraseSet, code: str, voices: Voices, whisper: LocalWhisper, *, every: int = 1
) -> list[Example]:
    """Return what is told of one of ``every`` phrases in the language ``code``, and of coughs."""
    bots = recordings(_BOTS, shortest=4.0, longest=20.0, languages=(code,))
    rng = np.random.default_rng(61)
    disturbing = [Saying(Spoken(cough(rng), "", code), "") for _ in range(_COUGHS)]
    found = []
    for sayings, wanted in (
        (short(phrases, {code: phrases.interruptions[code]}, voices), True),
        (short(phrases, {code: phrases.back_channels[code]}, voices), False),
        (disturbing, False),
    ):
        people = [one for one in sayings if one.group.startswith(PEOPLE)]
        for number, one in list(enumerate(people))[::every]:
            rng, line = np.random.default_rng(1000 + number), _LINES[number % 2]
            asked = _Asked(whisper)
            caller = call(one.spoken, Scene(line), rng, number)
            over_bot(caller, bots[number % len(bots)], asked, Room(None, rng), BEGIN)
            if asked.told:
                found.append(Example(code, one.spoken.text, one.voice, wanted, asked.told))
    return found


def shares(found: Sequence[Example], recognisers: Iterable[str]) -> list[list[belief.Shares]]:
    """Return what each example may have been, by those ``recognisers`` that heard it."""
    tables = {code: Vocabulary(language(code)) for code in {one.language for one in found}}
    chosen = set(recognisers)
    rows = []
    for one in found:
        told = [readings for name, readings in one.told.items() if name in chosen]
        # Who was not asked of a language leaves the word to the other one.
        rows.append(
            [tables[one.language].shares(readings) for readings in told or one.told.values()]
        )
    return rows


def matrix(found: Sequence[Example], recognisers: Iterable[str]) -> NDArray[np.float64]:
    """Return the evidence of each example, by those ``recognisers`` that heard it."""
    return np.array([belief.evidence(heard) for heard in shares(found, recognisers)])


def learn(
    evidence: NDArray[np.float64], wanted: NDArray[np.float64], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the weights, bias first: logistic regression, each example taken ``counts`` times."""
    weights = np.zeros(evidence.shape[1])
    ridge = np.full(len(weights), _RIDGE)
    ridge[0] = 1e-6
    for _ in range(_STEPS):
        odds = 1 / (1 + np.exp(-np.clip(evidence @ weights, -30, 30)))
        slope = evidence.T @ (counts * (odds - wanted)) + ridge * weights
        bend = (evidence * (counts * odds * (1 - odds))[:, None]).T @ evidence + np.diag(ridge)
        weights -= np.linalg.solve(bend, slope)
    return weights


def across(found: Sequence[Example], evidence: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the odds of each example by what was learned of other phrases in other voices."""
    odds, (wanted, counts) = np.zeros(len(found)), weigh(found)
    fold = np.array([zlib.crc32(one.text.encode()) % _FOLDS for one in found])
    voice = np.array([one.voice for one in found])
    for spoken, number in product(sorted(set(voice)), range(_FOLDS)):
        asked = (voice == spoken) & (fold == number)
        others = ((voice != spoken) | (voice == "")) & (fold != number)
        weights = learn(evidence[others], wanted[others], counts[others])
        odds[asked] = evidence[asked] @ weights
    return odds


def in_force(found: Sequence[Example]) -> list[dict[str, Any]]:
    """Return the figures of turn taking itself, by all that heard each example."""
    everybody = {name for one in found for name in one.told}
    return figures(found, [belief.wants_word(heard) for heard in shares(found, everybody)])


def figures(found: Sequence[Example], yielded: Iterable[bool]) -> list[dict[str, Any]]:
    """Return how many of each language and kind there are, and how many of them are yielded to."""
    decided = list(yielded)
    rows: list[dict[str, Any]] = []
    for code in sorted({one.language for one in found}):
        row: dict[str, Any] = {"language": code}
        for name, wanted, voiced in (
            ("interruptions", True, True),
            ("back_channels", False, True),
            ("coughs", False, False),
        ):
            chosen = [
                bool(decision)
                for one, decision in zip(found, decided, strict=True)
                if (one.language, one.wanted, bool(one.voice)) == (code, wanted, voiced)
            ]
            row[name] = len(chosen)
            row[f"{name}_yielded"] = sum(chosen)
        rows.append(row)
    return rows


def threshold(found: Sequence[Example], odds: NDArray[np.float64]) -> float:
    """Return the least odds by which enough back-channels of each language are ignored."""
    return max(
        float(np.quantile(odds[[_is_nod(one, code) for one in found]], _IGNORED))
        for code in {one.language for one in found if _is_nod(one, one.language)}
    )


def run(parts: Sequence[str], every: int, *, held: bool) -> dict[str, Any]:
    """Return the weights and their figures, for the languages in ``parts`` together."""
    voices, whisper = Voices(), LocalWhisper()
    found = [one for code in parts for one in examples(TUNING, code, voices, whisper, every=every)]
    whisper.save()
    everybody = {name for one in found for name in one.told}
    report: dict[str, Any] = {"machine": machine(), "examples": len(found), "across": []}
    for chosen in (*([name] for name in sorted(everybody)), sorted(everybody)):
        odds = across(found, matrix(found, chosen))
        rows = figures(found, odds >= threshold(found, odds))
        report["across"] += [{"recognisers": " and ".join(chosen), **row} for row in rows]
    evidence = matrix(found, everybody)
    weights = learn(evidence, *weigh(found))
    # Even odds are to decide.
    weights[0] -= threshold(found, evidence @ weights)
    names = belief.ShareWeights._fields
    report["learned"] = dict(zip(names, np.round(weights, 2).tolist(), strict=True))
    report["in_force"] = belief.SHARES._asdict()
    report["in_force_on_tuning"] = in_force(found)
    for name, phrases in JUDGES.items() if held else ():
        others = [one for code in parts for one in examples(phrases, code, voices, whisper)]
        whisper.save()
        report[f"in_force_on_{name}"] = in_force(others)
    return report


def weigh(found: Sequence[Example]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return which examples want the word, and how often each counts.

    Both languages, and both kinds in them, weigh the same.
    """
    kinds = [(one.language, one.wanted) for one in found]
    sizes = {kind: kinds.count(kind) for kind in set(kinds)}
    counts = [len(kinds) / len(sizes) / sizes[kind] for kind in kinds]
    return np.array([wanted for _, wanted in kinds], float), np.array(counts)


def _is_nod(one: Example, code: str) -> bool:
    return one.language == code and not one.wanted and bool(one.voice)


def main() -> None:
    """Print the weights and their figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", choices=_LANGUAGES, action="append", help="all by default")
    parser.add_argument("--every", type=int, default=1, help="one of so many phrases, odd")
    parser.add_argument("--held", action="store_true", help="judge the held-back phrases, too")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    report = run(arguments.language or _LANGUAGES, arguments.every, held=arguments.held)
    show(report)
    if arguments.json:
        print(json.dumps(report, ensure_ascii=False))


if __name__ == "__main__":
    main()
