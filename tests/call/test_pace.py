"""How long words take to say, as far as their letters tell."""

from __future__ import annotations

from voicebot.call.pace import length


def test_a_short_word_of_one_syllable_is_unstressed():
    # As many vowels and consonants.
    assert length("the") < length("thee")


def test_the_last_e_after_a_consonant_is_not_said():
    assert length("plate") < length("plato")


def test_the_only_vowel_is_said_even_if_it_is_an_e():
    assert length("the") > length("th")


def test_a_word_before_a_pause_is_drawn_out():
    assert length("plato,") > length("plato")
