"""Why a latency run cannot give figures, each reason with its exit code.

::

    LatencyError             1
    ├── UsageError           2  the command line, a script, a speech source or an account do not fit
    └── UnreachableError     3  no PBX, no bot, or no call got through

A run whose figures are worse than the limits given ends with ``WORSE_THAN_LIMITS``.
"""

from __future__ import annotations

from typing import ClassVar

MEASURED = 0
WORSE_THAN_LIMITS = 4


class LatencyError(Exception):
    """Base of all; the message names what is wrong and the way out."""

    exit_code: ClassVar[int] = 1


class UsageError(LatencyError):
    """Something that was given cannot be used."""

    exit_code = 2


class UnreachableError(LatencyError):
    """The other side does not answer."""

    exit_code = 3
