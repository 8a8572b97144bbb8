"""How well turn taking hears: onsets, ends, cut-offs, interruptions, echoes, and their cost.

Human recordings (``bench.prompts``) and synthetic voices through the pure classes, without a clock:
hours of calls in minutes. What is said is what the local Whisper understands of each revision; its
transcripts are kept on disk, and are taken to come after 40 ms and 26 ms a second of speech.
``python -m bench.turns --json`` prints one JSON object as its last line.

Cut-offs are told of turns with pauses from 100 ms to 2 s: where prompts pause, where callers
hesitate, between the groups of a number; of an eighth of them also in the noise of a line and among
people who talk. What is tuned is tuned on every second turn; all figures of cut-offs are from the
others.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jiwer
from whisper_normalizer.english import EnglishTextNormalizer

from bench import turns_cutoffs as cutoffs
from bench import turns_endings as endings
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
from bench.turns_disturbances import Listeners
from bench.turns_evidence import weights
from bench.turns_noise import NOISY, QUIET, Scene
from bench.turns_over_bot import yields
from bench.turns_pauses import pausing
from bench.turns_recogniser import LocalWhisper
from bench.turns_report import save_curve, save_noise, save_selectivity, show
from bench.turns_speech import Line, Spoken, quantiles, recordings
from bench.turns_voices import Voices
from voicebot.config import TurnSettings
from voicebot.errors import ConfigError
from voicebot.turns.silero import load_silero
from voicebot.turns.smart_turn import load_smart_turn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.turns_recogniser import Recogniser

SNRS = (None, 20, 10, 5)
PARTS = ("detection", "endings", "noise", "evidence", "yielding", "words")


def detections(count: int, recogniser: Recogniser) -> dict[str, Any]:
    """Return where speech starts and ends, by noise and by line, and how well stages tell it."""
    spoken = recordings(count, shortest=1.0, longest=8.0)
    stages = {"webrtcvad": webrtc_stage, "level": level_stage, "first stage": first_stage}
    opinions = {}
    try:
        opinions["silero"] = load_silero()
        stages["silero"] = silero_stage
    except ConfigError as error:
        print(error)
    bots = recordings(5, shortest=4.0, longest=12.0, languages=("en",))
    listeners = Listeners(bots, spoken[:20], stages, recogniser, opinions)
    return {
        "detection": [
            *(detection(spoken, snr=snr) for snr in SNRS),
            *(detection(spoken, line=line) for line in (Line.G711, Line.LOSSY)),
        ],
        "vad_roc_auc": [
            roc_auc(spoken[:20], stages, snr, line) for line in Line for snr in (20, 10, 5)
        ],
        "disturbances": listeners.disturbed(60.0),
        "cost": cost(spoken[:20]),
    }


def ends(
    count: int, voices: Voices, recogniser: Recogniser, model: endings.Model | None
) -> dict[str, Any]:
    """Return how many turns are cut off, at which latency, on the half that nothing is tuned on."""
    held = _turns(count, voices)[1::2]
    heard = endings.hear(held, recogniser, model)
    ours = TurnSettings()
    wait = endings.by_settings(ours)
    rows = [{"setting": "ours", "line": str(Line.WIDE), **cutoffs.figures(heard, wait)}]
    evidence = {"words alone": endings.Given(recogniser=False)}
    if model is not None:
        evidence["words and smart-turn"] = endings.Given(recogniser=False, sound=True)
        evidence["everything"] = endings.Given(sound=True)
    for name, given in evidence.items():
        found = cutoffs.figures(heard, endings.by_settings(ours, given=given))
        rows.append({"setting": name, "line": str(Line.WIDE), **found})
    for line in (Line.G711, Line.LOSSY):
        # A half of them: each line wants transcripts of its own.
        through = endings.hear(held[::2], recogniser, scene=Scene(line))
        rows.append({"setting": "ours", "line": str(line), **cutoffs.figures(through, wait)})
    pausing_only = [one for one in held if one.pauses]
    return {
        "cut_offs": rows,
        "cut_offs_by_turn_taker": endings.through_taker(pausing_only, recogniser, ours),
        "cut_offs_by_pause": cutoffs.by_length(heard, wait),
        "cut_offs_by_place": cutoffs.by_kind(heard, wait),
        **_curves(heard, ours),
    }


def noisy_ends(count: int, voices: Voices, recogniser: Recogniser) -> dict[str, Any]:
    """Return how many turns are cut off, and how long the others wait, by what is around them."""
    held = _turns(count, voices)[1::8]
    wait = endings.by_settings(TurnSettings())
    rows = []
    for scene in (QUIET, *NOISY):
        heard = endings.hear(held, recogniser, scene=scene)
        place = {"noise": scene.noise, "snr_db": scene.snr, "line": str(scene.line)}
        answered = {"noises_answered": cutoffs.noises_answered(heard, wait)}
        rows.append({**place, **cutoffs.figures(heard, wait), **answered})
    return {"cut_offs_in_noise": rows}


def evidence(
    count: int, voices: Voices, recogniser: Recogniser, model: endings.Model | None
) -> dict[str, Any]:
    """Return what words, recogniser and sound know of the end of a turn, alone and together."""
    heard = endings.hear(_turns(count, voices), recogniser, model)
    return {"evidence": weights(heard[::2], heard[1::2])}


def _turns(count: int, voices: Voices) -> list[Spoken]:
    return pausing(voices, count) + recordings(count, shortest=0.8, longest=6.0)


def _curves(heard: Sequence[endings.Heard], ours: TurnSettings) -> dict[str, Any]:
    """Return the share of turns cut off against the wait, for rules that could be followed."""
    rules: dict[str, dict[float, cutoffs.Wait]] = {
        "curve_ours": {
            factor: endings.by_settings(endings.scaled(ours, factor)) for factor in endings.SCALES
        },
        "curve_silence": {ms: endings.fixed(ms) for ms in endings.FIXED_MS},
    }
    if any(pause.model is not None for one in heard for pause in one.pauses):
        rules["curve_smart_turn"] = {least: endings.by_model(least) for least in endings.THRESHOLDS}
    return {
        name: [{"at": value, **cutoffs.figures(heard, wait)} for value, wait in rule.items()]
        for name, rule in rules.items()
    }


def _end_of_turn_model() -> endings.Model | None:
    try:
        return load_smart_turn().hear
    except ConfigError as error:
        print(error)
        return None


def words(count: int, recogniser: Recogniser) -> dict[str, Any]:
    """Return the word error rate of English by line (whisper_normalizer's English rules)."""
    spoken = recordings(2 * count, shortest=1.5, longest=10.0, languages=("en",))
    normal = EnglishTextNormalizer()
    rows = []
    for line in Line:
        heard = [one.over(line, number) for number, one in enumerate(spoken)]
        texts = [recogniser.hear(_pcm(one), "en").text for one in heard]
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
        "detection": lambda: detections(count, recogniser),
        "endings": lambda: ends(count, voices, recogniser, _end_of_turn_model()),
        "noise": lambda: noisy_ends(count, voices, recogniser),
        "evidence": lambda: evidence(count, voices, recogniser, _end_of_turn_model()),
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
    parser.add_argument("--plot-yielding", type=Path, help="PNG of who is yielded to, and when")
    parser.add_argument("--plot-noise", type=Path, help="PNG of cut-offs and waits in noise")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    arguments = parser.parse_args()
    count = arguments.count // 4 if arguments.quick else arguments.count
    report = run(arguments.part or PARTS, count)
    show(report)
    if arguments.plot and "cut_offs" in report:
        curves = {
            "ours": report["curve_ours"],
            "silence alone": report["curve_silence"],
            "smart-turn alone": report.get("curve_smart_turn", []),
        }
        save_curve(arguments.plot, curves, report["cut_offs"][0])
    if arguments.plot_yielding and "selectivity" in report:
        save_selectivity(arguments.plot_yielding, report["selectivity"], report["yields_in_noise"])
    if arguments.plot_noise and "cut_offs_in_noise" in report:
        save_noise(arguments.plot_noise, report["cut_offs_in_noise"])
    if arguments.json:
        print(json.dumps(report, ensure_ascii=False))


if __name__ == "__main__":
    main()
