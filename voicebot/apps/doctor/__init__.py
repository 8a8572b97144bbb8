"""``voicebot doctor``: looks at everything a call needs, and says how to mend what is missing.

Read ``examination`` (the order), then the rooms it visits: ``here`` (our side), ``reach`` (can ARI
be used), ``facts`` and what is judged from them in ``pbx`` and ``modules``, ``loopback`` with
``tone`` (a sound there and back), ``dialplan``. All return ``finding``; ``advice`` says what an
error of Asterisk's means, ``report`` how it is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from voicebot.apps.doctor import report
from voicebot.apps.doctor.advice import advice_for
from voicebot.apps.doctor.examination import Surroundings, examine
from voicebot.apps.doctor.finding import Finding, Verdict

if TYPE_CHECKING:
    from voicebot.config import Settings

__all__ = ["Finding", "Surroundings", "Verdict", "advice_for", "examine", "run_doctor"]

HEALTHY, ILL = 0, 1


async def run_doctor(settings: Settings, *, fix: bool, as_json: bool) -> int:
    """Examine, show each finding as it comes, and return the exit code.

    0: calls can be served, perhaps with warnings; 1: something failed.
    """
    console = Console()
    findings: list[Finding] = []
    async for finding in examine(settings, fix=fix):
        findings.append(finding)
        if as_json:
            report.show_json(finding)
        else:
            report.show(console, finding)
    if as_json:
        report.show_sum_json(findings)
    else:
        report.show_sum(console, findings)
    return ILL if any(it.verdict is Verdict.FAILED for it in findings) else HEALTHY
