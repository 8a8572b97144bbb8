"""The scripted receptionist knows who is on another call: what it offers, and what comes of it."""

from __future__ import annotations

import datetime as dt

import pytest

from voicebot.speech.availability import Availability
from voicebot.speech.phrases import fixed_sentences
from voicebot.speech.prompt import Prompt, builtin_prompt, load_prompt
from voicebot.speech.protocols import Message, TextDelta, Tool, ToolCall
from voicebot.speech.scripted import ScriptedLanguageModel

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
TOOLS = ("transfer", "hang_up", "repeat", "status", "wait")
PROMPTS = {language: load_prompt(builtin_prompt(language)) for language in ("en", "ru")}
WISH = {"en": "Sales, please.", "ru": "Соедините с отделом продаж."}
STAY = {"en": "I'll wait.", "ru": "Я подожду."}
YES = {"en": "Yes, please.", "ru": "Да."}
SALES, OPERATOR = "201", "200"


class Conversation:
    """Talks with a receptionist of an office where ``busy`` extensions are on a call."""

    def __init__(self, language: str = "en", *busy: str, prompt: Prompt | None = None) -> None:
        self.prompt = prompt or PROMPTS[language]
        self.busy = set(busy or (SALES,))
        self.tools = TOOLS
        self.history = [Message("system", "…"), Message("assistant", self.prompt.greeting)]

    async def say(self, text: str) -> tuple[str, str]:
        return await self._go_on(Message("user", text))

    async def tool_ends(self, result: str) -> tuple[str, str]:
        self.history.pop()
        call = self.history[-1].tool_calls[0]
        return await self._go_on(Message("tool", result, tool_call_id=call.id))

    async def _go_on(self, message: Message) -> tuple[str, str]:
        self.history.append(message)
        model = ScriptedLanguageModel(self.prompt, lambda: NOON, self._availability)
        tools = [Tool(name, "", {}) for name in self.tools]
        reply = [part async for part in model.reply(self.history, tools=tools)]
        text = "".join(part.text for part in reply if isinstance(part, TextDelta))
        calls = tuple(part for part in reply if isinstance(part, ToolCall))
        self.history.append(Message("assistant", text, tool_calls=calls))
        # While a caller waits, this is what the history holds.
        self.history += [Message("tool", "waiting", tool_call_id=call.id) for call in calls]
        return text, ", ".join(" ".join((call.name, *call.arguments.values())) for call in calls)

    def _availability(self, extension: str) -> Availability:
        return Availability.BUSY if extension in self.busy else Availability.FREE


async def asked(language: str = "en", *busy: str) -> Conversation:
    talk = Conversation(language, *busy)
    await talk.say(WISH[language])
    return talk


async def waiting(language: str = "en") -> Conversation:
    talk = await asked(language)
    assert (await talk.say(STAY[language]))[1] == "wait sales"
    return talk


async def test_who_is_on_another_call_is_not_rung_but_somebody_else_and_waiting_are_offered():
    text, called = await Conversation().say("Sales, please.")

    assert text == (
        "I'm sorry, sales is on another call. Shall I try the front desk, or would you like to "
        "wait?"
    )
    assert called == ""


async def test_the_same_in_russian():
    text, called = await Conversation("ru").say(WISH["ru"])

    assert text == (
        "К сожалению, отдел продаж сейчас на другой линии. Попробовать другой номер: оператор? "
        "Или подождёте на линии?"
    )
    assert called == ""


async def test_the_office_decides_who_stands_in():
    prompt = PROMPTS["en"]
    sales = prompt.directory["sales"].model_copy(update={"instead": "billing"})
    own = prompt.model_copy(update={"directory": {**prompt.directory, "sales": sales}})
    talk = Conversation(prompt=own)

    text, _ = await talk.say("Sales, please.")

    assert "Shall I try billing, or" in text
    assert (await talk.say("Then try billing."))[1] == "transfer billing"


async def test_who_is_busy_too_is_not_offered():
    text, _ = await Conversation("en", SALES, OPERATOR).say("Sales, please.")

    assert text == "I'm sorry, sales is on another call. Would you like to wait?"


async def test_where_nobody_may_wait_only_somebody_else_is_offered():
    talk = Conversation()
    talk.tools = ("transfer", "hang_up", "repeat")

    text, _ = await talk.say("Sales, please.")

    assert text.endswith("Would you like me to try the front desk instead?")
    assert (await talk.say("Yes."))[1] == "transfer operator"


@pytest.mark.parametrize("unknown", [Availability.UNKNOWN, Availability.AWAY, Availability.FREE])
async def test_who_is_not_known_to_be_busy_is_tried(unknown: Availability):
    model = ScriptedLanguageModel(PROMPTS["en"], lambda: NOON, lambda _: unknown)

    reply = model.reply([Message("user", "Sales")], tools=[Tool("transfer", "", {})])

    assert [part.name async for part in reply if isinstance(part, ToolCall)] == ["transfer"]


