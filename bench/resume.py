"""Where the bot goes on after a back-channel, and how exactly it knows which words were heard.

Sentences are spoken by Piper, which tells how long it made each sound: by that the other ways are
judged. Each sentence is stopped again and again and goes on at the quietest place of late, where
the text and the level of the audio make a boundary likely (a voice that tells nothing), or where
the voice itself says that the word began. ``inside`` is the share that goes on more than 40 ms
within a word, ``again`` how much is said twice. Whisper's own times of the words are the ruler
that knows nothing of Piper. ``python -m bench.resume --json`` prints one JSON object as its last
line, ``--plot FILE.png`` writes a picture.
"""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import soxr

from bench.latency_machine import machine
from bench.plots import BAR, INK, PALETTE, panels, save
from bench.prompts import prompts
from bench.turns_report import show
from bench.turns_speech import quantiles
from voicebot.call.clause import Clause
from voicebot.media.audio import FRAME_SAMPLES, SAMPLE_RATE
from voicebot.media.playout import Playout
from voicebot.models.piper import Piper
from voicebot.models.seams import SPEECH_RATE
from voicebot.models.weights import PIPER_EN, WHISPER_BASE, Store
from voicebot.models.whisper import Whisper
from voicebot.speech.protocols import SpokenWord
from voicebot.speech.reading import speakable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from voicebot.media.audio import Pcm

EVERY_FRAMES: Final = 7
"""A sentence is stopped every 140 ms."""

TOLERANCE: Final = SAMPLE_RATE // 25
"""40 ms: a boundary has no better defined place."""

WORDS: Final = range(4, 26)
_ALPHABETIC = re.compile(r"[A-Za-z' ,.?!;-]+")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, its speech, and where its words are, by the voice."""

    text: str
    pcm: Pcm
    words: tuple[SpokenWord, ...]

    def clause(self, *, told: bool) -> Clause:
        """Return it as it is played from position 0 on, the voice's words ``told`` or not."""
        clause = Clause(self.text, "en")
        for word in self.words if told else ():
            clause.tell(word)
        clause.play(self.pcm, 0)
        clause.complete = True
        return clause


def sentences(count: int) -> list[Said]:
    """Return ``count`` sentences of Asterisk's prompts, in Piper's voice."""
    texts = sorted({prompt.text for prompt in prompts("en").values()})
    fitting = [text for text in texts if len(text.split()) in WORDS and _ALPHABETIC.fullmatch(text)]
    voice = Piper(Store().file(PIPER_EN), threads=2)
    chosen = Random(1).sample(fitting, min(count, len(fitting)))
    read = (speakable(text, "en") for text in chosen)
    return [said for text in read if (said := _said(voice, text)).words]


def _said(voice: Piper, text: str) -> Said:
    speech = voice.synthesise(text, speed=1.0)
    pcm = soxr.resample(np.frombuffer(speech.pcm, "<i2"), SPEECH_RATE, SAMPLE_RATE)
    words = (
        SpokenWord(word.text, round(word.start * SAMPLE_RATE), round(word.end * SAMPLE_RATE))
        for word in speech.words
    )
    return Said(text, pcm.astype("<i2").tobytes(), tuple(words))


