"""How long the local recogniser takes, by the length of what was said.

Human recordings, joined or cut to length, through the model itself: no server, no network. Each
length is measured with different speech each time. ``python -m bench.recognition --json`` prints
one JSON object as its last line.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.latency_machine import machine
from bench.plots import ACCENT, INK, PALETTE, canvas, save
from bench.turns_speech import quantiles, recordings
from voicebot.media.audio import SAMPLE_RATE
from voicebot.models.weights import WHISPER_BASE, WHISPER_TINY_EN, Store
from voicebot.models.whisper import Whisper

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicebot.models.seams import Samples

LENGTHS_S = (1.0, 3.0, 5.0, 10.0)
GOALS_MS = {3.0: 120.0, 10.0: 300.0}
_GAP = SAMPLE_RATE // 5


def speech(language: str, seconds: float, count: int) -> list[Samples]:
    """Return ``count`` pieces of human speech, each ``seconds`` long."""
    wanted = int(seconds * SAMPLE_RATE)
    spoken = recordings(200, shortest=0.8, longest=20.0, languages=(language,))
    pieces = _joined([one.signal.astype(np.float32) / np.float32(32768) for one in spoken], wanted)
    return [piece for piece, _ in zip(pieces, range(count), strict=False)]


def _joined(signals: Sequence[Samples], wanted: int) -> Iterator[Samples]:
    """Yield pieces of ``wanted`` samples: whole recordings with short pauses, the last one cut."""
    held = np.zeros(0, np.float32)
    for signal in signals:
        held = np.concatenate((held, signal))
        if len(held) >= wanted:
            yield held[:wanted]
            held = np.zeros(0, np.float32)
        else:
            held = np.concatenate((held, np.zeros(_GAP, np.float32)))


def measure(
    model: Whisper, pieces: Sequence[Samples], language: str, *, words: bool
) -> list[float]:
    """Return how many milliseconds each piece takes."""
    model.recognise(pieces[0], language=language, prompt="", words=words)
    times = []
    for piece in pieces:
        begin = time.perf_counter()
        model.recognise(piece, language=language, prompt="", words=words)
        times.append((time.perf_counter() - begin) * 1000)
    return times


def run(languages: Sequence[str], threads: Sequence[int], count: int) -> dict[str, Any]:
    """Return the figures."""
    rows = []
    for language in languages:
        weights = WHISPER_TINY_EN if language == "en" else WHISPER_BASE
        folder = Store().folder(weights)
        sets = {seconds: speech(language, seconds, count) for seconds in LENGTHS_S}
        for number in threads:
            model = Whisper(folder, threads=number)
            for seconds, pieces in sets.items():
                for words in (False, True):
                    times = measure(model, pieces, language, words=words)
                    rows.append(
                        {
                            "model": weights.name,
                            "seconds": seconds,
                            "threads": number,
                            "words": words,
                            "pieces": len(pieces),
                            "ms": quantiles(times),
                        }
                    )
    return {"machine": machine(), "recognition": rows}


def show(report: dict[str, Any]) -> None:
    """Print the table."""
    print(
        f"{'model':16} {'speech':>7} {'threads':>8} {'words':>6} {'p50 ms':>7} {'p95 ms':>7}  goal"
    )
    for row in report["recognition"]:
        goal = GOALS_MS.get(row["seconds"]) if "tiny" in row["model"] else None
        words, ms = "yes" if row["words"] else "no", row["ms"]
        print(
            f"{row['model']:16} {row['seconds']:>5g} s {row['threads']:>8} {words:>6} "
            f"{ms['p50']:>7} {ms['p95']:>7}  {f'{goal:.0f} ms' if goal else ''}"
        )


def draw(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw the time against the length, without the times of words. Raises ``PictureError``."""
    figure, axes = canvas((8.0, 4.0))
    kinds = dict.fromkeys((row["model"], row["threads"]) for row in rows)
    for colour, (model, threads) in zip(PALETTE * len(kinds), kinds, strict=False):
        chosen = [row for row in rows if (row["model"], row["threads"]) == (model, threads)]
        chosen = [row for row in chosen if not row["words"]]
        lengths = [row["seconds"] for row in chosen]
        name = f"{model}, {threads} thread{'s' if threads > 1 else ''}"
        axes.plot(lengths, [row["ms"]["p50"] for row in chosen], "o-", color=colour, label=name)
        axes.fill_between(
            lengths,
            [row["ms"]["p5"] for row in chosen],
            [row["ms"]["p95"] for row in chosen],
            color=colour,
            alpha=0.2,
        )
    axes.plot(*zip(*GOALS_MS.items(), strict=True), "*", color=ACCENT, label="goal, English")
    axes.set_xlabel("seconds of speech")
    axes.set_ylabel("ms to its text: p50, p5 to p95")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    axes.set_title("How long recognition takes", loc="left", color=INK)
    save(figure, path)


def main() -> None:
    """Measure and print."""
    # As in the server: threads that wait must not spin.
    os.environ.setdefault("KMP_BLOCKTIME", "0")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20, help="pieces of each length")
    parser.add_argument("--threads", type=int, action="append", help="repeatable; default 1 and 2")
    parser.add_argument("--language", action="append", help="repeatable; default en")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="write a picture")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    arguments = parser.parse_args()
    report = run(arguments.language or ["en"], arguments.threads or [1, 2], arguments.count)
    show(report)
    if arguments.plot is not None:
        draw(arguments.plot, report["recognition"])
    if arguments.json:
        print(json.dumps(report))


if __name__ == "__main__":
    main()
