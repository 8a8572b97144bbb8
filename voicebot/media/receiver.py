"""The caller's half of an RTP stream: datagrams in, frames out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from voicebot.errors import MediaError
from voicebot.media.codecs import CODECS
from voicebot.media.framing import Framer
from voicebot.media.jitter import JitterBuffer
from voicebot.media.rtp import RtpPacket
from voicebot.media.timeline import LONGEST_HOLD, Gap, Slip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicebot.media.audio import Frame, Pcm
    from voicebot.media.codecs import Decoder
    from voicebot.media.rtp import Octets
    from voicebot.media.statistics import Reception
    from voicebot.media.steady import Steady
    from voicebot.media.stream import FrameListener
    from voicebot.media.timeline import Chunk, Timeline

LONGEST_PACKET: Final = 3200
"""Samples of 16 kHz, 200 ms: what claims to be longer is no packet of a phone call."""

_log = structlog.get_logger(__name__)


class RtpReceiver:
    """Datagram → ``RtpPacket`` → ``JitterBuffer`` → decoder → ``Framer`` → listeners.

    All of it happens within ``receive`` or ``poll``. ``name`` is the call's in the log. A listener
    that raises is logged and hears no more; it harms nobody else.
    """

    __slots__ = (
        "_decoders",
        "_framer",
        "_jitter",
        "_listeners",
        "name",
    )

    def __init__(
        self,
        now: float,
        *,
        max_delay: float = 0.08,
        name: str = "",
        timeline: Timeline | None = None,
    ) -> None:
        self.name = name
        self._jitter = JitterBuffer(now, max_delay=max_delay, timeline=timeline)
        self._framer = Framer()
        self._decoders: dict[int, Decoder] = {}
        self._listeners: tuple[FrameListener, ...] = ()

    @property
    def reception(self) -> Reception:
        """The running counts."""
        return self._jitter.reception

    @property
    def concealed(self) -> int:
        """Samples of 16 kHz that were made up or silence for want of packets."""
        return self._jitter.concealed

    def listen(self, listener: FrameListener) -> None:
        """Hand every frame to ``listener`` from now on."""
        self._listeners = (*self._listeners, listener)

    def receive(self, datagram: Octets, now: float) -> None:
        """Take a datagram that came at ``now``; hand on the frames it completes."""
        try:
            packet = RtpPacket.parse(datagram)
        except MediaError:
            self.reception.malformed += 1
            return
        codec = CODECS.get(packet.payload_type)
        if codec is None or not 0 < codec.samples(packet.payload) <= LONGEST_PACKET:
            self.reception.malformed += 1
            return
        self._hand_on(self._jitter.push(packet, now), now)

    def poll(self, now: float) -> None:
        """Hand on the frames that the time alone makes due."""
        overdue = now - self._jitter.next_deadline()
        if overdue >= 0:
            # What comes but is of no use, as the same packet again and again, holds up nothing.
            waited = max(overdue, now - self.reception.arrival)
            held_up = waited < LONGEST_HOLD and self._framer.sounding
            self._hand_on(self._jitter.poll(now, held_up=held_up), now)

    def next_deadline(self) -> float:
        """Return the monotonic time from which on ``poll`` may have something to do."""
        return self._jitter.next_deadline()

    def steady(self) -> Steady | None:
        """Return what the next datagram is judged by if it is the common one.

        ``None`` where it may need more than ``hear`` and ``go_on`` do.
        """
        return self._jitter.steady() if self._framer.plain else None

    @property
    def latest(self) -> tuple[Pcm, Pcm]:
        """What was received last, after what was received before it."""
        return self._framer.latest

    def go_on(self, steady: Steady, count: int, frames: tuple[Pcm, Pcm]) -> None:
        """Take over what became of ``steady`` in ``count`` datagrams.

        ``frames`` are the last two; all were given to ``hear``.
        """
        self._jitter.go_on(steady, count)
        self._framer.went_on(*frames)

    def hear(self, frame: Frame, now: float) -> None:
        """Hand a frame to the listeners. One that raises is logged and forgotten."""
        for listener in self._listeners:
            try:
                listener(frame, now)
            except Exception:  # noqa: BLE001 - one call's fault must not stop the others
                _log.exception("frame listener failed and hears no more", call=self.name)
                self._forget(listener)

    def _hand_on(self, chunks: Sequence[Chunk], now: float) -> None:
        for chunk in chunks:
            for frame in self._frames(chunk):
                self.hear(frame, now)

    def _frames(self, chunk: Chunk) -> Sequence[Frame]:
        if isinstance(chunk, RtpPacket):
            return self._framer.add(self._decode(chunk))
        if isinstance(chunk, Gap):
            return self._framer.fill(chunk.samples)
        if isinstance(chunk, Slip):
            self._framer.slip(chunk.frames)
        return ()

    def _decode(self, packet: RtpPacket) -> Pcm:
        decoder = self._decoders.get(packet.payload_type)
        if decoder is None:
            decoder = self._decoders[packet.payload_type] = CODECS[packet.payload_type].decoder()
        return decoder.decode(packet.payload)

    def _forget(self, listener: FrameListener) -> None:
        self._listeners = tuple(other for other in self._listeners if other is not listener)
