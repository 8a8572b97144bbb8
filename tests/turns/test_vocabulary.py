"""What people say while they listen, and what they say when they want the word."""

from __future__ import annotations

import pytest

from voicebot.turns.expectation import NOTHING_ASKED, Answer, Expectation
from voicebot.turns.languages import ENGLISH, LANGUAGES, NEUTRAL, RUSSIAN, Language
from voicebot.turns.vocabulary import Vocabulary
from voicebot.turns.words import tokens

YES_NO = Expectation(Answer.YES_NO)


def nods(language: Language, text: str) -> bool:
    return Vocabulary(language).is_nod(tokens(text), misheard=False)


@pytest.mark.parametrize(
    "text",
    [
        # Continuers and acknowledgements, American and British.
        *("Mm-hmm", "Uh-huh.", "Yeah, yeah.", "Okey-dokey.", "Righty-ho.", "Aye.", "Yes, sir."),
        *("Right you are.", "Oh right, okay then.", "Okay, love.", "Very well.", "O.K."),
        # Assessments, bare and led in.
        *("Lovely.", "Oh, how lovely!", "That's brilliant.", "Thats brilliant", "That’s cool."),
        *("That sounds really good.", "Oh, well, that's not too bad.", "That'd be great."),
        *("That would be really very nice.", "Pretty good.", "It's fine.", "What a shame!"),
        *("Oh, that's terrible.", "Isn't that awful?", "How weird!", "I think that's fair enough."),
        *("That's a good idea.", "Great idea!", "That's an interesting point.", "Nice one."),
        *("Fine by me.", "Fine with me.", "That's very kind of you.", "Good to know.", "All good."),
        # Truth and agreement.
        *("That's probably true.", "That is exactly right.", "You're absolutely right."),
        *("I think so too.", "I do too.", "So do I.", "Me too.", "I don't either.", "You bet."),
        *("I see what you mean.", "I see that.", "I can imagine.", "I know it.", "That figures."),
        # The verb of what was heard.
        *("Is it?", "It is.", "It sure is.", "Oh, do you?", "Did you really?", "They do."),
        *("Doesn't it?", "Yes, it is.", "He did.", "Was it really?"),
        # Surprise, sympathy, thanks.
        *("Is that right?", "No kidding.", "You're kidding!", "Oh boy.", "Good grief.", "Blimey!"),
        *("How about that.", "I didn't know that.", "Oh dear, oh dear.", "Good for you."),
        *("I'm sorry to hear that.", "Poor thing.", "Thanks very much indeed.", "Cheers, mate."),
        *("Thank you for letting me know.", "Thank you so much for your help.", "You're welcome."),
        # What gives the word back.
        *("Yes, go on.", "Carry on.", "Tell me more.", "Go right ahead."),
    ],
)
def test_what_listeners_say_in_english_is_a_nod(text: str):
    assert nods(ENGLISH, text)


@pytest.mark.parametrize(
    "text",
    [
        # Parts of it, in another order, or with something else.
        *("That's", "Very thanks", "How very", "Point.", "Idea", "Then.", "Sir!", "Yes point"),
        *("Right number", "Nice price", "That's wrong.", "That's not right.", "That's expensive."),
        *("It's urgent.", "Good morning.", "Great, what about Sunday?", "That's fine, but I"),
        # Questions and requests that begin as listeners' words do.
        *("Is it okay?", "Is it far?", "Are you sure?", "Are you good?", "Have you got that?"),
        *("Do you have a table?", "Is there", "Can you", "How late?", "How far is it?", "Why not?"),
        *("Okay, question.", "Okay, again.", "What a", "Tell me the price.", "And then?"),
        # These are answers, orders, or calls.
        *("I do", "I don't know", "No.", "Oh no.", "That's it.", "Yes, please.", "Don't worry."),
        *("Hello?", "Hey!", "Sorry.", "Never mind.", "Please."),
    ],
)
def test_what_english_callers_want_is_no_nod(text: str):
    assert not nods(ENGLISH, text)


