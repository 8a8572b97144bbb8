from __future__ import annotations

import pytest

from voicebot.turns import words as w
from voicebot.turns.languages import ENGLISH, LANGUAGES, NEUTRAL, RUSSIAN, Language, language


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("Hello, World!", ["hello", "world"]),
        ("I'd like — please…", ["i'd", "like", "please"]),
        ("It’s twenty-one.", ["it's", "twenty", "one"]),
        ("Ещё одна", ["еще", "одна"]),
        ("[coughs] yes (laughs)", ["yes"]),
        ("555-0199", ["555", "0199"]),
    ],
)
def test_tokens(text: str, tokens: list[str]):
    assert w.tokens(text) == tokens


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("", 0),
        ("My number is", 0),
        ("five five five", 3),
        ("It's 555-0199", 7),
        ("oh one two, double three", 5),
        ("triple four", 3),
        ("twenty-one", 2),
        ("nineteen eighty four", 4),
        ("one hundred", 3),
        ("nine hundred twenty one", 3),
        ("five and then two", 1),
        ("call 911 now", 0),
        ("double", 0),
    ],
)
def test_digits_at_the_end_of_english(text: str, digits: int):
    assert w.dictation(w.tokens(text), ENGLISH)[1] == digits


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("мой номер", 0),
        ("восемь девятьсот шестнадцать", 4),
        ("сто двадцать три", 3),
        ("сорок пять шестьдесят семь", 4),
        ("двести", 3),
        ("девятьсот двадцать один", 3),
        ("ноль ноль семь", 3),
        ("+7 916 123-45-67", 11),
    ],
)
def test_digits_at_the_end_of_russian(text: str, digits: int):
    assert w.dictation(w.tokens(text), RUSSIAN)[1] == digits


def test_numerals_count_in_every_language():
    assert w.dictation(["12", "34"], NEUTRAL) == ([], 4)


@pytest.mark.parametrize(
    ("text", "open_", "question", "closed"),
    [
        ("Well,", True, False, False),
        ("Well...", True, False, False),
        ("Well…", True, False, False),
        ("I want to –", True, False, False),
        ("Is it open?", False, True, True),
        ('He said "no."', False, False, True),
        ("Done!", False, False, True),
        ("您好。", False, False, True),
        ("Done", False, False, False),
        ("", False, False, False),
    ],
)
def test_punctuation(text: str, open_: bool, question: bool, closed: bool):
    assert (w.breaks_off(text), w.asks(text), w.closes(text)) == (open_, question, closed)


@pytest.mark.parametrize(
    ("text", "whole"),
    [("uh huh", True), ("yes of course", True), ("yes of", False), ("", False), ("of yes", False)],
)
def test_consists_of_phrases(text: str, whole: bool):
    phrases = frozenset({"uh huh", "yes", "of course"})
    assert w.consists_of(w.tokens(text), phrases) is whole


def test_words_are_worth_the_mean_of_their_best_parts_by_letters():
    values = {"so": 0.5, "so so": 0.75, "well": 1.0}

    def of(part: list[str]) -> float:
        return values.get(" ".join(part), 0.0)

    assert w.worth(["well"], of) == 1.0
    assert w.worth(["so", "so"], of) == 0.75
    assert w.worth(["well", "so"], of) == pytest.approx(5 / 6)
    assert w.worth(["well", "so", "unknown"], of) == 0.0
    assert w.worth([], of) == 0.0


def test_what_follows_words_that_are_worth_nothing_is_not_asked_for():
    asked: list[list[str]] = []

    def of(part: list[str]) -> float:
        asked.append(part)
        return float(part == ["well"])

    assert w.worth(["well", "what", "does", "it", "cost", "to", "park"], of) == 0.0
    assert {part[0] for part in asked} == {"well", "what"}


@pytest.mark.parametrize(
    ("text", "once"),
    [
        ("stop", "stop"),
        ("stop stop stop", "stop"),
        ("I see I see I see I", "i see"),
        ("sounds good sounds goo", "sounds good"),
        ("I see you see", "i see you see"),
        ("", ""),
    ],
)
def test_what_loops_is_told_once(text: str, once: str):
    assert " ".join(w.once(w.tokens(text))) == once


@pytest.mark.parametrize(
    ("words", "alike"),
    [
        (["хватит"], 1.0),
        (["кватид"], 0.75),
        # Other words are nearer, or there are too many.
        (["привет"], 0.0),
        (["кватид", "да", "кватид"], 0.0),
        ([], 0.0),
    ],
)
def test_misheard_words_are_like_others_by_spelling_and_sound(words: list[str], alike: float):
    phrases, others = frozenset({"хватит", "стоп"}), frozenset({"привет"})
    found = w.misheard(words, phrases, others, RUSSIAN.sounds)
    assert found == pytest.approx(alike, abs=0.01)


def test_by_spelling_alone_words_may_be_less_alike():
    phrases, others = frozenset({"не надо"}), frozenset({"ну да"})
    assert w.misheard(["нина", "да"], phrases, others, RUSSIAN.sounds) > 0.7
    assert w.misheard(["нина", "да"], phrases, others, {}) < 0.7


def test_contains_and_ends_with_phrases():
    phrases = frozenset({"hold on"})
    assert w.contains(["please", "hold", "on", "now"], phrases)
    assert not w.contains(["hold", "it", "on"], phrases)
    assert w.ends_with(["please", "hold", "on"], phrases)
    assert not w.ends_with(["hold", "on", "now"], phrases)


@pytest.mark.parametrize(
    ("code", "tables"),
    [("en", ENGLISH), ("en-GB", ENGLISH), ("EN_us", ENGLISH), ("ru", RUSSIAN), ("fi", NEUTRAL)],
)
def test_language_codes(code: str, tables: Language):
    assert language(code) is tables


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_every_phrase_is_written_as_tokens_are(code: str):
    tables = LANGUAGES[code]
    names = [name for name in tables.__slots__ if isinstance(getattr(tables, name), frozenset)]
    phrases = {phrase for name in names for phrase in getattr(tables, name)}
    phrases |= set(tables.numbers) | set(tables.counts)
    assert {phrase for phrase in phrases if " ".join(w.tokens(phrase)) != phrase} == set()
    assert {phrase for phrase in phrases if len(phrase.split()) > w.LONGEST} == set()


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_no_phrase_both_takes_the_word_and_gives_it_back(code: str):
    tables = LANGUAGES[code]
    assert not tables.stops & (tables.back_channels | tables.go_on)
    assert not tables.yes & tables.no
    assert tables.noises <= tables.back_channels
