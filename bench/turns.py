"""How well turn taking hears: onsets, ends, cut-offs, interruptions, echoes, and their cost.

Human recordings (``bench.prompts``) and synthetic voices through the pure classes, without a clock:
hours of calls in minutes. What is said is what the local Whisper understands of each revision; its
transcripts are kept on disk, and are taken to come after 40 ms and 26 ms a second of speech.
``python -m bench.turns --json`` prints one JSON object as its last line.

Cut-offs are told of turns with pauses from 100 ms to 2 s: where prompts pause, where callers
hesitate, between the groups of a number. The tuned setting is found on every second turn; all
figures of cut-offs are from the others.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jiwer
from whisper_normalizer.english import EnglishTextNormalizer

from bench import turns_endings as endings
from bench import turns_yielding as yielding
from bench.latency_machine import machine
from bench.turns_detection import (
    cost,
    detection,
    first_stage,
    level_stage,
    roc_auc,
    silero_stage,
    webrtc_stage,
)
from bench.turns_pauses import pausing
from bench.turns_recogniser import LocalWhisper
from bench.turns_report import save_curve, show
from bench.turns_speech import Line, Spoken, quantiles, recordings
from bench.turns_voices import Voices
from voicebot.config import TurnSettings
from voicebot.errors import ConfigError
from voicebot.turns.silero import load_silero

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.turns_recogniser import Recogniser

SNRS = (None, 20, 10, 5)
ECHOES = (None, 30, 20, 12)
CUT_OFF_GOAL = 0.05
PARTS = ("detection", "endings", "yielding", "words")


def detections(count: int) -> dict[str, Any]:
    """Return where speech starts and ends, by noise and by line, and how well stages tell it."""
    spoken = recordings(count, shortest=1.0, longest=8.0)
    stages = {"webrtcvad": webrtc_stage, "level": level_stage, "first stage": first_stage}
    try:
        load_silero()
        stages["silero"] = silero_stage
    except ConfigError as error:
        print(error)
    return {
        "detection": [
            *(detection(spoken, snr=snr) for snr in SNRS),
            *(detection(spoken, line=line) for line in (Line.G711, Line.LOSSY)),
        ],
        "vad_roc_auc": [roc_auc(spoken[:20], stages, snr) for snr in (20, 10, 5)],
        "cost": cost(spoken[:20]),
    }


def ends(count: int, voices: Voices, recogniser: Recogniser) -> dict[str, Any]:
    """Return how many turns are cut off, at which latency, on the half that nothing is tuned on."""
    spoken = pausing(voices, count) + recordings(count, shortest=0.8, longest=6.0)
    held = spoken[1::2]
    tuning = endings.hear(spoken[::2], recogniser, None)
    heard = endings.hear(held, recogniser, None)
    ours = TurnSettings()
    best = endings.tune(tuning, CUT_OFF_GOAL, acoustics=False)
    rows = [_row("ours", Line.WIDE, heard, ours)]
    if best is not None:
        rows.append(_row(f"tuned for {CUT_OFF_GOAL:.0%}", Line.WIDE, heard, best))
    for line in (Line.G711, Line.LOSSY):
        # A half of them: each line wants transcripts of its own.
        through = [one.over(line, number) for number, one in enumerate(held[::2])]
        rows.append(_row("ours", line, endings.hear(through, recogniser, None), ours))
    pausing_only = [one for one in held if one.pauses]
    return {
        "cut_offs": rows,
        "cut_offs_by_turn_taker": endings.through_taker(pausing_only, recogniser, ours),
        "cut_offs_by_pause": endings.by_length(heard, endings.by_settings(ours)),
        "curve_words": [
            {"scale": factor, **_cut(heard, endings.scaled(ours, factor))}
            for factor in endings.SCALES
        ],
        "curve_silence": [
            {"ms": ms, **endings.figures(heard, endings.fixed(ms))} for ms in endings.FIXED_MS
        ],
    }


def _cut(heard: Sequence[endings.Heard], settings: TurnSettings) -> dict[str, Any]:
    return endings.figures(heard, endings.by_settings(settings))


def _row(
    name: str, line: Line, heard: Sequence[endings.Heard], settings: TurnSettings
) -> dict[str, Any]:
    values = [getattr(settings, one) for one in endings.GRID]
    silences = "/".join(map(str, values))
    return {"setting": name, "silences_ms": silences, "line": str(line), **_cut(heard, settings)}


def yields(count: int, voices: Voices, recogniser: Recogniser) -> dict[str, Any]:
    """Return to whom the bot yields."""
    bots = recordings(count, shortest=4.0, longest=20.0)
    people = recordings(count, shortest=1.0, longest=8.0)
    variants = 3 if count >= 20 else 1
    nods = yielding.short(yielding.BACK_CHANNELS, voices, variants)
    words = yielding.short(yielding.INTERRUPTIONS, voices, variants)
    groups = {"people": people, "synthetic": words}
    rows = []
    for name, spoken in groups.items():
        for line in (Line.WIDE, Line.LOSSY):
            outcomes = yielding.spoken_over(spoken, bots, recogniser, line=line)
            rows.append({"who": name, "line": str(line), **yielding.yielding(outcomes)})
    for loss in ECHOES[1:]:
        outcomes = yielding.spoken_over(people, bots, recogniser, echo_db=loss)
        rows.append({"who": f"people, echo -{loss} dB", "line": "", **yielding.yielding(outcomes)})
    ignored = []
    others: dict[str, list[Spoken]] = {
        "back-channels en": [one for one in nods if one.language == "en"],
        "back-channels ru": [one for one in nods if one.language == "ru"],
        "back-channels, people": yielding.human_back_channels(),
        "coughs": yielding.coughs(2 * count),
    }
    for name, spoken in others.items():
        for line in (Line.WIDE, Line.LOSSY):
            outcomes = yielding.spoken_over(spoken, bots, recogniser, line=line)
            ignored.append({"what": name, "line": str(line), **yielding.ignoring(outcomes)})
    return {
        "interruptions": rows,
        "ignored": ignored,
        "echoes": [yielding.echoes(bots, recogniser, loss) for loss in (30, 20, 12)],
    }


def words(count: int, recogniser: Recogniser) -> dict[str, Any]:
    """Return the word error rate of English by line (whisper_normalizer's English rules)."""
    spoken = recordings(2 * count, shortest=1.5, longest=10.0, languages=("en",))
    normal = EnglishTextNormalizer()
    rows = []
    for line in Line:
        heard = [one.over(line, number) for number, one in enumerate(spoken)]
        texts = [recogniser.text(_pcm(one), "en") for one in heard]
        said = [normal(one.text) for one in spoken]
        understood = [normal(text) for text in texts]
        wrong = jiwer.wer(said, understood)
        rows.append({"line": str(line), "prompts": len(spoken), "wer": round(float(wrong), 4)})
    return {"word_error_rate": rows}


def _pcm(one: Spoken) -> bytes:
    return one.signal.clip(-32768, 32767).astype("<i2").tobytes()


def run(parts: Sequence[str], count: int) -> dict[str, Any]:
    """Return the figures of ``parts``."""
    voices, recogniser = Voices(), LocalWhisper()
    begin = time.perf_counter()
    report: dict[str, Any] = {"machine": machine()}
    work = {
        "detection": lambda: detections(count),
        "endings": lambda: ends(count, voices, recogniser),
        "yielding": lambda: yields(count // 2, voices, recogniser),
        "words": lambda: words(count, recogniser),
    }
    for part in parts:
        report |= work[part]()
        recogniser.save()
    report["transcription_ms_per_utterance"] = {
        "transcribed": len(recogniser.measured_ms),
        "ms": quantiles([ms for _, ms in recogniser.measured_ms]),
        "seconds_of_speech": quantiles([seconds for seconds, _ in recogniser.measured_ms]),
    }
    report["run"] = {"seconds": round(time.perf_counter() - begin), **machine()}
    return report


def main() -> None:
    """Run everything, or the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40, help="recordings of each language")
    parser.add_argument("--quick", action="store_true", help="a quarter of them")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this; repeatable")
    parser.add_argument("--plot", type=Path, help="PNG of cut-offs against latency")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    arguments = parser.parse_args()
    count = arguments.count // 4 if arguments.quick else arguments.count
    report = run(arguments.part or PARTS, count)
    show(report)
    if arguments.plot and "cut_offs" in report:
        curves = {"words": report["curve_words"], "silence alone": report["curve_silence"]}
        save_curve(arguments.plot, curves, report["cut_offs"][0])
    if arguments.json:
        print(json.dumps(report, ensure_ascii=False))


if __name__ == "__main__":
    main()
