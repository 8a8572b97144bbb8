"""How findings are shown."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from voicebot.apps.doctor.finding import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

    from voicebot.apps.doctor.finding import Finding

_SIGNS: Final[Mapping[Verdict, tuple[str, str]]] = {
    Verdict.OK: ("✓", "green"),
    Verdict.WARNING: ("!", "yellow"),
    Verdict.FAILED: ("✗", "bold red"),
    Verdict.SKIPPED: ("-", "dim"),
}
_NAME_WIDTH: Final = 21


def show(console: Console, finding: Finding) -> None:
    """Print one finding; unless it is well, with why it matters and the way out."""
    sign, style = _SIGNS[finding.verdict]
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=1)
    grid.add_column(width=_NAME_WIDTH)
    grid.add_column(overflow="fold")
    grid.add_row(Text(sign, style), Text(finding.check), Text(finding.detail))
    if finding.verdict is not Verdict.OK:
        for label, text in (("why", finding.why), ("fix", finding.fix), ("", finding.mikopbx)):
            line = Text(text) if label else Text(f"MikoPBX: {text}")
            if text:
                grid.add_row("", Text(label.rjust(_NAME_WIDTH), "dim"), line)
    console.print(grid)


def show_json(finding: Finding) -> None:
    """Print one finding as a line of JSON."""
    print(json.dumps(asdict(finding), ensure_ascii=False), flush=True)


def show_sum(console: Console, findings: Iterable[Finding]) -> None:
    """Print how many of each verdict there were."""
    console.print(", ".join(f"{count} {verdict}" for verdict, count in tally(findings).items()))


def show_sum_json(findings: Iterable[Finding]) -> None:
    """Print the same as the last line of JSON."""
    print(json.dumps({"sum": tally(findings)}), flush=True)


def tally(findings: Iterable[Finding]) -> dict[str, int]:
    """Return how many findings there are of each verdict, all verdicts named."""
    counts = Counter(finding.verdict for finding in findings)
    return {verdict.value: counts[verdict] for verdict in Verdict}
