"""A simulated cloud for the receptionist of ``--local``: what ``--cloud`` and its kin mean."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.latency_errors import UnreachableError, UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

LOCAL = "local"
READY_SECONDS = 120.0
_RANGE = re.compile(r"^(\d+)(?:-(\d+))?$")


@dataclass(frozen=True, slots=True)
class Cloud:
    """How long each stage takes in milliseconds; ``None``: it is not in the cloud."""

    first_token_ms: float
    tokens: float
    stt_ms: tuple[float, float] | None
    tts_ms: float | None

    @classmethod
    def parse(cls, first_token_ms: float, tokens: float, stt: str, tts: str) -> Cloud:
        """Read the options. Raises ``UsageError``."""
        if first_token_ms < 0 or tokens <= 0:
            raise UsageError("--cloud and --cloud-tokens: nothing can be so fast")
        heard, spoken = _range("--cloud-stt", stt), _range("--cloud-tts", tts)
        return cls(first_token_ms, tokens, heard, None if spoken is None else spoken[0])

    def settings(self, url: str, folder: str) -> Mapping[str, str]:
        """Return the variables of a receptionist that uses the cloud at ``url``.

        ``folder`` keeps the fixed sentences of this run, so that none is the local voice's.
        """
        stages = {"LLM": True, "STT": self.stt_ms is not None, "TTS": self.tts_ms is not None}
        found = {"VOICEBOT_TTS__CACHE": folder} if self.tts_ms is not None else {}
        for stage, in_cloud in stages.items():
            if in_cloud:
                found[f"VOICEBOT_{stage}__PROVIDER"] = "openai"
                found[f"VOICEBOT_{stage}__BASE_URL"] = url
                found[f"VOICEBOT_{stage}__API_KEY"] = "simulated"
        return found

    def describe(self) -> str:
        """Return what was simulated, in one line."""
        heard = "local" if self.stt_ms is None else "{:g}-{:g} ms".format(*self.stt_ms)
        spoken = "local" if self.tts_ms is None else f"{self.tts_ms:g} ms to the first byte"
        return (
            f"Simulated cloud: language model {self.first_token_ms:g} ms to the first token and"
            f" {self.tokens:g} tokens/s, recognition {heard}, voice {spoken}."
        )


@asynccontextmanager
async def cloud_server(cloud: Cloud) -> AsyncIterator[str]:
    """Run the cloud; yield its base URL. Raises ``UnreachableError`` when it does not start."""
    heard, spoken = cloud.stt_ms or (0.0, 0.0), cloud.tts_ms or 0.0
    command = [
        *(sys.executable, "-m", "bench.cloud_server"),
        *("--first-token", str(cloud.first_token_ms), "--tokens", str(cloud.tokens)),
        *("--stt", *map(str, heard), "--tts", str(spoken)),
    ]
    if prompt := os.environ.get("VOICEBOT_RECEPTIONIST__PROMPT"):
        command += ["--prompt", prompt]
    process = subprocess.Popen(  # noqa: ASYNC220 (forks at once; its end is waited for in a thread)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield await asyncio.wait_for(asyncio.to_thread(_first_line, process), READY_SECONDS)
    except TimeoutError:
        raise UnreachableError("the simulated cloud does not start") from None
    finally:
        await asyncio.to_thread(_stop, process)


def _range(option: str, text: str) -> tuple[float, float] | None:
    if text == LOCAL:
        return None
    match = _RANGE.match(text)
    if match is None:
        raise UsageError(f"{option} {text}: it must look like 150, 150-250 or {LOCAL}")
    least = float(match[1])
    return least, float(match[2] or least)


def _first_line(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline().strip() if process.stdout is not None else ""
    if not line:
        raise UnreachableError("the simulated cloud did not start: see its message above")
    return line


def _stop(process: subprocess.Popen[str]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
