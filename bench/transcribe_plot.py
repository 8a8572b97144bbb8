"""A picture of how long finals are waited for, while the calls go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.plots import ACCENT, INK, PALETTE, canvas, save
from bench.transcribe_figures import LATE_S, matched

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.transcribe_figures import Said, Written


def save_waits(path: Path, runs: Sequence[tuple[int, list[Said], list[Written]]]) -> None:
    """Draw each sentence's wait for its final over the time of the call, by number of calls.

    Raises ``PictureError`` as ``panels`` and ``save`` of ``plots``.
    """
    figure, axes = canvas((8.0, 4.4))
    for colour, (calls, said, written) in zip(PALETTE * len(runs), runs, strict=False):
        began = min((one.start for one in said), default=0.0)
        points = [(one.end - began, final.came - one.end) for one, final in matched(said, written)]
        name = f"{calls} call{'s' if calls > 1 else ''}"
        axes.plot(*zip(*points, strict=True), ".", color=colour, label=name)
    axes.axhline(LATE_S, color=ACCENT, linestyle="--", linewidth=1)
    axes.set_yscale("log")
    axes.set_xlabel("end of the sentence, seconds into the calls")
    axes.set_ylabel("wait for its final text, s")
    axes.set_title("From the end of a sentence to its final text", loc="left", color=INK)
    axes.legend(frameon=False)
    save(figure, path)