@pytest.mark.parametrize(
    "text",
    [
        *("Как интересно!", "Очень хорошо.", "Это очень приятно.", "Вот это здорово!"),
        *("Какая жалость.", "Какой ужас!", "Это было бы замечательно.", "Звучит отлично."),
        *("Хорошая идея.", "Это хорошая мысль.", "Всё в порядке.", "Просто прекрасно."),
        *("Совершенно верно.", "Вы абсолютно правы.", "Я тоже так думаю.", "Само собой."),
        *("Я вас понял.", "Понял, принял.", "Теперь ясно.", "Ну понятно тогда.", "Я в курсе."),
        *("Да что вы!", "Не может быть!", "Боже мой.", "Надо же, как странно.", "Да ладно!"),
        *("Большое вам спасибо.", "Спасибо за помощь.", "Ладно, давайте.", "Не вопрос."),
        *("Слушаю вас.", "Да-да, рассказывайте."),
    ],
)
def test_what_listeners_say_in_russian_is_a_nod(text: str):
    assert nods(RUSSIAN, text)


@pytest.mark.parametrize(
    "text",
    [
        *("Как", "Это", "Очень", "Тогда", "Как правильно?", "Как лучше?", "Это дорого."),
        *("Это не так.", "Не надо.", "Надо", "Есть вопрос.", "Понятно, а где?", "Не понял."),
        *("Хорошо, помогите", "Что вы говорите мне", "Не знаю.", "Алло."),
    ],
)
def test_what_russian_callers_want_is_no_nod(text: str):
    assert not nods(RUSSIAN, text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(
            (ENGLISH, text)
            for text in ("Representative!", "Speak to a manager", "The billing team")
        ),
        *((ENGLISH, text) for text in ("My appointment", "It's about a refund", "Tomorrow.")),
        *(
            (ENGLISH, text)
            for text in ("Louder, please", "Again.", "That's incorrect", "Skip this")
        ),
        *(
            (ENGLISH, text)
            for text in ("Can I speak", "I'd like to change it", "It's an emergency")
        ),
        *((ENGLISH, text) for text in ("I said Tuesday", "I can't hear you", "Is there parking")),
        *((RUSSIAN, text) for text in ("Позовите менеджера", "У меня вопрос", "Громче можно")),
        *((RUSSIAN, text) for text in ("Завтра.", "Я хочу отменить заказ", "Переключите меня")),
        *((RUSSIAN, text) for text in ("Не слышу вас", "Мне нужен врач", "Где моя доставка")),
    ],
)
def test_what_callers_ask_for_is_known(language: Language, text: str):
    vocabulary = Vocabulary(language)
    assert vocabulary.is_known(tokens(text))
    assert not vocabulary.is_nod(tokens(text), misheard=False)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        # As recognisers write down a grunt, and words of listeners.
        *((ENGLISH, text) for text in ("Them.", "Then", "To", "Oh, Jim", "You", "And", "Anna")),
        *((ENGLISH, text) for text in ("Thanks, Bob", "That's right, Mary", "In the", "Hope.")),
        *((RUSSIAN, text) for text in ("Анна", "Там", "Спасибо, Нина", "Удал")),
    ],
)
def test_what_grunts_are_taken_for_is_not_known(language: Language, text: str):
    assert not Vocabulary(language).is_known(tokens(text))


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_no_word_that_takes_the_word_is_a_nod(code: str):
    tables = LANGUAGES[code]
    vocabulary = Vocabulary(tables)
    taking = tables.wants | tables.stops | tables.question_words
    assert [one for one in taking if vocabulary.is_nod(one.split(), misheard=False)] == []


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_what_is_known_is_no_nod(code: str):
    vocabulary = Vocabulary(LANGUAGES[code])
    known = vocabulary.known
    assert [one for one in known if vocabulary.is_nod(one.split(), misheard=False)] == []


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_frames_tails_and_what_is_judged_are_nothing_by_themselves(code: str):
    tables = LANGUAGES[code]
    vocabulary = Vocabulary(tables)
    whole = tables.back_channels | tables.assessments | tables.echoes
    for phrase in (tables.frames | tables.judged | tables.tails) - whole:
        # Some of them are made of others: 'all' and 'good', 'i think' and 'so'.
        assert not vocabulary.is_nod(phrase.split(), misheard=False), phrase


