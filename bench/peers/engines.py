"""Who is compared, how each is configured, and one run of each."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bench.load_errors import LoadError
from bench.load_generator import on_core
from bench.peers import speech
from bench.peers.environments import (
    LIVEKIT,
    PIPECAT,
    Environment,
    PeerMissingError,
    cache_folder,
    variables,
)
from bench.peers.outcome import Outcome
from bench.peers.scenario import WARM_S, Order
from voicebot.config import TurnSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

START_S: Final = 60.0
"""Time that an engine may take to load its models and to take its calls."""


@dataclass(frozen=True, slots=True)
class EngineKind:
    """One row of the comparison.

    ``settings_ms`` are the silences after which its settings let it answer, ``about`` says how it
    is configured. Without an environment it runs where the bench runs; ``compiled``: the copy that
    was compiled, not the source.
    """

    key: str
    name: str
    module: str
    about: str
    environment: Environment | None = None
    cheap: bool = False
    compiled: bool = False
    settings_ms: tuple[float, ...] = (0.0,)

    @property
    def version(self) -> str:
        """The peer's version; empty for what is ours."""
        return "" if self.environment is None else self.environment.version

    def python(self) -> str:
        """Return the interpreter to run it with. Raises ``PeerMissingError``."""
        if self.environment is None:
            return sys.executable
        return str(self.environment.python(cache_folder()))


OURS_MS: Final = TurnSettings().sentence_ms
_OURS: Final = f"Conversation, default settings: {OURS_MS} ms of silence end a sentence"

FEED: Final = EngineKind("feed", "the feed alone", "with_nothing", "what the bench itself costs")
ENGINES: Final = (
    EngineKind("voicebot", "voicebot, from source", "with_voicebot", _OURS, settings_ms=(OURS_MS,)),
    EngineKind(
        "voicebot-compiled",
        "voicebot, compiled",
        "with_voicebot",
        f"{_OURS}; hot modules compiled, as pip installs them",
        compiled=True,
        settings_ms=(OURS_MS,),
    ),
    EngineKind(
        "pipecat",
        "pipecat",
        "with_pipecat",
        "defaults: Silero, VAD stop 200 ms, Smart Turn v3 (3 s where it says 'incomplete')",
        PIPECAT,
        settings_ms=(200.0, 3000.0),
    ),
    EngineKind(
        "pipecat-cheap",
        "pipecat, webrtcvad",
        "with_pipecat",
        "webrtcvad mode 3 on the loop, VAD stop 200 ms, no turn model",
        PIPECAT,
        cheap=True,
        settings_ms=(200.0,),
    ),
    EngineKind(
        "livekit",
        "livekit-agents",
        "with_livekit",
        "defaults: Silero, turn detector v1-mini, 300 ms (2.5 s where it says 'unlikely');"
        " interruptions after 500 ms of speech",
        LIVEKIT,
        settings_ms=(300.0, 2500.0),
    ),
    EngineKind(
        "livekit-cheap",
        "livekit-agents, webrtcvad",
        "with_livekit",
        "webrtcvad mode 3 on the loop, endpointing delay 300 ms, no turn model;"
        " interruptions after 500 ms of speech",
        LIVEKIT,
        cheap=True,
        settings_ms=(300.0,),
    ),
)


class Studio:
    """The speech of a comparison, written for the engines' processes; and the core they run on.

    ``compiled`` is where a compiled voicebot is.
    """

    def __init__(self, folder: Path, core: int | None, compiled: Path | None = None) -> None:
        self._compiled = compiled
        self._reply = folder / "reply.raw"
        self._reply.write_bytes(speech.answer().astype("<i2").tobytes())
        self._core = core
        self._orders: Mapping[bool, Order] = {
            interrupting: self._order(folder / f"{name}.raw", said)
            for interrupting, name, said in (
                (False, "talk", speech.talk()),
                (True, "interruptions", speech.interruptions()),
            )
        }

    def run(
        self, kind: EngineKind, calls: int, seconds: float, *, interrupting: bool = False
    ) -> Outcome:
        """Let one engine carry so many calls, in a process of its own.

        Raises ``PeerMissingError`` when a peer cannot be had, ``LoadError`` when it gives no
        figures.
        """
        order = replace(
            self._orders[interrupting],
            calls=calls,
            seconds=seconds,
            cheap=kind.cheap,
            settings_ms=kind.settings_ms,
        )
        command = [kind.python(), "-m", f"bench.peers.{kind.module}", order.written()]
        root = self._compiled if kind.compiled else None
        try:
            # Pinned from the first instruction on: some libraries start threads when imported.
            with on_core(self._core):
                done = subprocess.run(
                    command,
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=START_S + WARM_S + seconds,
                    cwd=root,
                    env=variables(root),
                )
        except subprocess.TimeoutExpired:
            raise LoadError(f"{kind.name} gave no figures for {calls} calls in time") from None
        return _outcome(kind, done)

    def _order(self, path: Path, talk: speech.Speech) -> Order:
        talk.write(path)
        return Order(0, 0.0, str(path), str(self._reply), talk.said)


def over_sockets(calls: int, seconds: float) -> Mapping[str, float]:
    """Return what ``bench.capacity`` finds with so many calls. Raises ``LoadError``."""
    command = [sys.executable, "-m", "bench.capacity", "--json"]
    command += ["--calls", str(calls), "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LoadError(f"bench.capacity: {done.stdout[-500:]}{done.stderr[-500:]}")
    found: Mapping[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _outcome(kind: EngineKind, done: subprocess.CompletedProcess[str]) -> Outcome:
    """Return what a process found. Raises ``PeerMissingError`` or ``LoadError``."""
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        told = [line for line in done.stderr.splitlines() if line.strip()]
        reason = told[-1] if told else f"exit code {done.returncode}"
        if kind.environment is not None:
            raise PeerMissingError(f"{kind.name} does not run: {reason}")
        raise LoadError(f"{kind.name} does not run: {reason}")
    return Outcome.parse(lines[-1])
