"""Text as people say it."""

from __future__ import annotations

import pytest

from voicebot.speech.reading import speakable

ENGLISH = [
    ("from 9:00 to 18:00", "from nine am to six pm"),
    ("at 10:30", "at ten thirty am"),
    ("at 14:05.", "at two oh five pm."),
    ("at 5:30 p.m. today", "at five thirty pm today"),
    ("at 0:00 and 12:00", "at midnight and twelve pm"),
    ("at 29:00", "at twenty-nine:zero zero"),
    ("extension 201", "extension two zero one"),
    ("ext. 33", "extension three three"),
    (
        "call +44 20 7946 0958.",
        "call plus four four, two zero, seven nine four six, zero nine five eight.",
    ),
    (
        "call 8 (800) 555-35-35",
        "call eight, eight zero zero, five five five, three five, three five",
    ),
    (
        "$5.50 or £1 or €4,900",
        "five dollars and fifty cents or one pound or four thousand nine hundred euros",
    ),
    ("She said no. Yes.", "She said no. Yes."),
    ("the no. 5 bus", "the number five bus"),
    ("3.5%", "three point five percent"),
    ("the 22nd", "the twenty-second"),
    ("1,234 items", "one thousand two hundred and thirty-four items"),
    ("2-3 days", "two to three days"),
    ("007", "zero zero seven"),
    ("on 2026-11-22", "on November twenty-second, twenty twenty-six"),
    ("since 1999", "since nineteen ninety-nine"),
    ("24/7", "around the clock"),
    ("No. 5, Dr. Smith", "number five, Doctor Smith"),
    ("pens, paper, etc.", "pens, paper, et cetera."),
    ("hello@northwind.example.", "hello at northwind dot example."),
    ("see https://www.x.org/a-b.", "see x dot org slash a dash b."),
    ("room B12", "room B one two"),
    ("minus -5", "minus minus five"),
    ("R&D & more", "R&D and more"),
]
RUSSIAN = [
    ("с 9:00 до 18:00", "с девяти часов до восемнадцати часов"),
    ("в 10:30", "в десять тридцать"),
    ("до 14:05.", "до четырнадцати ноль пяти."),
    ("в 1:00", "в один час"),
    ("в 2:00", "в два часа"),
    ("к 21:00", "к двадцати одному часу"),
    ("добавочный 201", "добавочный два ноль один"),
    ("доб. 201", "добавочный два ноль один"),
    (
        "+7 (999) 123-45-67",
        "плюс семь, девять девять девять, один два три, четыре пять, шесть семь",
    ),
    ("от 4900 рублей", "от четырёх тысяч девятисот рублей"),
    ("5 490,50 ₽", "пять тысяч четыреста девяносто рублей пятьдесят копеек"),
    ("$1 и 2 €", "один доллар и два евро"),
    ("21% и 5%", "двадцать один процент и пять процентов"),
    ("2026-11-22", "двадцать второе ноября две тысячи двадцать шестого года"),
    ("22.11.2026", "двадцать второе ноября две тысячи двадцать шестого года"),
    ("ул. Портовая, д. 12", "улица Портовая, дом двенадцать"),
    ("счета и т.д.", "счета и так далее."),
    ("hello@northwind.example", "hello собака northwind точка example"),
    ("3,5 метра", "три целых пять десятых метра"),
    ("№ 5", "номер пять"),
    ("24/7", "круглосуточно"),
]


@pytest.mark.parametrize(("written", "spoken"), ENGLISH)
def test_english_is_read_as_people_say_it(written: str, spoken: str):
    assert speakable(written, "en") == spoken


@pytest.mark.parametrize(("written", "spoken"), RUSSIAN)
def test_russian_is_read_as_people_say_it(written: str, spoken: str):
    assert speakable(written, "ru") == spoken


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", text) for text, _ in ENGLISH] + [("ru", text) for text, _ in RUSSIAN],
)
def test_reading_twice_changes_nothing(language: str, written: str):
    once = speakable(written, language)

    assert speakable(once, language) == once


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("**Sure**, *yes* and `code`", "Sure, yes and code"),
        ("# Title", "Title"),
        ("- one\n- two", "one\ntwo"),
        ("1. one", "one"),
        ("see [our page](http://a.b/c)", "see our page"),
        ("Fine 😀👍🏽!", "Fine !"),
        ("snake_case and 2 * 3", "snake_case and two * three"),
    ],
)
def test_markup_is_not_read(written: str, spoken: str):
    assert speakable(written, "en") == spoken


def test_another_language_has_its_plain_numbers_read():
    assert speakable("Wir haben **24** Häuser.", "de") == "Wir haben vierundzwanzig Häuser."


def test_a_language_without_number_words_is_left_as_it_is():
    assert speakable("abc 24, 10:30", "xx") == "abc 24, 10:30"
