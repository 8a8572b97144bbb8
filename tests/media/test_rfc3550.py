"""Reception against the program text of RFC 3550, appendices A.1, A.3 and A.8."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.media.wire import FRAME, slin
from voicebot.media.jitter import JitterBuffer

RTP_SEQ_MOD = 1 << 16
MAX_DROPOUT = 3000
MAX_MISORDER = 100


class Source:
    """``struct source`` and what the appendices do with it, without the two packets of probation.

    Those are for a port that hears anybody; our packets come from the one address there is.
    """

    def __init__(self, seq: int) -> None:
        self.base_seq = self.max_seq = seq
        self.cycles = 0
        self.received = 0
        self.transit: float | None = None
        self.jitter = 0.0

    def update_seq(self, seq: int) -> None:
        udelta = seq - self.max_seq & 0xFFFF
        if udelta < MAX_DROPOUT:
            if seq < self.max_seq:
                self.cycles += RTP_SEQ_MOD
            self.max_seq = seq
        else:
            # a duplicate, or reordered: a jump is a matter of other tests
            assert udelta > RTP_SEQ_MOD - MAX_MISORDER
        self.received += 1

    def lost(self) -> int:
        extended_max = self.cycles + self.max_seq
        return extended_max - self.base_seq + 1 - self.received

    def update_jitter(self, arrival: float, timestamp: float) -> None:
        transit = arrival - timestamp
        if self.transit is not None:
            self.jitter += 1 / 16 * (abs(transit - self.transit) - self.jitter)
        self.transit = transit


FAULTS = st.lists(
    st.tuples(st.sampled_from(["", "", "", "lost", "twice"]), st.floats(0, 0.12)), max_size=150
)


@settings(max_examples=150, deadline=None)
@given(FAULTS, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF_FFFF))
def test_loss_and_jitter_are_those_of_the_appendices_whatever_the_line_does(
    faults: list[tuple[str, float]], sequence: int, stamp: int
):
    arrivals = [(FRAME, 0)]
    for index, (kind, delay) in enumerate(faults, 1):
        copies = {"lost": 0, "twice": 2}.get(kind, 1)
        arrivals += [((index + 1) * FRAME + delay * (copy + 1), index) for copy in range(copies)]
    buffer, source = JitterBuffer(0.0), Source(sequence)

    for now, index in sorted(arrivals):
        packet = slin(index, sequence=sequence, timestamp=stamp)
        buffer.poll(now)
        buffer.push(packet, now)
        source.update_seq(packet.sequence)
        source.update_jitter(now, index * FRAME)

    reception = buffer.reception
    assert (reception.received, reception.lost) == (source.received, source.lost())
    assert reception.jitter == pytest.approx(source.jitter, abs=1e-9)
