"""Broken, forged and hostile datagrams against the media plane.

``python -m bench.fuzz`` feeds mutated packets to the real receivers in simulated time: no exception
may come out, and memory may not grow. ``--spray`` lets strangers shower the port of a live call
with packets that would fit it: none of them may be heard, none may be answered.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import socket
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import psutil
import structlog
from rich.console import Console

from bench.capacity import describe
from bench.fuzz_mutations import Mutator
from bench.latency_machine import machine
from voicebot.media.audio import FRAME_SECONDS, SILENCE
from voicebot.media.endpoint import RtpEndpoint
from voicebot.media.receiver import RtpReceiver
from voicebot.media.rtp import RtpPacket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicebot.media.audio import Frame

CALL_PACKETS = 2_000
"""Packets of one call: then a new one begins, for a receiver's state decides what is broken."""

WARM = 0.2
"""Share of the run after which memory is measured for the first time."""

STRANGERS = 8
LOUD = 12_345
"""Every sample of a stranger's; the caller is silent, so no frame of the call may hold any."""


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """What the fuzzed receivers did."""

    datagrams: int
    seconds: float
    failures: int
    frames: int
    malformed: int
    strange: int
    rss_growth_kb: float

    @property
    def passed(self) -> bool:
        """Whether nothing was raised and memory stood still."""
        return not self.failures and self.rss_growth_kb < 4096


@dataclass(frozen=True, slots=True)
class Sprayed:
    """What a call and its attackers saw. ``sent`` and ``answered`` are the strangers' packets."""

    seconds: float
    sent: int
    answered: int
    heard: int
    dropped: int
    call_frames: int
    call_answers: int

    @property
    def passed(self) -> bool:
        """Whether no stranger was heard or answered, and the call went on."""
        wanted = self.seconds / FRAME_SECONDS
        going = min(self.call_frames, self.call_answers) > 0.9 * wanted
        return not self.answered and not self.heard and going and self.dropped > 0


def fuzz(count: int, seed: int) -> Fuzzed:
    """Feed ``count`` datagrams to receivers that live as long as a call each."""
    random_source = random.Random(seed)
    process = psutil.Process()
    failures = frames = malformed = strange = 0
    before = 0.0
    began = time.monotonic()

    def listen(_frame: Frame, _now: float) -> None:
        nonlocal frames
        frames += 1

    for start in range(0, count, CALL_PACKETS):
        now = random_source.random() * 1e6
        receiver = RtpReceiver(now)
        receiver.listen(listen)
        mutator = Mutator(random_source)
        for _ in range(min(CALL_PACKETS, count - start)):
            now += mutator.pause()
            datagram = mutator.datagram()
            try:
                receiver.receive(datagram, now)
                receiver.poll(now)
            except Exception as error:  # noqa: BLE001 - finding any is the purpose
                failures += 1
                print(f"{type(error).__name__}: {error}: {datagram.hex()}", file=sys.stderr)
        malformed += receiver.reception.malformed
        strange += receiver.reception.strange
        if not before and start >= WARM * count:
            before = process.memory_info().rss
    grown = process.memory_info().rss - before if before else 0.0
    seconds = time.monotonic() - began
    return Fuzzed(count, seconds, failures, frames, malformed, strange, grown / 1024)


async def spray(seconds: float) -> Sprayed:
    """Run one call through the endpoint while strangers send what would fit into it."""
    endpoint = RtpEndpoint()
    await endpoint.start()
    caller = _socket()
    strangers = [_socket() for _ in range(STRANGERS)]
    host, port = caller.getsockname()
    stream = await endpoint.open(
        {"UNICASTRTP_LOCAL_ADDRESS": host, "UNICASTRTP_LOCAL_PORT": str(port)}, wideband=False
    )
    frames = heard = sent = answers = answered = 0

    def listen(frame: Frame, _now: float) -> None:
        nonlocal frames, heard
        frames += 1
        heard += frame != SILENCE

    stream.listen(listen)
    target = ("127.0.0.1", endpoint.port)
    began, number = time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds:
        while number * FRAME_SECONDS <= passed:
            caller.sendto(_packet(number, 0), target)
            number += 1
        for stranger in strangers:
            # The right source, payload type and time, and the number that comes next.
            stranger.sendto(_packet(number, LOUD), target)
            sent += 1
        answers += sum(1 for _ in _received(caller))
        answered += sum(1 for stranger in strangers for _ in _received(stranger))
        await asyncio.sleep(0.0005)
    dropped = endpoint.foreign
    await endpoint.close()
    for sock in (caller, *strangers):
        sock.close()
    return Sprayed(seconds, sent, answered, heard, dropped, frames, answers)


def main() -> None:
    """Fuzz or spray; print what was found. The exit code is 1 when something was."""
    options = parse()
    console = Console()
    console.print(describe(machine()), highlight=False)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    found: Fuzzed | Sprayed
    if options.spray:
        found = asyncio.run(spray(options.seconds))
    else:
        found = fuzz(options.count, options.seed)
    told: dict[str, Any] = asdict(found) | {"passed": found.passed}
    for name, value in told.items():
        console.print(f"{name.replace('_', ' '):>16}: {value}")
    if options.json:
        print(json.dumps(told))
    raise SystemExit(0 if found.passed else 1)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000_000, help="datagrams to feed")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same datagrams")
    parser.add_argument("--spray", action="store_true", help="attack a live call instead")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to spray")
    parser.add_argument("--json", action="store_true", help="print the figures as the last line")
    return parser.parse_args()


def _socket() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.setblocking(False)
    return sock


def _packet(number: int, sample: int) -> bytes:
    payload = sample.to_bytes(2, "big") * 320
    return RtpPacket(118, number & 0xFFFF, number * 320 & 0xFFFF_FFFF, 7, payload).serialise()


def _received(sock: socket.socket) -> Iterator[bytes]:
    while True:
        try:
            yield sock.recv(2048)
        except BlockingIOError:
            return


if __name__ == "__main__":
    main()
