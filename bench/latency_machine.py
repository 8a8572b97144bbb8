"""The machine that the figures are from, and what a process tree has used of it."""

from __future__ import annotations

import contextlib
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

CPU_INFO = Path("/proc/cpuinfo")


def machine() -> dict[str, Any]:
    """Return processor, cores, memory, system and the load that was there already."""
    return {
        "cpu": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_1m": round(os.getloadavg()[0], 2),
    }


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process and its children hold and have used since they started."""

    cpu_s: float
    rss_mb: float


def usage(pid: int) -> dict[str, Usage]:
    """Return the usage of process ``pid`` and of each child, by a name that tells them apart."""
    found: dict[str, Usage] = {}
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        for number, process in enumerate([parent, *parent.children(recursive=True)]):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                times = process.cpu_times()
                used = Usage(times.user + times.system, process.memory_info().rss / 2**20)
                found["main" if number == 0 else f"child {number}"] = used
    return found


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in CPU_INFO.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
