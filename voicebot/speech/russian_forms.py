"""Which form a Russian word takes beside a number, and a number beside a preposition."""

from __future__ import annotations

from typing import Final

# The case that a preposition asks of the number after it: genitive, dative, accusative. 'с' is
# mostly 'from'; 'в' asks for what is the nominative of every number but one.
CASES: Final = {
    **dict.fromkeys(
        ("с", "со", "до", "после", "около", "от", "для", "из", "без", "у", "кроме", "течение"), "g"
    ),
    **dict.fromkeys(("более", "менее", "больше", "меньше", "свыше", "ранее", "позднее"), "g"),
    **dict.fromkeys(("к", "ко"), "d"),
    **dict.fromkeys(("по", "на", "за"), "a"),
}
PREPOSITION: Final = rf"\b(?:{'|'.join(sorted(CASES, key=len, reverse=True))})\s"


def plural(number: int, forms: tuple[str, str, str]) -> str:
    """Return the form of a noun that goes with ``number``: 1 час, 2 часа, 5 часов."""
    if number % 100 in range(11, 15):
        return forms[2]
    return forms[0] if number % 10 == 1 else forms[1] if number % 10 in (2, 3, 4) else forms[2]
