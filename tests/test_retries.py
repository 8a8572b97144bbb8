"""What another try of a test does anew."""

from __future__ import annotations

import numpy as np

from tests.asterisk.voices import Callers
from tests.conftest import try_of


def test_within_a_try_a_caller_says_the_same_thing_the_same_way():
    asked: list[str] = []
    callers = Callers(lambda text: asked.append(text) or np.array([len(asked)]))

    assert callers.of_try(1)("Hello.") is callers.of_try(1)("Hello.")
    assert asked == ["Hello."]


def test_another_try_has_it_spoken_anew():
    asked: list[str] = []
    callers = Callers(lambda text: asked.append(text) or np.array([len(asked)]))

    first, second = callers.of_try(1)("Hello."), callers.of_try(2)("Hello.")

    assert asked == ["Hello.", "Hello."]
    assert first != second


def test_this_is_known_to_be_the_first_try(request):
    assert try_of(request.node) == 1
