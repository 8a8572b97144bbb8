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
    # Measures
    ("It's 5 km. Then left.", "It's five kilometres. Then left."),
    ("1 kg, 2.5 kg and 20 °C", "one kilogram, two point five kilograms and twenty degrees"),
    ("30 mins, 2 hrs, 1 hr", "thirty minutes, two hours, one hour"),
    ("approx. 20 min.", "approximately twenty minutes."),
    ("16 GB at 60 mph, 10k", "sixteen gigabytes at sixty miles an hour, ten thousand"),
    ("3 in stock, 5G, 4B", "three in stock, five G, four B"),
    (
        "It is -5°C, −7 °C or 10 -15.",
        "It is minus five degrees, minus seven degrees or ten to fifteen.",
    ),
    ("1.0 kg", "one kilogram"),
    # Times and days
    ("at 9am and 8.30 am", "at nine am and eight thirty am"),
    ("at 10.30, not 10.30%", "at ten thirty am, not ten point three percent"),
    ("9am-5pm, noon–1pm, 2–3pm", "nine am to five pm, noon to one pm, two to three pm"),
    ("10am to 12pm", "ten am to twelve pm"),
    ("9:00 AM – 6:00 PM", "nine am to six pm"),
    ("Mon-Fri 9:00-18:00", "Monday to Friday nine am to six pm"),
    ("Sat 10:00 and Sun. 11:00", "Saturday ten am and Sunday eleven am"),
    ("the sun sat on", "the sun sat on"),
    (
        "Mon, Wed, Fri. Sat. and Sun. from 10am",
        "Monday, Wednesday, Friday. Saturday and Sunday from ten am",
    ),
    ("Closed Sun. and Mon.", "Closed Sunday and Monday."),
    # Dates
    ("on 3 May 2026 or May 3rd", "on May third, twenty twenty-six or May third"),
    ("Nov 30, 5 Dec. 2026", "November thirtieth, December fifth, twenty twenty-six"),
    ("12.11.2026", "November twelfth, twenty twenty-six"),
    ("Dec 24–26 or 3-5 May", "December twenty-fourth to twenty-sixth or May third to fifth"),
    ("2025-2026", "twenty twenty-five to twenty twenty-six"),
    (
        "13/5/2026 and 5/13/2026",
        "May thirteenth, twenty twenty-six and May thirteenth, twenty twenty-six",
    ),
    ("03/05/2026", "three, five, twenty twenty-six"),
    ("in May 2026, the year 2005", "in May twenty twenty-six, the year two thousand and five"),
    ("the 1990s and 2000s", "the nineteen nineties and two thousands"),
    ("5th–7th of May, May 5th-7th", "May fifth to seventh, May fifth to seventh"),
    ("5-7 May 2025", "May fifth to seventh, twenty twenty-five"),
    ("May 5–7, 2025", "May fifth to seventh, twenty twenty-five"),
    ("In May 5 people came", "In May five people came"),
    ("begin May 5", "begin May fifth"),
    ("Mar-Apr, Jun – Aug.", "March to April, June to August."),
    ("you may 5 times", "you may five times"),
    # Money
    ("$3.5 million", "three point five million dollars"),
    ("£1m, €2bn, 10p", "one million pounds, two billion euros, ten pence"),
    (
        "$5–$10, £20-30, 10%–20%",
        "five to ten dollars, twenty to thirty pounds, ten to twenty percent",
    ),
    ("£4/month, $10/hr", "four pounds per month, ten dollars per hour"),
    (
        "$3.5 or £0.5, not $3.05",
        "three dollars and fifty cents or fifty pence, not three dollars and five cents",
    ),
    ("-$5 or −€1", "minus five dollars or minus one euro"),
    ("and/or N/A", "and/or N/A"),
    (
        "€0.99, USD 20, 1,500 EUR",
        "ninety-nine cents, twenty dollars, one thousand five hundred euros",
    ),
    # Fractions, proportions, ranges
    ("1/2 or 3 1/4 or 2/3", "a half or three and a quarter or two thirds"),
    ("3½ hours, ¼ mile", "three and a half hours, one quarter mile"),
    ("50/50, 2:1", "fifty fifty, two to one"),
    ("between 10-15 km", "between ten and fifteen kilometres"),
    ("10 – 15 people", "ten to fifteen people"),
    # Numbers that are names
    ("order #12345, PIN 0042", "order one two three four five, PIN zero zero four two"),
    ("in case 1234 people call", "in case one thousand two hundred and thirty-four people call"),
    ("case 1234", "case one two three four"),
    ("Extension 101-105", "extension one zero one to one zero five"),
    ("order no. 4711", "order number four seven one one"),
    ("Call 112 or 911.", "Call one one two or nine one one."),
    ("call 100 people", "call one hundred people"),
    ("version 3.2.1", "version three point two point one"),
    ("(020) 7946-0958", "zero two zero, seven nine four six, zero nine five eight"),
    ("1,000,000", "one million"),
    (".5", "point five"),
    # Streets and saints
    ("12 Harbour St. is open", "twelve Harbour Street is open"),
    ("12 Main St. Please come.", "twelve Main Street. Please come."),
    ("12 Main St., London", "twelve Main Street, London"),
    ("St. Mary's", "Saint Mary's"),
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
    ("3,5 ₽", "три рубля пятьдесят копеек"),
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
    # Measures
    ("5 км, 2 км, 1 км", "пять километров, два километра, один километр"),
    ("2,5 кг и 20 °C", "две целых пять десятых килограмма и двадцать градусов"),
    ("1,5 часа, 1,5 минуты", "полтора часа, полторы минуты"),
    ("до 10 км, до 5%", "до десяти километров, до пяти процентов"),
    ("через 15 мин.", "через пятнадцать минут."),
    ("в 18 ч. 32 мин. ровно", "в восемнадцать часов тридцать две минуты ровно"),
    ("5 л.с., 2 л. с.", "пять лошадиных сил, две лошадиные силы."),
    ("90 км/ч", "девяносто километров в час"),
    ("2 кв. м или 100 м²", "два квадратных метра или сто квадратных метров"),
    ("-5 °C, −5 и около -7°C", "минус пять градусов, минус пять и около минус семи градусов"),
    ("от -2 до -1, 5°-7°", "от минус двух до минус одного, пять градусов-семь градусов"),
    ("20-летие, 24-часовой", "двадцатилетие, двадцатичетырёхчасовой"),
    ("10%–20%, 5–10%", "десять-двадцать процентов, пять-десять процентов"),
    # Money
    ("скидка -10%, −3 ₽", "скидка минус десять процентов, минус три рубля"),
    ("2 руб. 50 коп.", "два рубля пятьдесят копеек."),
    ("12,50 руб.", "двенадцать рублей пятьдесят копеек."),
    ("1500 р. в месяц", "тысяча пятьсот рублей в месяц"),
    ("5 тыс. руб. и 2 тыс.", "пять тысяч рублей и две тысячи."),
    ("100 000 рублей, 1 000 000 рублей", "сто тысяч рублей, один миллион рублей"),
    ("3 млн рублей", "три миллиона рублей"),
    ("990 ₽/мес.", "девятьсот девяносто рублей в месяц"),
    ("от 1 500 руб. в день", "от одной тысячи пятисот рублей в день"),
    # Numbers beside their nouns
    ("1 минуту, 2 минуты, 2 часа", "одну минуту, две минуты, два часа"),
    ("21 заявка, 22 заявки", "двадцать одна заявка, двадцать две заявки"),
    ("2 или 3", "два или три"),
    ("2 мужчины, 2 коллеги, 2 женщины", "два мужчины, два коллеги, две женщины"),
    ("в 2 ночи, в 1 ночи, на 2 ночи", "в два ночи, в час ночи, на две ночи"),
    ("по 1 рублю, по 21 рублю", "по одному рублю, по двадцати одному рублю"),
    ("по 1 минуте, по 2 рубля", "по одной минуте, по два рубля"),
    ("к 5 часам, к 3 сотрудникам", "к пяти часам, к трём сотрудникам"),
    ("с 9 до 18", "с девяти до восемнадцати"),
    ("без 5 минут 6", "без пяти минут шесть"),
    ("для 5 человек с 5 людьми", "для пяти человек с пятью людьми"),
    ("от 1 минуты, около 1 часа", "от одной минуты, около одного часа"),
    ("2-3 минуты, 10–15 дней", "две-три минуты, десять-пятнадцать дней"),
    # Ordinals
    ("1-й этаж, 2-го этажа, 3-я линия", "первый этаж, второго этажа, третья линия"),
    ("на 2 линии, в 3 окне", "на второй линии, в третьем окне"),
    ("на 2 этаже", "на втором этаже"),
    ("2-х, 10-ти, 90-е годы", "двух, десяти, девяностые годы"),
    # Dates and days
    (
        "3 мая и 25 декабря в 14:30",
        "третьего мая и двадцать пятого декабря в четырнадцать тридцать",
    ),
    ("к 1 мая, по 31 декабря", "к первому мая, по тридцать первое декабря"),
    ("с 25 по 27 декабря", "с двадцать пятого по двадцать седьмое декабря"),
    (
        "24–26 дек., 2-5 мая",
        "с двадцать четвёртого по двадцать шестое декабря, со второго по пятое мая",
    ),
    ("в течение 1 дня", "в течение одного дня"),
    ("9.00-18.00", "с девяти часов до восемнадцати часов"),
    ("3 мая 2026 г.", "третьего мая две тысячи двадцать шестого года"),
    ("в 2026 году", "в две тысячи двадцать шестом году"),
    ("пн-пт 9:00-18:00", "с понедельника по пятницу с девяти часов до восемнадцати часов"),
    ("вт–чт, вс с 10:00", "со вторника по четверг, воскресенье с десяти часов"),
    ("в сб. и вс., в ср, пт с 10:00", "в субботу и воскресенье, в среду, пятницу с десяти часов"),
    ("во вт. Ждём", "во вторник. Ждём"),
    ("в вт", "во вторник"),
    ("до пт, со ср", "до пятницы, со среды"),
    ("пн. и вт. Ждём", "понедельник и вторник. Ждём"),
    ("10:30-12:00, в 10.30", "с десяти тридцати до двенадцати часов, в десять тридцать"),
    # Numbers that are names
    ("заказ 12345", "заказ один два три четыре пять"),
    ("8 495 123 45 67", "восемь, четыре девять пять, один два три, четыре пять, шесть семь"),
    ("и т. д., т. е. мы", "и так далее, то есть мы"),
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
