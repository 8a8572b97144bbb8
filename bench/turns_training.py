"""Learns which texts are whole: writes the weights of ``voicebot.turns.completion``.

    pip download --no-deps chitchat-dataset && apt-get download fortunes-ru
    python -m bench.turns_training en chitchat_dataset-*.whl
    python -m bench.turns_training ru fortunes-ru_*.deb

English: 258,000 messages that people wrote to each other in the BYU Chit-Chat dataset (MIT).
Russian: the sayings and jokes of fortune-mod-ru (GPL-2; only weights are kept, no text). Each
sentence is one example of a whole text, and its beginnings up to random words are examples of the
others. Punctuation and capitals are left out: recognisers have their own mind about those.
Every twentieth sentence is held back, and how well its pieces are told apart is printed.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.turns_detection import auc
from voicebot.turns import completion
from voicebot.turns.words import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_SENTENCES = re.compile(r"(?<=[.!?])\s+")
_WORDS = range(2, 26)
_MOST = 700_000
# Fewer examples, fewer features: the rest would be learned by heart.
_DECAY = 3e-6
_EPOCHS = 6
_BATCH = 512
_RATE = 0.5
_HELD = 20
_STEPS = 127


def english(file: Path) -> Iterator[str]:
    """Yield the sentences of the Chit-Chat dataset's wheel."""
    talks = json.loads(zipfile.ZipFile(file).read("chitchat_dataset/dataset.json"))
    for talk in talks.values():
        for turn in talk["messages"]:
            for message in turn:
                yield from _SENTENCES.split(message["text"])


def russian(file: Path) -> Iterator[str]:
    """Yield the sentences of Debian's fortunes-ru, without the names under them."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg", "-x", file, folder], check=True)
        for source in sorted(Path(folder, "usr/share/games/fortunes/ru").iterdir()):
            if source.suffix == ".dat":
                continue
            for saying in source.read_text(errors="ignore").split("\n%\n"):
                text = " ".join(re.sub(r"\n\s*--.*", "", saying, flags=re.DOTALL).split())
                whole = (one.strip(" -–—") for one in _SENTENCES.split(text))
                yield from (one for one in whole if one[-1:] in ".!?" and one[-2:] != "..")


SOURCES = {"en": english, "ru": russian}


def examples(sentences: Iterator[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the buckets of each example's features, ``[examples, features]``, and its truth."""
    rng = np.random.default_rng(3)
    found: list[list[int]] = []
    truth: list[int] = []
    for words in {" ".join(tokens(one)): None for one in sentences}:
        text = words.split()
        if len(text) not in _WORDS or len(truth) >= _MOST:
            continue
        cuts = rng.integers(1, len(text), 2 if len(text) > 4 else 1)
        for piece in (text, *(text[:cut] for cut in cuts)):
            found.append([completion.bucket(one) for one in completion.features(piece)])
            truth.append(piece is text)
    return np.array(found), np.array(truth, np.int64)


def learn(buckets: NDArray[np.int64], truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the weights: logistic regression by AdaGrad, weights decaying towards zero."""
    rng = np.random.default_rng(4)
    weights = np.zeros(completion.BUCKETS)
    squares = np.full(completion.BUCKETS, 1e-2)
    for _ in range(_EPOCHS):
        for rows in np.array_split(rng.permutation(len(truth)), len(truth) // _BATCH):
            seen = buckets[rows]
            error = 1 / (1 + np.exp(-weights[seen].sum(axis=1))) - truth[rows]
            slope = np.zeros(completion.BUCKETS)
            np.add.at(slope, seen, error[:, None])
            slope = slope / len(rows) + _DECAY * weights
            squares += slope**2
            weights -= _RATE * slope / np.sqrt(squares)
    return weights


def main() -> None:
    """Learn one language."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("language", choices=SOURCES)
    parser.add_argument("source", type=Path)
    arguments = parser.parse_args()
    buckets, truth = examples(SOURCES[arguments.language](arguments.source))
    held = np.arange(len(truth)) // 3 % _HELD == 0
    weights = learn(buckets[~held], truth[~held])
    quantised = np.clip(np.round(weights / completion.STEP), -_STEPS, _STEPS).astype(np.int8)
    scores = quantised[buckets[held]].sum(axis=1).astype(np.float64)
    print(f"{len(truth)} examples, {np.count_nonzero(quantised)} weights")
    print(f"ROC-AUC of the {held.sum()} held back: {auc(scores, truth[held]):.3f}")
    quantised.tofile(Path(completion.__file__).with_name(f"completion_{arguments.language}.i8"))


if __name__ == "__main__":
    main()
