"""Words that sound alike."""

from __future__ import annotations

import pytest

from voicebot.speech.likeness import contained, likeness, words_of

NOTHING: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("language", "said", "known"),
    [
        ("en", "cells", "sales"),
        ("en", "sails", "sales"),
        ("en", "invoices", "invoice"),
        ("en", "building", "billing"),
        ("en", "petersen", "peterson"),
        ("en", "hanna", "anna"),
        ("ru", "бухгалтерией", "бухгалтерия"),
        ("ru", "бугалтерия", "бухгалтерия"),
        ("ru", "продаш", "продаж"),
        ("ru", "петровой", "петрова"),
        ("de", "buchhaltung", "buchhaltungen"),
    ],
)
def test_inflected_and_misheard_words_are_alike(language: str, said: str, known: str):
    assert likeness(said, known, language) > 0


@pytest.mark.parametrize(
    ("language", "said", "known"),
    [
        ("en", "and", "ann"),
        ("en", "an", "ann"),
        ("en", "silly", "sales"),
        ("en", "support", "sales"),
        ("ru", "она", "анна"),
        ("ru", "погода", "продаж"),
        ("ru", "почта", "счета"),
    ],
)
def test_other_words_are_not(language: str, said: str, known: str):
    assert likeness(said, known, language) == 0


def test_the_word_itself_is_the_most_alike():
    assert likeness("sales", "sales", "en") == 1
    assert likeness("cells", "sales", "en") < 1


def test_all_words_of_a_name_must_be_said():
    assert contained(["front", "desk"], ["the", "front", "desk"], "en", NOTHING) == 1
    assert contained(["front", "desk"], ["help", "desk"], "en", NOTHING) == 0


def test_a_word_torn_in_two_is_found():
    assert contained(["accounting"], ["a", "counting"], "en", NOTHING) > 0


def test_a_common_word_is_never_a_misheard_name():
    assert contained(["peterson"], ["person"], "en", NOTHING) > 0
    assert contained(["peterson"], ["person"], "en", frozenset({"person"})) == 0


def test_words_have_no_signs():
    assert words_of("I'd like — Ёлка, e-mail!") == ["id", "like", "елка", "e", "mail"]
