"""What turn taking knows about words, by language.

Another language is another ``Language`` in ``LANGUAGES``; without one the neutral rules apply,
which look at punctuation and digits only. Words are written as ``words.tokens`` gives them: lower
case, no punctuation, 'ё' as 'е'. A phrase of several words is one string with single spaces.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from voicebot.turns.words import tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def _set(text: str) -> frozenset[str]:
    """Return the phrases of ``text``, which are separated by commas."""
    return frozenset(phrase.strip() for phrase in text.split(",") if phrase.strip())


def _numbers(**classes: str) -> Mapping[str, str]:
    """Return the class of each number word."""
    return {word: name for name, text in classes.items() for word in text.split()}


def _least(count: int, text: str) -> dict[str, int]:
    """Return ``count`` for each of the words of ``text``."""
    return dict.fromkeys(text.split(), count)


def _counts(text: str, *, first: int) -> dict[str, int]:
    """Return what the words of ``text``, which count upwards from ``first``, stand for."""
    return {word: count for count, word in enumerate(text.split(), start=first)}


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
    listens; ``noises`` are those that answer nothing. ``stops`` take the word (with what
    recognisers make of them: 'start'), ``go_on`` gives it back; ``over_bot`` is what is often said
    over a bot, for a recogniser to expect. ``hums`` are the letters of 'mm-hmm', the first of them
    in all of its spellings; ``sounds`` maps letters to those that they sound like, where spelling
    follows the sound. ``numbers`` maps number words to ``digit``, ``teen``, ``tens``,
    ``hundreds`` (a word for 300), ``hundred`` (said after a digit), ``double`` or ``triple``. The
    rest reads the bot's questions: ``counts`` before a ``digit_noun`` say how many digits are asked
    for, ``phone_digits`` how many a phone number has, ``extension_digits`` how many the extensions
    here have.
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
    stops: frozenset[str] = field(default=frozenset())
    go_on: frozenset[str] = field(default=frozenset())
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

ENGLISH = Language(
    code="en",
    open_endings=_set(
        "and, or, but, because, so, if, when, while, that, which, who, whose, than, then, as, "
        "unless, until, since, although, though, whether, plus, also, the, a, an, my, your, "
        "his, her, our, their, its, this, these, those, some, any, every, of, to, for, with, "
        "at, in, on, from, by, about, into, between, after, before, without, through, during, "
        "against, under, near, via, not, very, is, are, was, were, am, i'm, it's, be, been, "
        "would, could, should, will, can, i'd, i'll, i've, we're, we'd, let's, i, we, they, he, "
        "she, um, uh, er, erm, hmm, well, like, you know, i mean, let me see, let me think, one "
        "moment, just a moment, my number is, my name is, the number is, i would like, i want, "
        "i need, i wanted to, i'd like to, i would like to, can you, could you, can you please, "
        "could you please, would you please, can i please, please tell me, can you tell me, could "
        "you tell me, can you give me, could you give me, can you send me, could you send me, and "
        "also, as well as, mr, mrs, ms, dr"
    ),
    complete=_set(
        "thank you, thanks, yes please, no thank you, no thanks, that's all, that is all, "
        "that's it, that's right, that's correct, i don't know, never mind, help, pardon, repeat "
        "that please, can you repeat that, say that again, operator, stop, hold on, hang on, be "
        "quiet, shut up, enough, cancel, a person, human, i will wait, i'll wait, i can wait, i'd "
        "like to wait"
    ),
    openers=_set("hello, hi, good morning, good afternoon, good evening, sorry, excuse me"),
    courtesies=_set("the, please, thanks, thank you, hello, hi, good morning, good afternoon"),
    closings=_set("please, thanks, thank you"),
    inversions=_least(3, "is are am was were isn't aren't wasn't weren't")
    | _least(
        4,
        "do does did don't doesn't didn't have has haven't hasn't can could can't couldn't will "
        "would won't wouldn't shall should may might",
    ),
    yes=_set(
        "yes, yeah, yep, yup, yes please, sure, of course, right, correct, exactly, okay, ok, "
        "please do, that's right, that's correct, go ahead, absolutely, definitely, certainly, "
        "fine, alright"
    ),
    no=_set("no, nope, nah, no thanks, no thank you, not really, not now, wrong, incorrect, never"),
    goodbyes=_set(
        "bye, goodbye, good bye, bye bye, see you, have a nice day, have a good day, good "
        "night, thank you bye, thanks bye, talk to you later, see you later"
    ),
    back_channels=_set(
        # Sounds, agreement, understanding, judgement, surprise, thanks.
        "uh huh, uh uh, uhhuh, mm, mmm, mhm, mm hmm, mmhmm, mm hm, hm, hmm, ah, oh, ooh, aha, ah "
        "ha, huh, uh, um, uhm, eh, well, so, "
        "yeah, yes, yep, yup, ya, yea, okay, ok, okey, okie, right, sure, alright, all right, of "
        "course, all right then, alright then, okay then, exactly, absolutely, definitely, "
        "certainly, indeed, true, that's right, that's true, agreed, you're right, and of course, "
        "i see, got it, gotcha, i got it, i get it, i understand, i understood, understood, makes "
        "sense, that makes sense, fair enough, fair, clear, that's clear, i know, noted, "
        "good, very good, great, fine, that's fine, cool, nice, very nice, lovely, perfect, "
        "excellent, wonderful, brilliant, awesome, amazing, fantastic, interesting, sounds good, "
        "sounds great, sounds fine, sounds right, sounds reasonable, that's good, that's great, "
        "that's nice, that's cool, that's lovely, that's wonderful, that's interesting, that's "
        "perfect, that's okay, that's fair, that works, works for me, not bad, neat, sweet, super, "
        "splendid, terrific, superb, beautiful, how nice, how lovely, how interesting, no problem, "
        "no worries, no doubt, good point, good idea, good to know, good to hear, nice to hear, "
        "nice to know, glad to hear it, glad to hear that, "
        "for sure, sure thing, totally, completely, naturally, obviously, clearly, precisely, "
        "quite, quite right, quite so, very true, so true, yes indeed, i agree, i bet, i guess, i "
        "guess so, i suppose, i suppose so, i think so, i believe so, i hear you, i follow, i "
        "remember, i'm with you, i'm listening, i see your point, point taken, roger, roger that, "
        "copy that, righto, "
        "wow, whoa, really, oh my, my goodness, goodness, gosh, gee, my god, oh god, no way, no "
        "kidding, is that so, is that right, oh dear, too bad, that's too bad, that's a pity, "
        "that's a shame, what a pity, what a shame, "
        "thanks, thank you, thanks a lot, thank you very much, thanks so much, thank you so much, "
        "many thanks, cheers, much appreciated, i appreciate it, appreciate it"
    ),
    noises=_set(
        "uh huh, uhhuh, mm, mmm, mhm, mm hmm, mmhmm, mm hm, hm, hmm, ah, oh, ooh, aha, ah ha, huh, "
        "uh, um, uhm, eh"
    ),
    stops=_set(
        "stop, start, wait, hold on, no, hang on, pause, excuse me, sorry, hello, listen, one "
        "moment, just a moment, just a second, one second, shut up, be quiet, enough, never mind, "
        "cancel, but, actually, operator, human, a person, repeat, pardon, what"
    ),
    go_on=_set("go on, go ahead, continue, carry on, keep going, please go on, please continue"),
    over_bot="Uh-huh. Mm-hmm. Yeah. Okay. Right. I see. Stop. Wait. Excuse me.",
    hums="mhn",
    numbers=_numbers(
        digit="zero oh o nought one two three four five six seven eight nine",
        teen="ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
        tens="twenty thirty forty fifty sixty seventy eighty ninety",
        hundred="hundred",
        double="double",
        triple="triple treble",
    ),
    question_words=_set(
        "what, which, who, whom, whose, when, where, why, how, what's, who's, how's"
    ),
    alternatives=_set("or"),
    asks=_set("what, which, tell, give, say, enter, dictate, may, can, could, please, need, spell"),
    number_nouns=_set("number, code, pin, extension, digits, postcode, zip, account"),
    phone_nouns=_set("phone, telephone, mobile, cell, callback"),
    digit_nouns=_set("digit, digits"),
    counts=_counts("two three four five six seven eight nine ten eleven twelve", first=2),
    phone_digits=10,
    extension_nouns=_set("extension, ext"),
)

RUSSIAN = Language(
    code="ru",
    open_endings=_set(
        "и, или, а, но, что, чтобы, если, когда, потому, потому что, так как, который, которая, "
        "которые, где, куда, как, либо, ни, не, в, во, на, с, со, к, ко, по, о, об, от, до, из, "
        "за, у, для, без, про, при, через, между, перед, после, над, под, около, мой, моя, мое, "
        "мои, ваш, ваша, этот, эта, это, тот, та, те, я, мы, он, она, они, мне, нам, эм, э, ээ, "
        "эээ, мм, ну, вот, типа, как бы, значит, в общем, то есть, хочу, хотел бы, хотела бы, "
        "мне нужно, мне надо, могу ли я, можно, мой номер, меня зовут, скажите, подскажите, "
        "скажите пожалуйста, подскажите пожалуйста, минутку, секунду, сейчас, еще, также, очень"
    ),
    complete=_set(
        "спасибо, большое спасибо, спасибо большое, да спасибо, нет спасибо, это все, все, "
        "больше ничего, не знаю, алло, помогите, повторите, повторите пожалуйста, оператор, "
        "оператора, стоп, хватит, стойте, постойте, тихо, достаточно, отмена, подожду, я подожду, "
        "я готов подождать, я готова подождать"
    ),
    openers=_set("здравствуйте, добрый день, доброе утро, добрый вечер, извините, простите"),
    courtesies=_set("пожалуйста, спасибо, здравствуйте, алло, добрый день, доброе утро"),
    closings=_set("пожалуйста, спасибо"),
    yes=_set(
        "да, ага, угу, да да, ну да, конечно, верно, правильно, точно, хорошо, ну хорошо, ладно, "
        "ну ладно, давайте, да пожалуйста, да конечно, именно, разумеется, согласен, согласна, "
        "подходит, можно"
    ),
    no=_set("нет, не, неа, нет спасибо, не надо, не нужно, неверно, неправильно, ни в коем случае"),
    goodbyes=_set(
        "до свидания, пока, всего доброго, всего хорошего, до встречи, хорошего дня, спокойной "
        "ночи, счастливо, до связи, прощайте"
    ),
    back_channels=_set(
        # Sounds, agreement, understanding, judgement, surprise, thanks.
        "ага, угу, агась, угум, мм, ммм, м, мгм, а, о, э, ну, хм, ах, ой, эх, вот, значит, "
        "да, да да, да да да, так, так так, ну да, да уж, точно, конечно, конечно же, верно, все "
        "верно, правильно, все правильно, именно, разумеется, безусловно, естественно, согласен, "
        "согласна, ок, окей, хорошо, ну хорошо, ладно, ну ладно, ладненько, идет, договорились, "
        "подходит, понятно, понятненько, все понятно, понял, поняла, я понял, я поняла, ясно, "
        "ясненько, все ясно, я понимаю, понимаю, знаю, я знаю, логично, "
        "отлично, здорово, прекрасно, замечательно, чудесно, супер, класс, классно, круто, "
        "неплохо, интересно, нормально, очень хорошо, без проблем, "
        "вот как, вот оно что, ого, ух ты, надо же, ничего себе, правда, серьезно, вот это да, "
        "спасибо, большое спасибо, спасибо большое, благодарю"
    ),
    noises=_set("мм, ммм, м, мгм, а, о, э, хм, ах, ой, эх"),
    stops=_set(
        "стоп, стол, подождите, подожди, погодите, погоди, постойте, постой, нет, не надо, хватит, "
        "минутку, минуту, секунду, стойте, замолчи, тихо, извините, простите, алло, послушайте, "
        "слушайте, но, оператор, оператора, человека, повторите, что, отмена, достаточно"
    ),
    go_on=_set("продолжайте, продолжай, дальше, говорите, слушаю, да продолжайте"),
    over_bot=(
        "Ага. Угу. Мгм. Да. Понятно. Хорошо. Ясно. Ладно. Нет. Что? Алло. Не надо. Стоп. "
        "Подождите. Извините. Хватит. Оператор."
    ),
    hums="мгхн",
    # Unstressed vowels, and consonants at the end of a word or on a bad line.
    sounds=str.maketrans("оеэяюыбвгдзжщ", "аииауипфктсшш", "ьъй "),
    numbers=_numbers(
        digit="ноль нуль один одна раз два две три четыре пять шесть семь восемь девять",
        teen=(
            "десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать "
            "семнадцать восемнадцать девятнадцать"
        ),
        tens="двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто",
        hundreds="сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот",
        double="дважды",
        triple="трижды",
    ),
    question_words=_set(
        "что, чего, чему, чем, кто, кого, кому, кем, когда, где, куда, откуда, почему, зачем, "
        "как, какой, какая, какое, какие, каким, какую, сколько, чей, чья, который, котором"
    ),
    alternatives=_set("или, либо"),
    asks=_set(
        "какой, назовите, скажите, продиктуйте, введите, сообщите, подскажите, дайте, укажите, "
        "пожалуйста, можно, ваш"
    ),
    number_nouns=_set("номер, код, пин, цифр, цифры, добавочный, индекс, счет, счета, договора"),
    phone_nouns=_set("телефон, телефона, мобильный, мобильного"),
    digit_nouns=_set("цифра, цифры, цифр, цифрах, значный, значное"),
    counts=_counts("две три четыре пять шесть семь восемь девять десять", first=2)
    | _counts("двух трех четырех пяти шести семи восьми девяти десяти", first=2),
    phone_digits=10,
    extension_nouns=_set("добавочный, добавочного, добавочным, добавочному, внутренний"),
)

LANGUAGES: Mapping[str, Language] = {"en": ENGLISH, "ru": RUSSIAN}


def language(code: str) -> Language:
    """Return the tables for an ISO 639-1 ``code``, with or without a region ('en', 'en-GB')."""
    return LANGUAGES.get(code.lower().replace("_", "-").split("-")[0], NEUTRAL)
