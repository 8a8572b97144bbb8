"""Numbers as people say them, word by word, in English and Russian."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def _table(words: str, values: Sequence[int]) -> dict[str, int]:
    groups = [group.split("/") for group in words.split()]
    return {word: value for group, value in zip(groups, values, strict=True) for word in group}


NUMERALS: Final[Mapping[str, int]] = (
    _table(
        "zero/oh/o/nought/nil one two three four five six seven eight nine "
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
        range(20),
    )
    | _table("twenty thirty forty/fourty fifty sixty seventy eighty ninety", range(20, 100, 10))
    | _table(
        "ноль/нуль один/одна/одно/раз/единица/одного два/две/двойка/двух "
        "три/тройка/трёх/трех четыре/четвёрка/четверка/четырёх/четырех пять/пятёрка/пятерка/пяти "
        "шесть/шестёрка/шестерка/шести семь/семёрка/семерка/семи восемь/восьмёрка/восьмерка/восьми "
        "девять/девятка/девяти десять/десятка/десяти одиннадцать/одиннадцати двенадцать/двенадцати "
        "тринадцать/тринадцати четырнадцать/четырнадцати пятнадцать/пятнадцати "
        "шестнадцать/шестнадцати семнадцать/семнадцати восемнадцать/восемнадцати "
        "девятнадцать/девятнадцати",
        range(20),
    )
    | _table(
        "двадцать/двадцати тридцать/тридцати сорок/сорока пятьдесят/пятидесяти "
        "шестьдесят/шестидесяти семьдесят/семидесяти восемьдесят/восьмидесяти девяносто/девяноста",
        range(20, 100, 10),
    )
    | _table(
        "сто/ста двести/двухсот триста/трёхсот/трехсот четыреста/четырёхсот/четырехсот "
        "пятьсот/пятисот шестьсот/шестисот семьсот/семисот восемьсот/восьмисот девятьсот/девятисот",
        range(100, 1000, 100),
    )
)

HUNDRED: Final = "hundred"

A_THOUSAND: Final = frozenset({"тысяча", "тысячу"})
"""That is 1,000 also without a one in front of it."""

THOUSAND: Final = A_THOUSAND | {"thousand", "тысячи", "тысяч"}

MANY: Final[Mapping[str, int]] = _table(
    "zeros/zeroes/ohs ones twos threes fours fives sixes sevens eights nines", range(10)
) | _table(
    "нуля/ноля/нулей/нули единицы/единиц двойки/двоек тройки/троек "
    "четвёрки/четверки/четвёрок/четверок пятёрки/пятерки/пятёрок/пятерок "
    "шестёрки/шестерки/шестёрок/шестерок семёрки/семерки/семёрок/семерок "
    "восьмёрки/восьмерки/восьмёрок/восьмерок девятки/девяток",
    range(10),
)
"""Digits of which there are several: three sevens."""

REPEATS: Final[Mapping[str, int]] = {"double": 2, "triple": 3, "treble": 3}

BETWEEN: Final = frozenset(
    {"um", "uh", "er", "erm", "hm", "then", "dash", "hyphen", "minus", "dot", "point", "plus"}
    | {"э", "эм", "ээ", "ну", "потом", "затем", "дальше", "тире", "дефис", "минус", "точка", "плюс"}
)
"""What is said between the digits of one number."""

AND: Final = "and"
"""Said between the digits of one number only after a hundred."""
