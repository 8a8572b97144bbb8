"""A line between a caller and the receiver, in simulated time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from voicebot.media.audio import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, FRAME_SECONDS
from voicebot.media.codecs import CODECS, SLIN16
from voicebot.media.receiver import RtpReceiver
from voicebot.media.rtp import RtpPacket

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from bench.waveform import Samples
    from voicebot.media.audio import Frame
    from voicebot.media.codecs import Codec

_OVERTAKEN: Final = (1, 3)
"""How many packets may overtake one that is reordered."""

_TAIL_S: Final = 0.5
_TICK_PHASE: Final = 0.007
"""Where the receiver's clock ticks within the sender's 20 ms."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line's faults.

    ``loss`` and ``reorder`` are shares of the packets, ``burst`` is the mean length of a loss in
    packets (Gilbert's model). ``jitter_ms`` is the most that a packet is delayed, evenly spread;
    packets queue behind each other, so that jitter alone reorders none.
    """

    loss: float = 0.0
    burst: int = 1
    jitter_ms: int = 0
    reorder: float = 0.0


@dataclass(slots=True)
class Heard:
    """What came out of the receiver: frames, and the time at which each was handed on."""

    frames: list[Frame] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    packets: int = 0
    concealed: int = 0
    late: int = 0

    @property
    def pcm(self) -> bytes:
        """All of it."""
        return b"".join(self.frames)

    @property
    def samples(self) -> int:
        """How many samples came out."""
        return FRAME_SAMPLES * len(self.frames)


def arrivals(count: int, line: Line, source: random.Random) -> Iterator[tuple[float, int]]:
    """Yield the arrival time (s) and the number of each packet that arrives, in any order."""
    lost = False
    latest = 0.0
    for number in range(count):
        lost = _loses(line, source, before=lost)
        if lost:
            continue
        sent = number * FRAME_SECONDS
        latest = max(latest, sent + source.uniform(0, line.jitter_ms / 1000))
        overtaken = source.randint(*_OVERTAKEN) if source.random() < line.reorder else 0
        yield latest + overtaken * FRAME_SECONDS * 1.05, number


def hear(
    speech: Samples, line: Line, source: random.Random, codec: Codec = CODECS[SLIN16]
) -> Heard:
    """Send ``speech`` (16 kHz) over ``line`` as ``codec``; return what the receiver makes of it."""
    payloads = list(encoded(speech, codec))
    step = codec.clock_rate * FRAME_MS // 1000
    count = len(payloads)
    heard = Heard(packets=count)
    receiver = RtpReceiver(0.0)

    def listen(frame: Frame, now: float) -> None:
        heard.frames.append(frame)
        heard.times.append(now)

    receiver.listen(listen)
    # The sound ends with the packets; what follows is the silence of a line that sends none.
    end = count * FRAME_SECONDS + _TAIL_S
    ticks = [(_TICK_PHASE + tick * FRAME_SECONDS, -1) for tick in range(int(end / FRAME_SECONDS))]
    for now, number in sorted([*arrivals(count, line, source), *ticks]):
        if number < 0:
            receiver.poll(now)
        else:
            packet = RtpPacket(codec.payload_type, number, number * step, 1, payloads[number])
            receiver.receive(packet.serialise(), now)
        if len(heard.frames) <= count:
            heard.concealed = receiver.concealed
    del heard.frames[count:], heard.times[count:]
    heard.late = receiver.reception.late
    return heard


def encoded(speech: Samples, codec: Codec) -> Iterator[bytes]:
    """Yield the payloads of ``speech``, 20 ms each; what does not fill the last is left out."""
    pcm = speech.astype("<i2").tobytes()
    encode = _slin16 if codec.encoder is None else codec.encoder().encode
    for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        yield encode(pcm[at : at + FRAME_BYTES])


def _slin16(frame: Frame) -> bytes:
    """Encode the one format that nothing in the house sends."""
    return np.frombuffer(frame, "<i2").astype(">i2").tobytes()


def _loses(line: Line, source: random.Random, *, before: bool) -> bool:
    """Return whether the next packet is lost, by whether the one ``before`` was."""
    if line.burst <= 1 or not line.loss:
        return source.random() < line.loss
    ends = 1 / line.burst
    begins = ends * line.loss / (1 - line.loss)
    return source.random() >= ends if before else source.random() < begins
