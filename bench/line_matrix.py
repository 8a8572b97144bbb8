"""What a bad line does to what the bot hears: loss, jitter, reordering, bursts.

Human prompts go through the real receiver in simulated time, so a run is exact and repeatable.
For each line: how much later than on a perfect one a frame is handed on, which share was made up,
and the word error rate of a local Whisper against what it writes for the perfect line. Asterisk
sends slin16; ``--codec`` shows the same for any other format that is received.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jiwer
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.capacity import describe
from bench.latency_machine import machine
from bench.line_simulation import Heard, Line, hear
from bench.load_errors import LoadError
from bench.plots import panels, save
from bench.prompts import Prompt, prompts
from voicebot.media.codecs import CODECS
from voicebot.models.weights import WHISPER_TINY_EN, Store
from voicebot.models.whisper import Whisper

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

    from voicebot.media.codecs import Codec

FORMATS = {"slin16": 118, "g722": 9, "l16": 11, "ulaw": 0, "alaw": 8}
"""Payload types by name, the one that Asterisk sends first."""

LOSSES = (0.0, 0.01, 0.02, 0.05, 0.10)
JITTERS = (0, 20, 40, 80)
REORDERS = (0.01, 0.02, 0.05)
ALSO = (0, 40)
"""Jitter, in ms, at which bursts and reordering are tried."""

BURST = 4
"""Mean length of a burst of losses, in packets."""

PROMPTS = 20
SHORTEST_S, LONGEST_S = 2.0, 6.0

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of all prompts on one line. Delays in ms, shares from 0 to 1."""

    line: Line
    delay_p50: float
    delay_p95: float
    delay_max: float
    concealed: float
    late: float
    word_errors: float

    def as_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        line = self.line
        return {
            "loss": line.loss,
            "burst": line.burst,
            "jitter_ms": line.jitter_ms,
            "reorder": line.reorder,
            "added_delay_ms": {
                "p50": round(self.delay_p50, 1),
                "p95": round(self.delay_p95, 1),
                "max": round(self.delay_max, 1),
            },
            "concealed": round(self.concealed, 4),
            "late": round(self.late, 4),
            "wer_against_clean": round(self.word_errors, 4),
        }


class Listener:
    """Writes down what it hears, in words that can be compared."""

    def __init__(self) -> None:
        self._whisper = Whisper(Store().folder(WHISPER_TINY_EN), threads=2)

    def write(self, pcm: bytes) -> str:
        """Return the words in slin16."""
        samples = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)
        return plain(self._whisper.recognise(samples, language="en", prompt="").text)


def plain(text: str) -> str:
    """Return ``text`` without what two writings of the same words differ in."""
    return " ".join(_WORD.findall(text.lower())) or "-"


def lines() -> list[Line]:
    """Return every line of the matrix, the perfect one first."""
    square = [Line(loss=loss, jitter_ms=jitter) for loss in LOSSES for jitter in JITTERS]
    harder = [line for row in hard() for line in row]
    worst = Line(loss=LOSSES[-1], burst=BURST, jitter_ms=JITTERS[-1], reorder=REORDERS[-1])
    return [*square, *harder, worst]


def hard() -> list[list[Line]]:
    """Return the lines with bursts of losses and with reordering, a row for each share."""
    bursts = [
        [Line(loss=loss, burst=BURST, jitter_ms=jitter) for jitter in ALSO]
        for loss in LOSSES
        if loss
    ]
    reordered = [[Line(reorder=share, jitter_ms=jitter) for jitter in ALSO] for share in REORDERS]
    return [*bursts, *reordered]