def stops(said: Said, boundary: Callable[[int], int | None]) -> Iterator[tuple[int, int]]:
    """Yield where ``said`` was stopped, and where it then went on."""
    for frames in range(EVERY_FRAMES, len(said.pcm) // 2 // FRAME_SAMPLES, EVERY_FRAMES):
        playout = Playout()
        playout.play(said.pcm)
        for _ in range(frames):
            playout.pull(0.0)
        playout.pause()
        playout.pull(0.0)
        stopped = playout.position
        playout.resume(boundary(stopped))
        yield stopped, playout.position


def resumptions(
    spoken: Sequence[Said], boundary: Callable[[Said], Callable[[int], int | None]]
) -> dict[str, Any]:
    """Return how often words are cut, and how much is said twice."""
    inside: list[bool] = []
    again: list[float] = []
    for said in spoken:
        for stopped, at in stops(said, boundary(said)):
            cut = (word.start + TOLERANCE < at < word.end - TOLERANCE for word in said.words)
            inside.append(any(cut))
            again.append((stopped - at) * 1000 / SAMPLE_RATE)
    return {
        "stops": len(inside),
        "inside": round(sum(inside) / len(inside), 3),
        "again_ms": quantiles(again),
    }


def history(spoken: Sequence[Said], *, told: bool) -> dict[str, Any]:
    """Return by how many words what is kept as heard differs from what was."""
    off: list[int] = []
    for said in spoken:
        clause = said.clause(told=told)
        for stopped in range(FRAME_SAMPLES, len(said.pcm) // 2, EVERY_FRAMES * FRAME_SAMPLES):
            really = sum(word.end <= stopped for word in said.words)
            off.append(abs(len(clause.heard(stopped).split()) - really))
    return {
        "stops": len(off),
        "exact": round(sum(one == 0 for one in off) / len(off), 3),
        "within_a_word": round(sum(one <= 1 for one in off) / len(off), 3),
    }


def boundaries(spoken: Sequence[Said]) -> dict[str, Any]:
    """Return how far guessed beginnings of words are from the voice's own, in milliseconds."""
    off: list[float] = []
    for said in spoken:
        guessed = said.clause(told=False).words()
        late = _later([word.start for word in said.words], [word.start for word in guessed])
        off += map(abs, late)
    return {"words": len(off), "off_ms": quantiles(off)}


def by_whisper(spoken: Sequence[Said]) -> list[dict[str, Any]]:
    """Return how far Whisper's beginnings of words are from the voice's, and from the guessed.

    By how much it is early on the whole (``early_ms``) is the ruler's own fault and taken off.
    """
    whisper = Whisper(Store().folder(WHISPER_BASE), threads=2)
    off: dict[str, list[float]] = {"the voice's own": [], "guessed": []}
    for said in spoken:
        samples = np.frombuffer(said.pcm, "<i2").astype(np.float32) / np.float32(32768)
        heard = whisper.recognise(samples, language="en", prompt="", words=True).words
        if [_plain(word.text) for word in heard] != [_plain(word.text) for word in said.words]:
            continue
        starts = [round(word.start * SAMPLE_RATE) for word in heard]
        guessed = said.clause(told=False).words()
        off["the voice's own"] += _later(starts, [word.start for word in said.words])
        off["guessed"] += _later(starts, [word.start for word in guessed])
    rows = []
    for way, late in off.items():
        early = float(np.median(late))
        left = quantiles([abs(one - early) for one in late])
        rows.append({"words": len(late), "way": way, "early_ms": round(early), "off_ms": left})
    return rows


def _later(starts: Sequence[int], others: Sequence[int]) -> list[float]:
    """Return by how many milliseconds ``others`` are later; where the audio begins nobody errs."""
    pairs = list(zip(starts, others, strict=True))[1:]
    return [(other - one) * 1000 / SAMPLE_RATE for one, other in pairs]


def _plain(word: str) -> str:
    return "".join(filter(str.isalnum, word.lower()))


def run(count: int) -> dict[str, Any]:
    """Return the figures."""
    spoken = sentences(count)
    ways: dict[str, Callable[[Said], Callable[[int], int | None]]] = {
        "the quietest place": lambda _said: lambda _position: None,
        "guessed": lambda said: said.clause(told=False).boundary,
        "the voice's own": lambda said: said.clause(told=True).boundary,
    }
    return {
        "machine": machine(),
        "sentences": len(spoken),
        "resumptions": [{"way": way, **resumptions(spoken, of)} for way, of in ways.items()],
        "history": [
            {"way": "guessed", **history(spoken, told=False)},
            {"way": "the voice's own", **history(spoken, told=True)},
        ],
        "boundaries": boundaries(spoken),
        "whisper": by_whisper(spoken),
    }


def draw(path: Path, report: Mapping[str, Any]) -> None:
    """Draw where the bot goes on, and what it knows of what was heard. Raises ``PictureError``."""
    title = f"After a back-channel, {report['sentences']} sentences stopped every 140 ms"
    figure, (cut, known) = panels((9.0, 3.8), 2, title=title)
    rows = report["resumptions"]
    bars = cut.bar([row["way"] for row in rows], [100 * row["inside"] for row in rows], color=BAR)
    cut.bar_label(bars, fmt="%.1f", fontsize=8, color=INK)
    cut.set_title("goes on inside a word, %", loc="left", color=INK)
    rows = report["history"]
    for shift, name, colour in ((-0.2, "exact", BAR), (0.2, "within_a_word", PALETTE[0])):
        places = [place + shift for place in range(len(rows))]
        shares = [100 * row[name] for row in rows]
        bars = known.bar(places, shares, 0.38, color=colour, label=name.replace("_", " "))
        known.bar_label(bars, fmt="%.1f", fontsize=8, color=INK)
    known.set_xticks(range(len(rows)), [row["way"] for row in rows])
    known.set_title("knows how many words were heard, %", loc="left", color=INK)
    known.set_ylim(0, 135)
    known.set_yticks(range(0, 101, 20))
    known.legend(frameon=False, ncols=2, loc="upper center")
    save(figure, path)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=60, help="sentences")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="write a picture")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    arguments = parser.parse_args()
    report = run(arguments.count)
    show(report)
    if arguments.plot is not None:
        draw(arguments.plot, report)
    if arguments.json:
        print(json.dumps(report))


if __name__ == "__main__":
    main()
