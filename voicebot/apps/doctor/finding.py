"""What the doctor says about one thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MIKOPBX_ARI: Final = "System → General settings → AMI & ARI: Use ARI Interface"
MIKOPBX_USER: Final = (
    "System → ARI Access: the user, its password, Applications empty (all of them)"
)
MIKOPBX_FILES: Final = "System → System files customisation"


class Verdict(StrEnum):
    """How it is: ``FAILED`` keeps calls from being served, ``WARNING`` makes them worse."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    ``why`` says what depends on it, ``fix`` is the exact way out, ``mikopbx`` the place in
    MikoPBX's web interface.
    """

    check: str
    verdict: Verdict
    detail: str
    why: str = ""
    fix: str = ""
    mikopbx: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A thing that is looked at, and why."""

    name: str
    why: str

    def ok(self, detail: str) -> Finding:
        """Return the finding that all is well."""
        return Finding(self.name, Verdict.OK, detail, self.why)

    def warning(self, detail: str, *, fix: str, mikopbx: str = "") -> Finding:
        """Return the finding that calls are served, but not as they could be."""
        return Finding(self.name, Verdict.WARNING, detail, self.why, fix, mikopbx)

    def failed(self, detail: str, *, fix: str, mikopbx: str = "") -> Finding:
        """Return the finding that calls cannot be served."""
        return Finding(self.name, Verdict.FAILED, detail, self.why, fix, mikopbx)

    def skipped(self, detail: str, *, fix: str = "", mikopbx: str = "") -> Finding:
        """Return the finding that this could not be looked at."""
        return Finding(self.name, Verdict.SKIPPED, detail, self.why, fix, mikopbx)
