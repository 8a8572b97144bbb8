"""Callers on the wire, each at a phase of its own: when their speech ends, and when they hear.

Packets are stamped by the kernel when they come, and by this process right before they go.
"""

from __future__ import annotations

import math
import socket
import struct
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bench.load_errors import LoadError
from bench.load_speech import spoken
from voicebot.media.audio import FRAME_SAMPLES, FRAME_SECONDS, SAMPLE_RATE
from voicebot.media.codecs import SLIN16
from voicebot.media.rtp import plain_packet

if TYPE_CHECKING:
    from bench.waveform import Samples

PERIOD_S = 2.4
"""From one utterance of a call to the next: speech, the engine's silence, its answer, a rest."""

UTTERANCE_FRAMES = 40
FIRST_S = 1.6
"""When the first utterance begins: the greeting is over by then."""

LISTEN_S = 0.5
"""For how long callers go on listening: a turn that is complete last wants to be answered, too."""

_HEADER_BYTES = 12
_LOUD = 300.0
_NOISE_RMS = 12.0
# Linux: struct timespec by the kernel, in CLOCK_REALTIME.
_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("ll")


@dataclass(slots=True)
class Turn:
    """Moments in seconds: the last sample of speech, and the first packet of the answer.

    ``complete`` is when the packet left with which the silence that was to be waited is complete.
    """

    speech_end: float
    complete: float = math.inf
    answered: float = math.inf


@dataclass(slots=True)
class Caller:
    """One call: its socket, its place within the 20 ms, and its turns so far."""

    sock: socket.socket
    phase: float
    lag: int
    cuts: Samples
    turns: list[Turn] = field(default_factory=list)
    sent: int = 0
    loud: bool = False


class Speech:
    """What all callers say: cut off at a loud place, so that its end is beyond doubt."""

    def __init__(self) -> None:
        said = spoken(12)
        frames = said[: len(said) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
        power = (frames.astype(np.float64) ** 2).mean(axis=1)
        # Four loud frames where it ends.
        ends = np.lib.stride_tricks.sliding_window_view(power, 4).min(axis=1)[
            UTTERANCE_FRAMES - 4 :
        ]
        first = int(ends.argmax())
        self._frames = frames[first : first + UTTERANCE_FRAMES]
        self._noise = np.random.default_rng(1).normal(0, _NOISE_RMS, (50, FRAME_SAMPLES))

    def frame(self, number: int, cut: int) -> Samples:
        """Return frame ``number`` of an utterance whose last frame ends after ``cut`` samples."""
        line: Samples = self._noise[number % 50].astype(np.int16)
        if number >= UTTERANCE_FRAMES:
            return line
        until = cut if number == UTTERANCE_FRAMES - 1 else FRAME_SAMPLES
        return np.concatenate([self._frames[number][:until], line[until:]])


def open_callers(count: int) -> list[Caller]:
    """Return callers spread over the 20 ms and over the period."""
    random = np.random.default_rng(count)
    callers = []
    for _ in range(count):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        sock.setblocking(False)
        sock.bind(("127.0.0.1", 0))
        lag = int(random.integers(0, round(PERIOD_S / FRAME_SECONDS)))
        cuts = random.integers(1, FRAME_SAMPLES, 1000).astype(np.int16)
        callers.append(Caller(sock, random.uniform(0, FRAME_SECONDS), lag, cuts))
    return callers


def converse(callers: list[Caller], port: int, seconds: float, silence_s: float) -> None:
    """Let all callers speak and listen for so long. Raises ``LoadError`` if nobody answers.

    What is complete later than that is no turn; callers listen for ``LISTEN_S`` more.
    """
    speech = Speech()
    began = time.time()
    deadlines = sorted((caller.phase, index) for index, caller in enumerate(callers))
    ticks = round((seconds + LISTEN_S) / FRAME_SECONDS)
    for tick in range(ticks):
        start = began + tick * FRAME_SECONDS
        for phase, index in deadlines:
            due = start + phase
            # What has come carries the kernel's stamp: to look for it earlier would only cost time.
            _listen(callers[index])
            if (left := due - time.time()) > 0:
                time.sleep(left)
            _say(callers[index], port, tick, speech, silence_s)
    for caller in callers:
        _listen(caller)
        caller.turns = [turn for turn in caller.turns if turn.complete < began + seconds]
        caller.sock.close()
    if not any(turn.answered < math.inf for caller in callers for turn in caller.turns):
        raise LoadError("the engine has answered nobody")


def _say(caller: Caller, port: int, tick: int, speech: Speech, silence_s: float) -> None:
    period = round(PERIOD_S / FRAME_SECONDS)
    position = tick - round(FIRST_S / FRAME_SECONDS) - caller.lag
    turn, number = divmod(position, period) if position >= 0 else (0, UTTERANCE_FRAMES)
    cut = int(caller.cuts[turn])
    samples = speech.frame(number, cut)
    packet = plain_packet(
        SLIN16,
        tick & 0xFFFF,
        tick * FRAME_SAMPLES & 0xFFFF_FFFF,
        caller.lag,
        samples.astype(">i2").tobytes(),
        marker=False,
    )
    now = time.time()
    caller.sock.sendto(packet, ("127.0.0.1", port))
    caller.sent += 1
    if position < 0:
        return
    silent = (number + 1 - UTTERANCE_FRAMES) * FRAME_SAMPLES + FRAME_SAMPLES - cut
    if number == UTTERANCE_FRAMES - 1:
        # As a phone: a packet's last sample is spoken when the packet leaves.
        caller.turns.append(Turn(now - (FRAME_SAMPLES - cut) / SAMPLE_RATE))
    elif (
        caller.turns and caller.turns[-1].complete == math.inf and silent >= silence_s * SAMPLE_RATE
    ):
        caller.turns[-1].complete = now


def _listen(caller: Caller) -> None:
    while True:
        try:
            packet, ancillary, _, _ = caller.sock.recvmsg(2048, 64)
        except BlockingIOError:
            return
        samples = np.frombuffer(packet[_HEADER_BYTES:], ">i2").astype(np.float32)
        loud = bool(np.sqrt((samples**2).mean()) > _LOUD)
        if loud and not caller.loud and caller.turns and caller.turns[-1].answered == math.inf:
            caller.turns[-1].answered = _stamp(ancillary)
        caller.loud = loud


def _stamp(ancillary: list[tuple[int, int, bytes]]) -> float:
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack(data[: _TIMESPEC.size])
            return float(seconds + nanoseconds / 1e9)
    return time.time()
