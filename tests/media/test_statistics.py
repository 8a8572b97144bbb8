from __future__ import annotations

import pytest

from voicebot.media.sequence import Place
from voicebot.media.statistics import MediaStatistics, Reception, mean_opinion


def test_a_line_without_faults_is_as_good_as_g107_allows():
    statistics = MediaStatistics(received=3000)

    assert statistics.loss == 0
    assert statistics.r_factor == pytest.approx(92.7, abs=0.1)
    assert statistics.mos == pytest.approx(4.4, abs=0.05)


@pytest.mark.parametrize(
    ("r", "mos"),
    [(100, 4.5), (93.2, 4.41), (90, 4.34), (80, 4.02), (70, 3.60), (60, 3.10), (50, 2.58), (0, 1)],
)
def test_opinions_are_those_of_g107(r: float, mos: float):
    assert mean_opinion(r) == pytest.approx(mos, abs=0.006)


# By hand: Ie-eff with BurstR, of G.711 that conceals its losses (G.113 appendix I: Ie 0, Bpl 25.1).
@pytest.mark.parametrize(
    ("lost", "bursts", "impairment"),
    [
        (10, 10, 3.640),
        (20, 20, 7.011),
        (50, 50, 15.781),
        (100, 90, 27.066),  # at random, a tenth of the losses follows another
        (100, 100, 27.066),
        (100, 45, 31.561),  # twice as many in a row as at random
        (100, 25, 34.077),
        (20, 5, 7.419),
    ],
)
def test_loss_impairs_as_g107_says_and_more_so_in_bursts(lost: int, bursts: int, impairment: float):
    clean = MediaStatistics(received=1000).r_factor

    worse = MediaStatistics(received=1000 - lost, lost=lost, bursts=bursts).r_factor

    assert clean - worse == pytest.approx(impairment, abs=0.001)


@pytest.mark.parametrize(
    ("jitter", "impairment"),
    [(0.0, 0.48), (0.01, 0.96), (0.0785, 4.248), (0.1, 9.977)],  # 0.024 d + 0.11 (d - 177.3)
)
def test_delay_impairs_more_beyond_177_ms(jitter: float, impairment: float):
    statistics = MediaStatistics(received=1000, jitter=jitter)

    assert 93.2 - statistics.r_factor == pytest.approx(impairment, abs=0.001)


def test_a_call_is_summed_up_for_the_log():
    statistics = MediaStatistics(
        received=990, lost=10, bursts=10, late=2, jitter=0.0021, concealed=0.2402
    )

    assert statistics.summary() == {
        "packets": 990,
        "lost": 10,
        "late": 2,
        "jitter_ms": 2.1,
        "concealed_s": 0.24,
        "r_factor": 88.3,
        "mos": 4.29,
    }


def test_nothing_received_is_no_loss():
    assert MediaStatistics().loss == 0


@pytest.mark.parametrize(
    ("lost", "late", "loss"), [(10, 0, 0.01), (0, 10, 0.0099), (5, 5, 0.01), (-20, 0, 0.0)]
)
def test_lost_and_late_packets_count_as_loss(lost: int, late: int, loss: float):
    assert MediaStatistics(received=990 + late, lost=lost, late=late).loss == pytest.approx(
        loss, abs=2e-4
    )


def test_loss_and_jitter_make_it_worse_step_by_step():
    scores = [
        MediaStatistics(received=1000 - lost, lost=lost, jitter=jitter).mos
        for lost, jitter in [(0, 0), (10, 0), (50, 0), (50, 0.1), (200, 0.1), (1000, 0.5)]
    ]

    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)
    assert scores[-1] >= 1


def test_jitter_is_that_of_rfc_3550():
    reception = Reception()

    # Transit times of 0, 10, 0 ms: |D| is 10 ms twice, and the estimate takes a sixteenth of each.
    for index, arrival in enumerate([0.0, 0.030, 0.040]):
        reception.time(index * 320, 16_000, arrival)

    first = 0.010 / 16
    assert reception.jitter == pytest.approx(first + (0.010 - first) / 16)


def test_a_pause_and_a_jump_of_the_timestamps_are_no_jitter():
    reception = Reception()

    for timestamp, arrival in [(0, 0.0), (320, 5.0), (2**31, 5.02), (2**31 + 320, 5.04)]:
        reception.time(timestamp, 16_000, arrival)

    assert reception.jitter == pytest.approx(0)


@pytest.mark.parametrize("first", [0, 1, 65_533])
def test_what_is_expected_counts_across_the_wrap(first: int):
    reception = Reception()

    for index in (0, 1, 4, 3, 7):
        reception.count(first + index & 0xFFFF)

    assert reception.received == 5
    assert reception.lost == 3


def test_a_new_source_adds_its_own_expectation():
    reception = Reception()
    for sequence in (10, 11, 13):
        reception.count(sequence)
    reception.drop(Place.STRANGE)

    reception.restart()
    for sequence in (5000, 5001, 5003):
        reception.count(sequence)

    assert (reception.received, reception.lost, reception.strange) == (6, 2, 0)
