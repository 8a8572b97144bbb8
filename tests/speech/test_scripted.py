"""Conversations with the scripted receptionist: what is said, and what it makes of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from voicebot.speech.phrases import fixed_sentences
from voicebot.speech.prompt import Prompt, builtin_prompt, load_prompt
from voicebot.speech.protocols import Message, TextDelta, Tool, ToolCall
from voicebot.speech.scripted import ScriptedLanguageModel

if TYPE_CHECKING:
    from collections.abc import Sequence

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
NIGHT = dt.datetime(2026, 11, 24, 23, tzinfo=dt.UTC)
TOOLS = tuple(Tool(name, "", {}) for name in ("transfer", "hang_up", "repeat"))
PROMPTS = {language: load_prompt(builtin_prompt(language)) for language in ("en", "ru")}


async def parts(
    prompt: Prompt,
    messages: Sequence[Message],
    now: dt.datetime = NOON,
    tools: Sequence[Tool] = TOOLS,
) -> tuple[str, str]:
    """The text of the reply, and its tool call as 'name' or 'name destination'."""
    model = ScriptedLanguageModel(prompt, lambda: now)
    reply = [part async for part in model.reply(messages, tools=tools)]
    text = "".join(part.text for part in reply if isinstance(part, TextDelta))
    called = [
        " ".join((part.name, *part.arguments.values()))
        for part in reply
        if isinstance(part, ToolCall)
    ]
    return text, ", ".join(called)


class Conversation:
    """Talks with the receptionist as a call would, keeping the history."""

    def __init__(self, prompt: Prompt, now: dt.datetime = NOON) -> None:
        self.prompt = prompt
        self.now = now
        self.history = [Message("system", "…"), Message("assistant", prompt.greeting)]

    async def say(self, text: str) -> tuple[str, str]:
        return await self._go_on(Message("user", text))

    async def transfer_ends(self, outcome: str) -> tuple[str, str]:
        call = self.history[-1].tool_calls[0]
        return await self._go_on(Message("tool", outcome, tool_call_id=call.id))

    async def _go_on(self, message: Message) -> tuple[str, str]:
        self.history.append(message)
        model = ScriptedLanguageModel(self.prompt, lambda: self.now)
        reply = [part async for part in model.reply(self.history, tools=TOOLS)]
        text = "".join(part.text for part in reply if isinstance(part, TextDelta))
        calls = tuple(part for part in reply if isinstance(part, ToolCall))
        self.history.append(Message("assistant", text, tool_calls=calls))
        return text, ", ".join(" ".join((call.name, *call.arguments.values())) for call in calls)


# What is heard, the name of the phrase or the beginning of the answer, the tool.
ENGLISH = [
    ("Connect me to sales please.", "transferring", "transfer sales"),
    ("Sales.", "transferring", "transfer sales"),
    ("I would like to talk to the sales department.", "transferring", "transfer sales"),
    ("Can I talk to the cells department?", "transferring", "transfer sales"),
    ("Sails, please.", "transferring", "transfer sales"),
    ("I'd like to speak with Anna.", "transferring", "transfer anna"),
    ("Anna Peterson, please.", "transferring", "transfer anna"),
    ("Get me Hannah Petersen.", "transferring", "transfer anna"),
    ("Is Mrs. Peterson in?", "transferring", "transfer anna"),
    ("The director, please.", "transferring", "transfer anna"),
    ("A counting, please.", "transferring", "transfer billing"),
    ("Building department.", "transferring", "transfer billing"),
    ("Put me through to accounts.", "transferring", "transfer billing"),
    ("Tech support.", "transferring", "transfer support"),
    ("Sport, please.", "transferring", "transfer support"),
    ("Somebody from support, please.", "transferring", "transfer support"),
    ("Not sales, support.", "transferring", "transfer support"),
    ("Extension 202.", "transferring", "transfer support"),
    ("Extension two oh two.", "transferring", "transfer support"),
    ("2-0-1", "transferring", "transfer sales"),
    ("Operator.", "transferring", "transfer operator"),
    ("Can I speak to a real person?", "transferring", "transfer operator"),
    ("I want to talk to somebody.", "transferring", "transfer operator"),
    ("Give me a human!", "transferring", "transfer operator"),
    ("The front desk.", "transferring", "transfer operator"),
    ("Sales or support?", "which_one", ""),
    ("Can you connect me?", "ask_who", ""),
    ("Transfer me to John Smith.", "unknown_destination", ""),
    ("Call plus 7 999 123 45 67.", "unknown_destination", ""),
    ("Dial extension 999.", "unknown_destination", ""),
    ("Call 911 now.", "unknown_destination", ""),
    ("I have a question about my invoice.", "offer_transfer", ""),
    ("It's about my in voice.", "offer_transfer", ""),
    ("My phone is broken.", "offer_transfer", ""),
    ("I would like to order two phones.", "offer_transfer", ""),
    ("I want to make a complaint.", "offer_transfer", ""),
    ("Where are you located?", "We are at 12 Harbour Street", ""),
    ("What's your address?", "We are at 12 Harbour Street", ""),
    ("What is your e-mail address?", "Our e-mail address is", ""),
    ("Is there parking?", "Yes, there is free parking", ""),
    ("How much does a phone cost?", "A desk telephone starts", ""),
    ("What are your opening hours?", "We are open Monday to Friday", ""),
    ("When are you open on Saturday?", "We are open Monday to Friday", ""),
    ("Are you open now?", "open_now", ""),
    ("Are you still open?", "open_now", ""),
    ("What time is it?", "It is 12:00.", ""),
    ("What day is it today?", "Today is 2026-11-24.", ""),
    ("Who can I talk to?", "directory", ""),
    ("Who is this?", "Hello, this is Northwind", ""),
    ("Are you a robot?", "machine", ""),
    ("Am I talking to a human?", "machine", ""),
    ("Can you repeat that?", "", "repeat"),
    ("What?", "", "repeat"),
    ("Sorry, I didn't catch that.", "", "repeat"),
    ("Hello.", "how_can_i_help", ""),
    ("Wait a second.", "listening", ""),
    ("Thank you.", "you_are_welcome", ""),
    ("No.", "all_right", ""),
    ("No, thank you.", "all_right", ""),
    ("Never mind.", "all_right", ""),
    ("Sales. No wait, support.", "transferring", "transfer support"),
    ("Technical question.", "offer_transfer", ""),
    ("Could you take a message?", "offer_transfer", ""),
    ("I need help.", "offer_transfer", ""),
    ("Can you hear me?", "listening", ""),
    ("How do I get there by car?", "We are at 12 Harbour Street", ""),
    ("Are you closed on Christmas?", "opening_hours", ""),
    ("Sorry, wrong number.", "goodbye", "hang_up"),
    ("I'll call back later.", "goodbye", "hang_up"),
    ("Thanks, bye.", "goodbye", "hang_up"),
    ("That's all.", "goodbye", "hang_up"),
    ("Bla blurb foo.", "not_understood", ""),
    ("", "not_understood", ""),
]
RUSSIAN = [
    ("Соедините с отделом продаж.", "transferring", "transfer sales"),
    ("Отдел продаж.", "transferring", "transfer sales"),
    ("Отделом продаш.", "transferring", "transfer sales"),
    ("Мне бы менеджера по продажам.", "transferring", "transfer sales"),
    ("Соедините меня, пожалуйста, с бухгалтерией.", "transferring", "transfer billing"),
    ("С бугалтерией.", "transferring", "transfer billing"),
    ("Булгахтерия.", "transferring", "transfer billing"),
    ("Бухгалтера позовите.", "transferring", "transfer billing"),
    ("Анну Петрову, будьте добры.", "transferring", "transfer anna"),
    ("Можно поговорить с Анной Петровой?", "transferring", "transfer anna"),
    ("Позовите Аню.", "transferring", "transfer anna"),
    ("Можно Анну Сергеевну?", "transferring", "transfer anna"),
    ("Мне нужен директор.", "transferring", "transfer anna"),
    ("С техподдержкой соедините.", "transferring", "transfer support"),
    ("Техническую поддержку.", "transferring", "transfer support"),
    ("Не с продажами, а с поддержкой.", "transferring", "transfer support"),
    ("Добавочный 202.", "transferring", "transfer support"),
    ("Добавочный двести два.", "transferring", "transfer support"),
    ("Два ноль один.", "transferring", "transfer sales"),
    ("Оператор.", "transferring", "transfer operator"),
    ("Соедините с человеком.", "transferring", "transfer operator"),
    ("Мне нужен живой человек.", "transferring", "transfer operator"),
    ("Хочу поговорить с кем-нибудь.", "transferring", "transfer operator"),
    ("Секретаря, пожалуйста.", "transferring", "transfer operator"),
    ("Продажи или поддержка?", "which_one", ""),
    ("Соедините меня.", "ask_who", ""),
    ("Соедините с Иваном Сидоровым.", "unknown_destination", ""),
    ("Позвоните на плюс 7 999 123 45 67.", "unknown_destination", ""),
    ("Добавочный 999.", "unknown_destination", ""),
    ("У меня сломался телефон.", "offer_transfer", ""),
    ("Не работает телефон.", "offer_transfer", ""),
    ("У меня проблема с интернетом.", "offer_transfer", ""),
    ("Хочу купить телефоны.", "offer_transfer", ""),
    ("Вопрос по оплате.", "offer_transfer", ""),
    ("Хочу пожаловаться.", "offer_transfer", ""),
    ("Где вы находитесь?", "Мы находимся на Портовой", ""),
    ("Какой у вас адрес?", "Мы находимся на Портовой", ""),
    ("Как к вам проехать?", "Мы находимся на Портовой", ""),
    ("Сколько стоит телефон?", "Настольный телефон стоит", ""),
    ("Есть ли у вас парковка?", "Да, за зданием", ""),
    ("Какая у вас почта?", "Наша электронная почта", ""),
    ("Во сколько вы открываетесь?", "Мы работаем по будням", ""),
    ("До скольки вы работаете?", "Мы работаем по будням", ""),
    ("А завтра вы работаете?", "Мы работаем по будням", ""),
    ("Вы сейчас работаете?", "open_now", ""),
    ("Вы открыты?", "open_now", ""),
    ("Который час?", "Сейчас 15:00.", ""),
    ("Какое сегодня число?", "Сегодня 2026-11-24.", ""),
    ("С кем можно поговорить?", "directory", ""),
    ("Куда я попал?", "Здравствуйте, компания", ""),
    ("Вы робот?", "machine", ""),
    ("Повторите, пожалуйста.", "", "repeat"),
    ("Что?", "", "repeat"),
    ("Я не расслышал.", "", "repeat"),
    ("Алло!", "how_can_i_help", ""),
    ("Здравствуйте.", "how_can_i_help", ""),
    ("Подождите.", "listening", ""),
    ("Спасибо.", "you_are_welcome", ""),
    ("Нет.", "all_right", ""),
    ("Нет, спасибо.", "all_right", ""),
    ("Неважно.", "all_right", ""),
    ("Продажи, нет, лучше поддержку.", "transferring", "transfer support"),
    ("Технический вопрос.", "offer_transfer", ""),
    ("Перезвоните мне.", "offer_transfer", ""),
    ("Мне нужна помощь.", "offer_transfer", ""),
    ("Вы меня слышите?", "listening", ""),
    ("Извините, ошибся номером.", "goodbye", "hang_up"),
    ("Я перезвоню.", "goodbye", "hang_up"),
    ("Спасибо, до свидания.", "goodbye", "hang_up"),
    ("Это всё, спасибо.", "goodbye", "hang_up"),
    ("Абракадабра.", "not_understood", ""),
]


def begins(prompt: Prompt, text: str, expected: str) -> bool:
    """Whether ``text`` is the phrase, or begins with the words, of ``expected``."""
    phrase = getattr(prompt.phrases, expected, None) if expected else ""
    return text.startswith((phrase or expected).split("{")[0])


@pytest.mark.parametrize(
    ("language", "heard", "said", "tool"),
    [("en", *row) for row in ENGLISH] + [("ru", *row) for row in RUSSIAN],
)
async def test_one_utterance_has_one_answer(language: str, heard: str, said: str, tool: str):
    prompt = PROMPTS[language]

    text, called = await Conversation(prompt).say(heard)

    assert begins(prompt, text, said), text
    assert called == tool


@pytest.mark.parametrize(
    ("language", "heard"), [("en", row[0]) for row in ENGLISH] + [("ru", row[0]) for row in RUSSIAN]
)
async def test_it_says_only_what_the_prompt_holds(language: str, heard: str):
    prompt = PROMPTS[language]
    known = "\n".join(fixed_sentences(prompt))
    varying = ("which_one", "open_now", "time_is", "date_is")
    starts = tuple(getattr(prompt.phrases, key).split("{")[0] for key in varying)

    model = ScriptedLanguageModel(prompt, lambda: NOON)
    reply = [part async for part in model.reply([Message("user", heard)], tools=TOOLS)]

    for part in reply:
        if isinstance(part, TextDelta):
            assert part.text.strip() in known or part.text.strip().startswith(starts)


class TestOffers:
    @pytest.mark.parametrize("yes", ["Yes.", "Yes, please.", "Sure", "OK, do that.", "Connect me."])
    async def test_yes_takes_the_offer(self, yes: str):
        talk = Conversation(PROMPTS["en"])
        await talk.say("My phone is broken.")

        assert (await talk.say(yes))[1] == "transfer support"

    @pytest.mark.parametrize("yes", ["Да.", "Да, соедините.", "Давайте.", "Хорошо", "Конечно!"])
    async def test_yes_takes_the_offer_in_russian(self, yes: str):
        talk = Conversation(PROMPTS["ru"])
        await talk.say("У меня сломался телефон.")

        assert (await talk.say(yes))[1] == "transfer support"

    async def test_no_is_accepted_and_a_second_no_ends_the_call(self):
        talk = Conversation(PROMPTS["en"])
        await talk.say("My phone is broken.")

        text, called = await talk.say("No, don't connect me.")
        assert text.startswith("All right.")
        assert called == ""
        assert (await talk.say("No."))[1] == "hang_up"

    async def test_another_name_counts_more_than_the_no(self):
        talk = Conversation(PROMPTS["en"])
        await talk.say("My phone is broken.")

        assert (await talk.say("No, sales please."))[1] == "transfer sales"

    async def test_a_question_is_answered_instead(self):
        talk = Conversation(PROMPTS["en"])
        await talk.say("My phone is broken.")

        text, called = await talk.say("Where are you located?")

        assert "Harbour Street" in text
        assert called == ""

    async def test_an_offer_that_was_interrupted_after_the_name_counts(self):
        talk = Conversation(PROMPTS["en"])
        talk.history.append(Message("assistant", "You'd best talk to support about that. Shall"))

        assert (await talk.say("Yes."))[1] == "transfer support"

    async def test_an_offer_of_earlier_does_not(self):
        talk = Conversation(PROMPTS["en"])
        await talk.say("My phone is broken.")
        await talk.say("Where are you located?")

        assert (await talk.say("Yes."))[1] == ""

    async def test_which_one_is_settled_by_a_name(self):
        talk = Conversation(PROMPTS["en"])
        assert "sales or support" in (await talk.say("Sales or support?"))[0]

        assert (await talk.say("Support."))[1] == "transfer support"


class TestOutcomes:
    @pytest.mark.parametrize("language", ["en", "ru"])
    @pytest.mark.parametrize("outcome", ["busy", "no_answer", "refused", "failed"])
    async def test_it_says_what_happened_and_offers_the_operator(self, language: str, outcome: str):
        talk = Conversation(PROMPTS[language])
        await talk.say("201")

        text, called = await talk.transfer_ends(outcome)

        phrases, directory = talk.prompt.phrases, talk.prompt.directory
        told = getattr(phrases, outcome).format(name=directory["sales"].name)
        offer = phrases.offer_instead.format(name=directory["operator"].name)
        assert text == f"{told} {offer}"
        assert called == ""
        assert (await talk.say("Yes" if language == "en" else "Да"))[1] == "transfer operator"

    async def test_where_the_operator_is_not_reached_it_goes_on(self):
        talk = Conversation(PROMPTS["en"])
        await talk.say("Operator.")

        text, _ = await talk.transfer_ends("no_answer")

        assert text.endswith(talk.prompt.phrases.anything_else)
        assert (await talk.say("No, thank you."))[1] == "hang_up"

    async def test_at_night_it_says_when_the_office_opens(self):
        talk = Conversation(PROMPTS["en"], NIGHT)
        await talk.say("Sales.")

        text, _ = await talk.transfer_ends("no_answer")

        assert "We are closed at the moment. We open again tomorrow at 9:00." in text

    async def test_a_refused_destination_is_explained(self):
        talk = Conversation(PROMPTS["en"])
        await talk.say("Sales.")

        text, called = await talk.transfer_ends("unknown_destination; the directory has: sales")

        assert text.startswith("Sorry, I can't connect you there.")
        assert called == ""

    @pytest.mark.parametrize("result", ["done", "answered", "", "!?"])
    async def test_other_results_need_no_words(self, result: str):
        talk = Conversation(PROMPTS["en"])
        await talk.say("Sales.")

        assert await talk.transfer_ends(result) == ("", "")


class TestNotUnderstood:
    async def test_it_asks_again_then_offers_then_hands_over(self):
        talk = Conversation(PROMPTS["en"])

        assert begins(talk.prompt, (await talk.say("Mumble."))[0], "not_understood")
        assert begins(talk.prompt, (await talk.say("Mumble."))[0], "not_understood_again")
        text, called = await talk.say("Mumble.")
        assert begins(talk.prompt, text, "handing_over")
        assert called == "transfer operator"

    async def test_the_offer_can_be_taken(self):
        talk = Conversation(PROMPTS["ru"])
        await talk.say("Бубубу.")
        await talk.say("Бубубу.")

        assert (await talk.say("Да."))[1] == "transfer operator"

    async def test_being_understood_in_between_begins_anew(self):
        talk = Conversation(PROMPTS["en"])
        await talk.say("Mumble.")
        await talk.say("Where are you located?")

        text, _ = await talk.say("Mumble.")

        assert text == talk.prompt.phrases.not_understood

    async def test_where_nobody_can_help_it_says_so_and_hangs_up(self):
        talk = Conversation(PROMPTS["en"].model_copy(update={"fallback": "hang_up"}))
        await talk.say("Mumble.")
        await talk.say("Mumble.")

        text, called = await talk.say("Mumble.")

        assert text == talk.prompt.phrases.nobody_can_help
        assert called == "hang_up"


class TestTheSeam:
    async def test_text_comes_by_sentence_and_the_call_last(self):
        model = ScriptedLanguageModel(PROMPTS["en"], lambda: NOON)

        reply = [part async for part in model.reply([Message("user", "Sales.")], tools=TOOLS)]

        assert reply[:2] == [
            TextDelta("I'm putting you through to sales."),
            TextDelta(" One moment, please."),
        ]
        assert isinstance(reply[2], ToolCall)

    async def test_a_tool_that_is_not_offered_is_not_used(self):
        _, called = await parts(PROMPTS["en"], [Message("user", "Sales.")], tools=TOOLS[1:])

        assert called == ""

    async def test_calls_of_one_conversation_have_different_ids(self):
        talk = Conversation(PROMPTS["en"])
        await talk.say("Sales.")
        await talk.transfer_ends("busy")
        await talk.say("Yes.")

        ids = [call.id for message in talk.history for call in message.tool_calls]
        assert len(ids) == len(set(ids)) == 2

    @pytest.mark.parametrize(
        "messages", [[], [Message("system", "…")], [Message("assistant", "Hello.")]]
    )
    async def test_without_a_question_there_is_nothing_to_say(self, messages: list[Message]):
        assert await parts(PROMPTS["en"], messages) == ("", "")

    async def test_a_language_without_tables_still_finds_names_and_answers(self):
        english = PROMPTS["en"]
        prompt = english.model_copy(update={"language": "de"})

        assert (await parts(prompt, [Message("user", "Anna Peterson, bitte")]))[
            1
        ] == "transfer anna"
        assert "Harbour" in (await parts(prompt, [Message("user", "address")]))[0]

    @pytest.fixture
    def german(self) -> Prompt:
        words = {
            True: ["ja", "gerne"],
            "no": ["nein", "lieber nicht"],
            "goodbye": ["auf Wiederhören", "tschüs"],
            "transfer": ["verbinden Sie mich"],
        }
        return Prompt.model_validate(
            PROMPTS["en"].model_dump() | {"language": "de", "words": words}
        )

    @pytest.mark.parametrize(
        ("answer", "called"), [("Ja, gerne!", "transfer operator"), ("Nein, danke.", "")]
    )
    async def test_the_prompt_may_say_what_yes_and_no_are(
        self, german: Prompt, answer: str, called: str
    ):
        talk = Conversation(german)
        await talk.say("Ein Elefant steht im Garten.")
        await talk.say("Ein Elefant steht im Garten.")

        assert (await talk.say(answer))[1] == called

    async def test_the_prompt_may_say_what_a_goodbye_is(self, german: Prompt):
        assert (await Conversation(german).say("Dann auf Wiederhören."))[1] == "hang_up"
        assert (await Conversation(german).say("Wiederhören."))[1] == ""

    async def test_its_words_come_beside_those_of_the_language(self):
        words = {"goodbye": ["cheerio"]}
        prompt = Prompt.model_validate(PROMPTS["en"].model_dump() | {"words": words})

        assert (await Conversation(prompt).say("Cheerio!"))[1] == "hang_up"
        assert (await Conversation(prompt).say("Goodbye."))[1] == "hang_up"
