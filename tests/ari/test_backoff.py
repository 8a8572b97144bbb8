from __future__ import annotations

from voicebot.ari import Backoff


def test_the_bound_doubles_up_to_the_longest_wait() -> None:
    backoff = Backoff(first_s=0.1, longest_s=1.0, draw=lambda: 1.0)

    waits = [backoff.next_wait() for _ in range(6)]

    assert waits == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


def test_any_wait_below_the_bound_is_possible() -> None:
    draws = iter([0.0, 0.5, 0.25])
    backoff = Backoff(first_s=1.0, longest_s=8.0, draw=lambda: next(draws))

    assert [backoff.next_wait() for _ in range(3)] == [0.0, 1.0, 1.0]


def test_success_starts_again_from_the_first_bound() -> None:
    backoff = Backoff(first_s=0.1, longest_s=1.0, draw=lambda: 1.0)
    backoff.next_wait()
    backoff.next_wait()

    backoff.reset()

    assert backoff.next_wait() == 0.1


def test_a_week_of_attempts_keeps_the_longest_wait() -> None:
    backoff = Backoff(first_s=0.1, longest_s=5.0, draw=lambda: 1.0)

    for _ in range(100_000):
        wait = backoff.next_wait()

    assert wait == 5.0


def test_chance_spreads_clients_over_the_whole_bound() -> None:
    waits = [Backoff(first_s=1.0).next_wait() for _ in range(500)]

    assert all(0 <= wait <= 1 for wait in waits)
    assert min(waits) < 0.2
    assert max(waits) > 0.8
