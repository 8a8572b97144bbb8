"""How a signal ends the program while no event loop listens to it."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

ENDING = (signal.SIGTERM, signal.SIGINT)
"""The signals that end a command cleanly."""


def end_when_told() -> None:
    """End with 0, at once, when one of ``ENDING`` comes: nothing is under way to be taken down."""
    for number in ENDING:
        signal.signal(number, _end)


def interrupt_when_told() -> None:
    """Let ``ENDING`` do what they do to any program: one that is cut short has failed."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(_number: int, _frame: FrameType | None) -> None:
    # An exception would come out of the module that is being imported, which may catch it.
    os._exit(0)
