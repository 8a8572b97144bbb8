"""Which form a Russian word takes beside a number, and a number beside a preposition."""

from __future__ import annotations

from typing import Final

# The case that a preposition asks of the number after it: genitive, dative, accusative. 'с' is
# mostly 'from'; 'в' asks for what is the nominative of every number but one.
CASES: Final = {
    **dict.fromkeys(
        ("с", "со", "до", "после", "около", "от", "для", "из", "без", "у", "кроме", "течение"), "g"
    ),
    **dict.fromkeys(
        ("более", "менее", "больше", "меньше", "свыше", "ранее", "позднее", "нет"), "g"
    ),
    **dict.fromkeys(("к", "ко"), "d"),
    **dict.fromkeys(("по", "на", "за", "через"), "a"),
}
PREPOSITION: Final = rf"\b(?:{'|'.join(sorted(CASES, key=len, reverse=True))})\s"

BEFORE: Final = rf"{PREPOSITION}(?:минус )?"


def case_after(preposition: str) -> str:
    """Return which case ``preposition`` asks for; 'минус' may follow it."""
    return CASES.get(preposition.lower().removesuffix("минус ").strip(), "n")


def plural(number: int, forms: tuple[str, str, str]) -> str:
    """Return the form of a noun that goes with ``number``: 1 час, 2 часа, 5 часов."""
    if number % 100 in range(11, 15):
        return forms[2]
    return forms[0] if number % 10 == 1 else forms[1] if number % 10 in (2, 3, 4) else forms[2]


def as_object(said: str, preposition: str) -> str:
    """Return a number in the nominative as the object of ``preposition``: 'за тысячу рублей'."""
    if said == "тысяча" and preposition.strip().lower() == "по":
        return "тысяче"
    if case_after(preposition) != "a":
        return said
    return said.replace("тысяча", "тысячу").replace("одна ", "одну ")