@pytest.mark.parametrize(
    ("language", "text", "answer"),
    [
        *((ENGLISH, text, True) for text in ("Yes.", "Oh yes.", "Um, no.", "Yes, thank you.")),
        *((ENGLISH, text, True) for text in ("That's fine.", "That would be lovely.", "It is.")),
        *((ENGLISH, text, True) for text in ("Sounds good to me.", "I think so.", "Not at all.")),
        *((ENGLISH, text, True) for text in ("No, that's okay.", "Great, thanks.", "They do.")),
        *((ENGLISH, text, False) for text in ("Mm-hmm.", "Oh, thank you.", "I see.", "Really?")),
        *((ENGLISH, text, False) for text in ("Go on.", "Yes, but", "Okay, stop", "Goodness.")),
        *((RUSSIAN, text, True) for text in ("Да, спасибо.", "Ой, нет.", "Было бы хорошо.")),
        *((RUSSIAN, text, True) for text in ("Меня устраивает.", "Очень удобно.", "Не против.")),
        *((RUSSIAN, text, False) for text in ("Мм.", "Спасибо.", "Понятно.", "Надо же.")),
    ],
)
def test_who_was_asked_answers_with_more_than_yes_and_no(
    language: Language, text: str, answer: bool
):
    vocabulary = Vocabulary(language)
    assert vocabulary.answers(tokens(text), YES_NO) is answer
    assert not vocabulary.answers(tokens(text), NOTHING_ASKED)


def test_of_a_text_that_loops_one_turn_counts():
    shares = Vocabulary(ENGLISH).shares({"I see I see I see I see I": 0.3, "Stop. Stop. Sto": 0.1})
    assert shares.nods == pytest.approx(0.75)
    assert shares.known == pytest.approx(0.25)


def test_a_word_that_callers_say_is_no_misheard_nod():
    vocabulary = Vocabulary(RUSSIAN)
    assert not vocabulary.is_nod(tokens("У меня вопрос"), misheard=True)
    assert vocabulary.is_nod(tokens("У меня понятно"), misheard=True) is False
    assert vocabulary.is_nod(tokens("Очинь харашо"), misheard=True)


@pytest.mark.parametrize(
    "text",
    [
        *("Не подходит.", "Меня не устраивает.", "Не согласен", "Вы не правы", "Вы неправы."),
        *("Так не пойдёт!", "Это неправильно.", "Это неверно", "Неправда.", "Это нехорошо"),
        *("Ненормально", "Мне неудобно.", "Ничего не понятно", "Плохо."),
    ],
)
def test_who_denies_in_russian_has_not_agreed_in_words_that_were_misheard(text: str):
    vocabulary = Vocabulary(RUSSIAN)
    assert not vocabulary.is_nod(tokens(text), misheard=True)
    assert vocabulary.is_known(tokens(text))


@pytest.mark.parametrize(
    "text",
    ["Okay, why?", "Okay, who?", "Thank you, bye.", "Right, how?", "Not true.", "That's too much."],
)
def test_who_asks_denies_or_takes_leave_in_english_has_not_nodded(text: str):
    assert not Vocabulary(ENGLISH).is_nod(tokens(text), misheard=True)


def test_of_many_words_none_is_a_misheard_nod():
    vocabulary = Vocabulary(RUSSIAN)
    assert vocabulary.is_nod(tokens("панятна " * 12), misheard=True)
    assert not vocabulary.is_nod(tokens("панятна " * 13), misheard=True)
    assert vocabulary.is_nod(tokens("понятно " * 13), misheard=True)


def test_calls_share_the_tables_whoever_can_be_asked_for():
    one, other = (Vocabulary(ENGLISH.knowing(["Sales"])) for _ in range(2))
    assert one.known is other.known
    assert one.nods is other.nods is Vocabulary(ENGLISH).nods
    assert one.is_known(["sales"])


def test_without_tables_nothing_is_a_nod_or_known():
    vocabulary = Vocabulary(NEUTRAL)
    assert not vocabulary.is_nod(["okay"], misheard=True)
    assert not vocabulary.is_known(["stop"])
    assert vocabulary.likeness(["okay"]) == 0.0