def choose(count: int) -> list[Prompt]:
    """Return sentences of people's, spread over the alphabet."""
    fitting = [
        prompt
        for prompt in prompts("en").values()
        if SHORTEST_S <= len(prompt.samples()) / 16_000 <= LONGEST_S
    ]
    return fitting[:: max(1, len(fitting) // count)][:count]


def judge(line: Line, heard: Sequence[Heard], clean: Sequence[Heard], words: float) -> Verdict:
    """Put together what became of the prompts on ``line``."""
    delays = np.concatenate(
        [
            1000 * (np.array(bad.times[:common]) - np.array(good.times[:common]))
            for bad, good in zip(heard, clean, strict=True)
            for common in (min(len(bad.times), len(good.times)),)
        ]
    )
    return Verdict(
        line,
        delay_p50=float(np.percentile(delays, 50)),
        delay_p95=float(np.percentile(delays, 95)),
        delay_max=float(delays.max()),
        concealed=sum(h.concealed for h in heard) / sum(h.samples for h in heard),
        late=sum(h.late for h in heard) / sum(h.packets for h in heard),
        word_errors=words,
    )


def measure(
    chosen: Sequence[Prompt], seed: int, codec: Codec, console: Console
) -> tuple[list[Verdict], float]:
    """Send all prompts over all lines, as ``codec``.

    Returns a verdict for each line, and the word error rate of the perfect one against the
    prompts' own texts.
    """
    listener = Listener()
    speech = [prompt.samples() for prompt in chosen]
    clean = [hear(samples, Line(), random.Random(seed), codec) for samples in speech]
    reference = [listener.write(heard.pcm) for heard in clean]
    verdicts = []
    for line in track(lines(), "lines", console=console, transient=True):
        heard = [
            hear(samples, line, random.Random(seed + index), codec)
            for index, samples in enumerate(speech)
        ]
        written = [listener.write(one.pcm) for one in heard]
        verdicts.append(judge(line, heard, clean, float(jiwer.wer(reference, written))))
    own = [plain(prompt.text) for prompt in chosen]
    return verdicts, float(jiwer.wer(own, reference))


def show(console: Console, verdicts: Sequence[Verdict]) -> None:
    """Print one row for each line."""
    table = Table(title="Through the receiver, against a perfect line", title_justify="left")
    for column in (
        "loss", "burst", "jitter ms", "reordered", "delay p50 ms", "p95", "max", "concealed",
        "too late", "words wrong",
    ):  # fmt: skip
        table.add_column(column, justify="right")
    for verdict in verdicts:
        line = verdict.line
        table.add_row(
            f"{line.loss:.0%}",
            str(line.burst) if line.loss else "",
            str(line.jitter_ms),
            f"{line.reorder:.0%}",
            *(f"{v:.0f}" for v in (verdict.delay_p50, verdict.delay_p95, verdict.delay_max)),
            f"{verdict.concealed:.1%}",
            f"{verdict.late:.1%}",
            f"{verdict.word_errors:.1%}",
        )
    console.print(table)


def draw(path: Path, verdicts: Sequence[Verdict]) -> None:
    """Draw delay, concealed share and word errors: over loss and jitter, then the harder lines.

    Raises ``PictureError``.
    """
    found = {verdict.line: verdict for verdict in verdicts}
    square = [[found[Line(loss=loss, jitter_ms=ms)] for ms in JITTERS] for loss in LOSSES]
    harder = [[found[line] for line in row] for row in hard()]
    names = [
        f"{row[0].loss:.0%} in bursts" if row[0].loss else f"{row[0].reorder:.0%} reordered"
        for row in hard()
    ]
    figure, parts = panels(
        (11.0, 7.6), len(MEASURES), title="What a bad line costs a caller", heights=(5, 7)
    )
    for column, (title, form, value) in enumerate(MEASURES):
        above, below = parts[column :: len(MEASURES)]
        _panel(above, [[value(v) for v in row] for row in square], form, JITTERS)
        _panel(below, [[value(v) for v in row] for row in harder], form, ALSO)
        above.set_title(title, loc="left")
        above.set_yticks(range(len(LOSSES)), [f"{loss:.0%} lost" for loss in LOSSES])
        below.set_yticks(range(len(names)), names)
        below.set_xlabel("jitter, ms")
    save(figure, path)


MEASURES: tuple[tuple[str, str, Callable[[Verdict], float]], ...] = (
    ("added delay p95, ms", "{:.0f}", lambda verdict: verdict.delay_p95),
    ("concealed, %", "{:.1f}", lambda verdict: 100 * verdict.concealed),
    ("words wrong, %", "{:.1f}", lambda verdict: 100 * verdict.word_errors),
)


def _panel(axes: Axes, grid: list[list[float]], form: str, jitters: Sequence[int]) -> None:
    axes.imshow(grid, cmap="Blues", aspect="auto", alpha=0.7)
    for row, values in enumerate(grid):
        for column, number in enumerate(values):
            axes.text(column, row, form.format(number), ha="center", va="center")
    axes.set_xticks(range(len(jitters)), [str(jitter) for jitter in jitters])


def main() -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(prog="python -m bench.line_matrix", description=__doc__)
    parser.add_argument("--prompts", type=int, default=PROMPTS, help="how many sentences")
    parser.add_argument("--codec", choices=FORMATS, default="slin16", help="what the packets hold")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same lines")
    parser.add_argument("--json", action="store_true", help="print the figures as the last line")
    parser.add_argument("--plot", type=Path, help="write a picture")
    options = parser.parse_args()
    console = Console()
    console.print(describe(machine()), highlight=False)
    try:
        codec = CODECS[FORMATS[options.codec]]
        verdicts, own = measure(choose(options.prompts), options.seed, codec, console)
        show(console, verdicts)
        console.print(f"Whisper tiny.en gets {own:.1%} of the words wrong on the perfect line.")
        if options.plot is not None:
            draw(options.plot, verdicts)
    except (LoadError, FileNotFoundError) as error:
        console.print(f"[red]{error}[/]", highlight=False)
        raise SystemExit(1) from error
    if options.json:
        found = {
            "codec": options.codec,
            "wer_clean": round(own, 4),
            "lines": [v.as_json() for v in verdicts],
        }
        print(json.dumps(found))


if __name__ == "__main__":
    main()