ANSWERS = [
    ("en", "I'll wait.", "wait sales"),
    ("en", "Yes, I'll hold.", "wait sales"),
    ("en", "No, I'd rather wait.", "wait sales"),
    ("en", "Wait.", "wait sales"),
    ("en", "Try them.", "transfer operator"),
    ("en", "The front desk, please.", "transfer operator"),
    ("en", "Then put me through to billing.", "transfer billing"),
    ("en", "Thanks, goodbye.", "hang_up"),
    ("ru", "Подожду.", "wait sales"),
    ("ru", "Да, я подожду на линии.", "wait sales"),
    ("ru", "Давайте подождём.", "wait sales"),
    ("ru", "Попробуйте.", "transfer operator"),
    ("ru", "Давайте оператора.", "transfer operator"),
    ("ru", "Тогда с бухгалтерией.", "transfer billing"),
    ("ru", "Спасибо, до свидания.", "hang_up"),
]


@pytest.mark.parametrize(("language", "answer", "tool"), ANSWERS)
async def test_the_caller_chooses(language: str, answer: str, tool: str):
    talk = await asked(language)

    assert (await talk.say(answer))[1] == tool


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_mere_yes_to_both_is_asked_about(language: str):
    talk = await asked(language)

    text, called = await talk.say(YES[language])

    assert (text, called) == (talk.prompt.phrases.offer_wait, "")
    assert (await talk.say(YES[language]))[1] == "wait sales"


@pytest.mark.parametrize(("language", "no"), [("en", "I can't wait."), ("ru", "Не могу ждать.")])
async def test_who_cannot_wait_is_offered_somebody_else(language: str, no: str):
    talk = await asked(language)

    text, _ = await talk.say(no)

    name = talk.prompt.directory["operator"].name
    assert text == talk.prompt.phrases.offer_instead.format(name=name)
    assert (await talk.say(YES[language]))[1] == "transfer operator"


async def test_a_no_to_both_is_accepted():
    talk = await asked()

    assert await talk.say("No, thanks.") == (
        "All right. Is there anything else I can do for you?",
        "",
    )


async def test_who_is_not_understood_may_choose_all_the_same():
    talk = await asked()

    await talk.say("Blurb foo.")

    assert (await talk.say("I'll wait."))[1] == "wait sales"


WHILE_WAITING = [
    ("en", "OK.", "wait sales"),
    ("en", "Hello?", "wait sales"),
    ("en", "How long will it take?", "wait sales"),
    ("en", "Blurb foo.", "wait sales"),
    ("en", "Sales, please.", "wait sales"),
    ("en", "Where is your office?", "wait sales"),
    ("en", "Are you a robot?", "wait sales"),
    ("en", "Never mind.", ""),
    ("en", "I don't want to wait any longer.", ""),
    ("en", "Put me through to billing.", "transfer billing"),
    ("en", "Give me the operator.", "transfer operator"),
    ("en", "I'll call back later, goodbye.", "hang_up"),
    ("ru", "Хорошо.", "wait sales"),
    ("ru", "Алло?", "wait sales"),
    ("ru", "Долго ещё?", "wait sales"),
    ("ru", "Какой у вас адрес?", "wait sales"),
    ("ru", "Не надо, спасибо.", ""),
    ("ru", "Я больше не хочу ждать.", ""),
    ("ru", "Соедините с бухгалтерией.", "transfer billing"),
    ("ru", "До свидания.", "hang_up"),
]


@pytest.mark.parametrize(("language", "said", "tool"), WHILE_WAITING)
async def test_who_waits_goes_on_waiting_unless_something_else_is_wanted(
    language: str, said: str, tool: str
):
    talk = await waiting(language)

    text, called = await talk.say(said)

    assert called == tool
    assert text


async def test_a_question_while_waiting_is_answered_first():
    talk = await waiting()

    text, called = await talk.say("Where is your office?")

    assert text.startswith("We are at 12 Harbour Street")
    assert called == "wait sales"


async def test_who_waited_in_vain_is_offered_somebody_else():
    talk = await waiting()

    text, called = await talk.tool_ends("waited_in_vain")

    assert text.startswith(talk.prompt.phrases.waited_in_vain.format(name="sales"))
    assert text.endswith("Would you like me to try the front desk instead?")
    assert called == ""


async def test_a_line_that_was_found_busy_is_told_with_what_is_known():
    talk = Conversation("en", "205")
    await talk.say("Sales, please.")
    talk.busy = {SALES}

    text, _ = await talk.tool_ends("busy; on another call. Free are: billing")

    assert text.startswith("I'm sorry, sales is on another call.")


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_everything_that_is_said_about_it_is_known_before_the_first_call(language: str):
    known = "\n".join(fixed_sentences(PROMPTS[language]))
    talk = await waiting(language)
    said = [m.content for m in talk.history if m.role == "assistant"]
    said.append((await talk.say(YES[language]))[0])
    said.append((await talk.tool_ends("waited_in_vain"))[0])

    for text in said:
        for part in text.split(". "):
            assert part.strip(" .") in known, part
