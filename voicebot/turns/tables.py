"""The word tables of a language, and what they are written with.

Words are written as ``words.tokens`` gives them: lower case, no punctuation, 'ё' as 'е'. A phrase
of several words is one string with single spaces.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING

from voicebot.turns.words import tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def phrases(text: str) -> frozenset[str]:
    """Return the phrases of ``text``, which are separated by commas."""
    return frozenset(phrase.strip() for phrase in text.split(",") if phrase.strip())


def heard(text: str) -> frozenset[str]:
    """Return the phrases of ``text``, also without apostrophes, as some recognisers write them."""
    return phrases(text) | phrases(text.replace("'", ""))


def numbers(**classes: str) -> Mapping[str, str]:
    """Return the class of each number word."""
    return {word: name for name, text in classes.items() for word in text.split()}


def least(count: int, text: str) -> dict[str, int]:
    """Return ``count`` for each of the words of ``text``."""
    return dict.fromkeys(text.split(), count)


def counts(text: str, *, first: int) -> dict[str, int]:
    """Return what the words of ``text``, which count upwards from ``first``, stand for."""
    return {word: count for count, word in enumerate(text.split(), start=first)}


def echoes(verbs: str, pronouns: str, adverbs: str) -> frozenset[str]:
    """Return 'is it', 'it is' and 'it really is' for each of the words."""
    found = set()
    for verb, pronoun in product(verbs.split(), pronouns.split()):
        found |= {f"{verb} {pronoun}", f"{pronoun} {verb}"}
        found |= {f"{pronoun} {adverb} {verb}" for adverb in adverbs.split()}
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Language:
    """The word tables of one language.

    ``code`` (ISO 639-1) is by which ``completion`` finds what was learned of the language.
    ``open_endings``: after these more must come (conjunctions, prepositions, articles, fillers, and
    phrases such as 'my number is'). ``complete``: whole turns by themselves; so are ``openers``,
    with which a longer one often begins. ``names``: who can be asked for here; they are whole
    turns, too, ``courtesies`` around them or not; after ``closings`` nothing more of a question
    comes. ``inversions`` are the verbs that begin a yes-or-no question, with how many words one of
    theirs has at least: 'is it late', but 'do you have one'. ``back_channels`` show that somebody
    listens, and ``noises`` among them answer nothing. ``assessments``, which judge what was heard,
    show it too, after any number of ``frames`` and with one of ``judged`` behind them: 'wonderful',
    "that's really a good idea"; so do ``echoes``, which repeat its verb: 'is it', 'they do'.
    ``tails`` may follow all of these: 'okay then'. ``stops`` take the word (with what recognisers
    make of them: 'start'), ``go_on`` gives it back; ``wants`` are words for what callers ask for,
    and none that a listener says; ``over_bot`` is what is often said over a bot, for a recogniser
    to expect. ``hums`` are the letters of 'mm-hmm', the first of them in all of its spellings;
    ``sounds`` maps letters to those that they sound like, where spelling follows the sound.
    ``numbers`` maps number words to ``digit``, ``teen``, ``tens``, ``hundreds`` (a word for 300),
    ``hundred`` (said after a digit), ``double`` or ``triple``. The rest reads the bot's
    questions: ``counts`` before a ``digit_noun`` say how many digits are asked for,
    ``phone_digits`` how many a phone number has, ``extension_digits`` how many the extensions here
    have.
    """

    code: str = ""
    open_endings: frozenset[str] = field(default=frozenset())
    complete: frozenset[str] = field(default=frozenset())
    openers: frozenset[str] = field(default=frozenset())
    names: frozenset[str] = field(default=frozenset())
    courtesies: frozenset[str] = field(default=frozenset())
    closings: frozenset[str] = field(default=frozenset())
    inversions: Mapping[str, int] = field(default_factory=dict)
    yes: frozenset[str] = field(default=frozenset())
    no: frozenset[str] = field(default=frozenset())
    goodbyes: frozenset[str] = field(default=frozenset())
    back_channels: frozenset[str] = field(default=frozenset())
    noises: frozenset[str] = field(default=frozenset())
    assessments: frozenset[str] = field(default=frozenset())
    frames: frozenset[str] = field(default=frozenset())
    judged: frozenset[str] = field(default=frozenset())
    echoes: frozenset[str] = field(default=frozenset())
    tails: frozenset[str] = field(default=frozenset())
    stops: frozenset[str] = field(default=frozenset())
    go_on: frozenset[str] = field(default=frozenset())
    wants: frozenset[str] = field(default=frozenset())
    over_bot: str = ""
    hums: str = ""
    sounds: Mapping[int, int | None] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    question_words: frozenset[str] = field(default=frozenset())
    alternatives: frozenset[str] = field(default=frozenset())
    asks: frozenset[str] = field(default=frozenset())
    number_nouns: frozenset[str] = field(default=frozenset())
    phone_nouns: frozenset[str] = field(default=frozenset())
    digit_nouns: frozenset[str] = field(default=frozenset())
    counts: Mapping[str, int] = field(default_factory=dict)
    phone_digits: int | None = None
    extension_nouns: frozenset[str] = field(default=frozenset())
    extension_digits: int | None = None

    def knowing(self, names: Iterable[str], extensions: Iterable[str] = ()) -> Language:
        """Return the same language, spoken where ``names`` and ``extensions`` can be asked for."""
        lengths = {len(extension) if extension.isdigit() else None for extension in extensions}
        return replace(
            self,
            names=frozenset(" ".join(tokens(name)) for name in names),
            extension_digits=lengths.pop() if len(lengths) == 1 else None,
        )


NEUTRAL = Language()
