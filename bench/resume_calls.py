"""Where the bot went on after back-channels in real calls, by the phone's own recordings alone.

``python -m bench.latency --local --script bench/latency_murmurs.txt --calls 4 --keep DIR`` makes
the recordings, ``python -m bench.resume_calls DIR --json`` looks into them. Whoever goes on with
the word that was interrupted says its beginning twice: by that likeness it is found what was said
``again``, and so where the voice went on. Between two words it is mostly quiet: ``resumed_db`` is
by how much that place is quieter than the loud ones around it, ``stopped_db`` the same of the place
where the caller stopped the bot. Where the words really are only the voice knows: ``bench.resume``.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from bench.latency_machine import machine
from bench.latency_speech import speech
from bench.turns_report import show
from bench.turns_speech import quantiles
from bench.waveform import levels, read_wav

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.waveform import Samples, Segment

GAP_SECONDS: Final = 0.06
"""Where the bot is quiet for longer, it pauses between words, or was stopped."""

STOPS_WITHIN: Final = 0.4
"""Seconds from the caller's onset in which a bot that yields has become quiet."""

LEAST_PAUSE: Final = 0.2
AGAIN_SECONDS: Final = 1.2
PATTERN_SECONDS: Final = 0.03
LONGEST_PATTERN: Final = 0.3
LEAST_LIKENESS: Final = 0.9
FADE_SECONDS: Final = 0.01
AROUND: Final = 400
NEAR: Final = 25
SMOOTHED: Final = 10
"""Milliseconds: what is around a place, what is still the place, and what a level is taken over."""

LOUD_PERCENTILE: Final = 95


@dataclass(frozen=True, slots=True)
class Resumption:
    """The bot was quiet from ``stopped`` until ``resumed``, and said ``again`` seconds twice."""

    onset: float
    stopped: float
    resumed: float
    again: float

    @property
    def place(self) -> float:
        """Where in the first saying of it the bot went on."""
        return self.stopped - self.again


def resumptions(said: Samples, heard: Samples, rate: int) -> list[Resumption]:
    """Return where the bot was stopped by what the caller ``said``, and went on."""
    bot = speech(heard, rate, gap=GAP_SECONDS)
    found = (_resumption(caller, bot, heard, rate) for caller in speech(said, rate))
    return [one for one in found if one is not None]


def _resumption(
    caller: Segment, bot: Sequence[Segment], heard: Samples, rate: int
) -> Resumption | None:
    if not any(one.start < caller.start < one.end + GAP_SECONDS for one in bot):
        return None
    for one, following in pairwise(bot):
        stops = caller.start < one.end < caller.start + STOPS_WITHIN
        if stops and following.start - one.end >= LEAST_PAUSE:
            again = said_again(heard, rate, one.end, following.start)
            return Resumption(caller.start, one.end, following.start, again)
    return None


def said_again(heard: Samples, rate: int, stopped: float, resumed: float) -> float:
    """Return how many of the seconds before ``stopped`` were said again after ``resumed``."""
    end = round((stopped - FADE_SECONDS) * rate)
    begin = max(end - round(AGAIN_SECONDS * rate), 0)
    before = heard[begin:end].astype(np.float64)
    after = heard[round(resumed * rate) :][: round(LONGEST_PATTERN * rate)].astype(np.float64)
    size = round(PATTERN_SECONDS * rate)
    best, place = 0.0, len(before)
    for start in range(len(before) - size + 1):
        first = before[start:][: len(after)]
        second = after[: len(first)]
        energy = np.sqrt((first @ first) * (second @ second))
        likeness = float(first @ second / energy) if energy else 0.0
        if likeness > best:
            best, place = likeness, start
    if best < LEAST_LIKENESS:
        return 0.0
    return (len(before) - place) / rate + FADE_SECONDS


def quieter(heard: Samples, rate: int, place: float) -> float:
    """Return by how many dB it is quieter at ``place`` than at the loud places around it."""
    power = 10 ** (levels(heard, rate) / 10)
    smooth = np.convolve(power, np.ones(SMOOTHED) / SMOOTHED, "same")
    level = 10 * np.log10(np.maximum(smooth, 1e-10))
    at = round(1000 * place)
    around = level[max(at - AROUND, 0) : at + AROUND]
    here = level[max(at - NEAR, 0) : at + NEAR]
    return round(float(np.percentile(around, LOUD_PERCENTILE) - here.min()), 1)


def said_once(heard: Samples, rate: int, one: Resumption) -> Samples:
    """Return what was heard as if the bot had not been stopped."""
    stopped = round((one.stopped - FADE_SECONDS) * rate)
    following = round((one.resumed + one.again - FADE_SECONDS) * rate)
    return np.concatenate([heard[:stopped], heard[following:]])


def run(folder: Path) -> dict[str, Any]:
    """Return the figures of the recordings in ``folder``."""
    rows: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.wav")):
        said, rate = read_wav(path)
        heard, _ = read_wav(path, channel=1)
        for one in resumptions(said, heard, rate):
            once = said_once(heard, rate, one)
            rows.append(
                {
                    "call": path.stem,
                    "at_s": round(one.onset, 2),
                    "quiet_after_ms": round(1000 * (one.stopped - one.onset)),
                    "quiet_for_ms": round(1000 * (one.resumed - one.stopped)),
                    "again_ms": round(1000 * one.again),
                    "stopped_db": quieter(once, rate, one.stopped - FADE_SECONDS),
                    "resumed_db": quieter(once, rate, one.place),
                }
            )
    return {"resumptions": rows, "all": summary(rows), "machine": machine()}


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return how what is told of all ``rows`` is spread."""
    names = ("quiet_after_ms", "quiet_for_ms", "again_ms", "stopped_db", "resumed_db")
    spreads = {name: quantiles([row[name] for row in rows]) for name in names}
    return {"count": len(rows), **spreads}


def main() -> None:
    """Look into the recordings and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="stereo WAV files: left said, right heard")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    arguments = parser.parse_args()
    report = run(arguments.folder)
    show(report)
    if arguments.json:
        print(json.dumps(report))


if __name__ == "__main__":
    main()
