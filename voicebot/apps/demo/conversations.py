"""The scripted conversations: what callers and colleagues say, and what must come of it.

They are about the built-in prompts, ``prompts/receptionist.md`` and its translations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicebot.apps.demo.acts import Conversation, Line, Meets, OnCall
from voicebot.apps.demo.checks import Answers, GoesOn, HangsUp, Talks, Transfers, Waits, Yields
from voicebot.sim.dialplan import Phone
from voicebot.sim.script import Dtmf, HangUp, Pause, WaitForEnd, WaitForQuiet, WaitForSpeech

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


PHONES: Final[Mapping[str, Phone]] = {
    "support": Phone("busy", after=0.6),
    "billing": Phone("never"),
}
"""What the phones of the directory do when they ring, by key; all others answer."""

ANSWERS: Final = Phone(after=1.5)

# Longer than the pause between two sentences of the bot's.
_LISTEN: Final = WaitForQuiet(1.0)
# From the end of somebody's sentence to one's own.
_REPLY: Final = Pause(0.5)
_BYE: Final = (Pause(0.3), HangUp())


def _aside(text: str) -> Line:
    """Return a line to a colleague, or one that wants no answer."""
    return Line(text, answered=False)


def _by_name(conversations: Iterable[Conversation]) -> Mapping[str, Conversation]:
    return {conversation.name: conversation for conversation in conversations}


_ENGLISH: Final = (
    Conversation(
        "hours",
        "A caller asks when and where, and says goodbye",
        (
            _LISTEN,
            Line("Hello, what are your opening hours?"),
            _LISTEN,
            Line("And what is your address, please?"),
            _LISTEN,
            Line("Thanks, goodbye."),
            WaitForEnd(),
        ),
        (Answers("Monday to Friday"), Answers("12 Harbour Street"), HangsUp()),
    ),
    Conversation(
        "sales",
        "A caller is put through to sales",
        (
            _LISTEN,
            Line("Hello, I would like to speak to the sales department, please."),
            Meets(
                "sales",
                (
                    "Sales department, Tom speaking. What can I do for you?",
                    "With pleasure. You will have the offer this afternoon.",
                ),
            ),
            _REPLY,
            _aside("Hello Tom. I need an offer for twelve desk telephones."),
            _LISTEN,
            _aside("Wonderful, thank you. Goodbye!"),
            *_BYE,
        ),
        (Answers("putting you through to sales"), Transfers("sales"), Talks()),
    ),
    Conversation(
        "busy",
        "Support is on another call, so the caller takes the operator",
        (
            _LISTEN,
            Line("Please connect me with technical support."),
            _LISTEN,
            Line("Then connect me with the operator, please."),
            Meets(
                "operator",
                (
                    "Front desk, good afternoon. How can I help?",
                    "I will tell my colleagues. They will call you back within the hour.",
                ),
            ),
            _REPLY,
            _aside("My telephones don't ring any more, and support is busy."),
            _LISTEN,
            _aside("That is very kind. Goodbye!"),
            *_BYE,
        ),
        (
            Transfers("support", "busy"),
            Answers("support is busy"),
            Transfers("operator"),
            Talks(),
        ),
    ),
    Conversation(
        "wait",
        "Anna is on another call, and the caller waits until she is free",
        (
            OnCall("anna", 27.0),
            _LISTEN,
            Line("May I speak to Anna Peterson, please?"),
            _LISTEN,
            Line("I will wait."),
            Meets("anna", ("Peterson, good afternoon.", "I will see to that at once. Goodbye!")),
            _REPLY,
            _aside("Good afternoon, Mrs Peterson. It is about our telephones."),
            _LISTEN,
            *_BYE,
        ),
        (
            Answers("Anna Peterson is on another call"),
            Answers("as soon as Anna Peterson is free"),
            Waits("anna"),
            Transfers("anna"),
            Talks(),
        ),
    ),
    Conversation(
        "interrupt",
        "A caller interrupts the bot in the middle of a sentence",
        (
            _LISTEN,
            Line("When are you open?"),
            WaitForSpeech(1.2),
            Line("Sorry to interrupt, but what is your address?"),
            _LISTEN,
            Line("Thanks, goodbye."),
            WaitForEnd(),
        ),
        (
            Yields("Sorry to interrupt, but what is your address?"),
            Answers("12 Harbour Street"),
            HangsUp(),
        ),
    ),
    Conversation(
        "murmur",
        "A caller says 'uh-huh' while the bot speaks, and the bot goes on",
        (
            _LISTEN,
            Line("What are your opening hours?"),
            WaitForSpeech(1.5),
            # How the voices say 'uh-huh'; spelt like that, they say something else.
            _aside("Ah-ha."),
            _LISTEN,
            Line("And what is your address?"),
            WaitForSpeech(1.2),
            _aside("I see."),
            _LISTEN,
            Line("Thanks, goodbye."),
            WaitForEnd(),
        ),
        (
            Answers("on Saturday from 10:00 to 14:00"),
            Answers("two minutes from the central station"),
            GoesOn(),
            HangsUp(),
        ),
    ),
)

# Whisper understands next to nothing of espeak-ng's Russian; 'график работы' is among it.
_RUSSIAN: Final = (
    Conversation(
        "keypad",
        "Звонящий спрашивает, когда открыто, и нажимает ноль",
        (
            _LISTEN,
            Line("График работы."),
            _LISTEN,
            Dtmf("0"),
            Meets(
                "operator",
                (
                    "Оператор, слушаю вас.",
                    "Хорошо, я передам коллегам. Они вам перезвонят.",
                ),
            ),
            _REPLY,
            _aside("Добрый день. Мне нужны двенадцать телефонов."),
            _LISTEN,
            _aside("Отлично, спасибо. До свидания."),
            *_BYE,
        ),
        (Answers("по будням"), Transfers("operator"), Talks()),
    ),
    Conversation(
        "yield",
        "Бот умолкает, когда его перебивают",
        (
            _LISTEN,
            Line("График работы."),
            WaitForSpeech(1.2),
            Line("Подождите, подождите, это я уже знаю."),
            _LISTEN,
            *_BYE,
        ),
        (Yields("Подождите, подождите, это я уже знаю."),),
    ),
    Conversation(
        "hours",
        "Звонящий спрашивает, когда и где, и прощается",
        (
            _LISTEN,
            Line("Здравствуйте, когда вы работаете?"),
            _LISTEN,
            Line("А какой у вас адрес?"),
            _LISTEN,
            Line("Спасибо большое, до свидания."),
            WaitForEnd(),
        ),
        (Answers("по будням"), Answers("Портовой улице"), HangsUp()),
        clear_voice=True,
    ),
    Conversation(
        "sales",
        "Звонящего соединяют с отделом продаж",
        (
            _LISTEN,
            Line("Соедините меня, пожалуйста, с отделом продаж."),
            Meets(
                "sales",
                (
                    "Отдел продаж, слушаю вас.",
                    "Хорошо, мы пришлём вам предложение сегодня.",
                ),
            ),
            _REPLY,
            _aside("Добрый день. Мне нужны двенадцать телефонов."),
            _LISTEN,
            _aside("Отлично, спасибо. До свидания."),
            *_BYE,
        ),
        (Answers("отдел продаж"), Transfers("sales"), Talks()),
        clear_voice=True,
    ),
    Conversation(
        "interrupt",
        "Звонящий перебивает бота посреди фразы",
        (
            _LISTEN,
            Line("Когда вы работаете?"),
            WaitForSpeech(1.2),
            Line("Подождите, скажите лучше, какой у вас адрес?"),
            _LISTEN,
            Line("Спасибо, до свидания."),
            WaitForEnd(),
        ),
        (
            Yields("Подождите, скажите лучше, какой у вас адрес?"),
            Answers("Портовой улице"),
            HangsUp(),
        ),
        clear_voice=True,
    ),
)

CONVERSATIONS: Final[Mapping[str, Mapping[str, Conversation]]] = {
    "en": _by_name(_ENGLISH),
    "ru": _by_name(_RUSSIAN),
}
"""All conversations by language (ISO 639-1) and name."""
