"""The audio of one call over RTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.media.address import external_host
from voicebot.media.audio import SAMPLE_RATE
from voicebot.media.batch import Speaker
from voicebot.media.datagrams import source_key
from voicebot.media.joined import JoinedTimeline
from voicebot.media.playout import Playout
from voicebot.media.receiver import RtpReceiver
from voicebot.media.statistics import MediaStatistics

if TYPE_CHECKING:
    import socket

    from voicebot.media.address import Address
    from voicebot.media.exchange import Exchange
    from voicebot.media.stream import FrameListener


class RtpStream:
    """The audio of one call over RTP: a ``MediaStream``.

    Made by ``RtpEndpoint.open``. The clock's tick sends one packet and lets time go on for what is
    received; datagrams come in between.
    """

    __slots__ = (
        "_batch",
        "_exchange",
        "_final",
        "_foreign_before",
        "_lane",
        "_playout",
        "_receiver",
        "_remote",
        "_row",
        "_speaker",
        "_stalls_before",
    )

    def __init__(
        self, exchange: Exchange, sock: socket.socket, remote: Address, payload_type: int
    ) -> None:
        now, name = exchange.clock.now(), external_host(*remote[:2])
        self._exchange = exchange
        self._lane = exchange.lane
        self._remote = remote
        self._row = exchange.take_row()
        timeline = JoinedTimeline(now) if exchange.listening else None
        self._receiver = RtpReceiver(
            now, max_delay=exchange.max_delay, name=name, timeline=timeline
        )
        self._playout = Playout(wake=self._wake)
        self._speaker = Speaker(self._row, self._playout, sock, name)
        self._foreign_before = exchange.foreign
        self._stalls_before = exchange.clock.stalls
        self._final: MediaStatistics | None = None
        exchange.senders.open(self._row, payload_type, remote)
        exchange.lane.open(self._row, source_key(remote), self._receiver)
        exchange.batches.add(self._speaker)

    @property
    def playout(self) -> Playout:
        """What is being said to the caller."""
        return self._playout

    @property
    def remote(self) -> Address:
        """The address that this call's packets come from and go to."""
        return self._remote

    @property
    def socket(self) -> socket.socket:
        """The socket that this call's packets leave from."""
        return self._speaker.socket

    @property
    def energy(self) -> float | None:
        """The energy of the frame being handed on, where it is known already."""
        return self._lane.energy

    def listen(self, listener: FrameListener) -> None:
        """Hand every frame of the caller's to ``listener`` from now on: 50 a second."""
        self._receiver.listen(listener)

    def statistics(self) -> MediaStatistics:
        """Return what was received, lost and sent so far."""
        if self._final is not None:
            return self._final
        exchange = self._exchange
        exchange.lane.settle(self._row)
        reception, unsent = self._receiver.reception, self._speaker.unsent
        return MediaStatistics(
            received=reception.received,
            lost=reception.lost,
            late=reception.late,
            duplicates=reception.duplicates,
            strange=reception.strange,
            bursts=reception.bursts,
            malformed=reception.malformed,
            foreign=exchange.foreign - self._foreign_before,
            jitter=reception.jitter,
            concealed=self._receiver.concealed / SAMPLE_RATE,
            sent=int(exchange.senders.sent[self._row]) - unsent,
            unsent=unsent,
            stalls=exchange.clock.stalls - self._stalls_before,
            unheard=not exchange.lane.hears(source_key(self._remote)),
        )

    async def close(self) -> None:
        """Stop both directions and release everything. Closing twice is allowed."""
        if self._final is not None:
            return
        self._final = self.statistics()
        self._exchange.batches.remove(self._speaker)
        self._exchange.lane.close(self._row, source_key(self._remote))
        self._exchange.forget(self, self._row)

    def _wake(self) -> None:
        if self._speaker.batch is not None:
            self._speaker.batch.wake(self._speaker)
