"""How the largest number of calls is found."""

from __future__ import annotations

import pytest

from bench.transcribe_find import Search, is_fine, saturated


def tried(most: int) -> tuple[list[int], int]:
    """Return the numbers that are tried on a machine that can do ``most`` calls, and the result."""
    search, numbers = Search(), []
    while (calls := search.calls) is not None:
        numbers.append(calls)
        search.note(calls, fine=calls <= most)
    return numbers, search.most


@pytest.mark.parametrize(
    ("most", "numbers", "found"),
    [
        (7, [4, 8, 6, 7], 7),
        (10, [4, 8, 16, 12, 10], 10),
        (3, [4, 2, 3], 3),
        (0, [4, 2, 1], 0),
        (100, [4, 8, 16, 32], 32),
    ],
)
def test_the_number_is_found_in_a_few_runs(most: int, numbers: list[int], found: int):
    assert tried(most) == (numbers, found)


@pytest.mark.parametrize(
    ("worst", "unfinished", "fine"),
    [(4.9, 0, True), (5.1, 0, False), (1.0, 1, False), (None, 0, False)],
)
def test_a_run_is_fine_when_all_finals_came_in_time(worst, unfinished: int, fine: bool):
    assert is_fine({"worst_wait_s": worst, "unfinished_calls": unfinished}) is fine


def test_who_saturates_the_machine_is_told():
    report = {"cpu_of_a_core": {"asterisk": 0.2, "sidecar": 0.3, "models": 1.2, "phones": 0.1}}

    assert saturated(report, 2) == "models (120% of a core; all cores 90% busy)"
