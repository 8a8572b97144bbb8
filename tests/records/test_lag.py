"""What the lags of a call come to."""

from __future__ import annotations

import pytest

from voicebot.records.lag import Lag


@pytest.mark.parametrize(
    ("seconds", "lag"),
    [
        ((), Lag(0, 0.0, 0.0, 0.0)),
        ((0.4,), Lag(1, 0.4, 0.4, 0.4)),
        ((0.5, 0.3, 2.0, 0.4), Lag(4, 0.4, 2.0, 2.0)),
        (range(1, 101), Lag(100, 50, 95, 100)),
    ],
)
def test_the_median_the_95th_of_a_hundred_and_the_worst(seconds, lag):
    assert Lag.of(seconds) == lag
