"""What callers want, and the words by which it is told: tables, one a language.

The patterns see lower case words with single spaces between them, no signs, Russian ``ё`` as ``е``.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Intent(StrEnum):
    """What the words alone tell; whom or what they are about is looked up in the prompt."""

    TRANSFER = "transfer"
    OPERATOR = "operator"
    GOODBYE = "goodbye"
    THANKS = "thanks"
    REPEAT = "repeat"
    YES = "yes"
    NO = "no"
    DIRECTORY = "directory"
    HOURS = "hours"
    OPEN_NOW = "open_now"
    TIME = "time"
    DATE = "date"
    MACHINE = "machine"
    COMPANY = "company"
    WAIT = "wait"
    STAY = "stay"
    LEAVE = "leave"
    OTHER = "other"
    HELP = "help"
    GREETING = "greeting"


_ENGLISH: Final = {
    Intent.TRANSFER: r"\b(connect\w*|transfer\w*|(put|get) (me |us )?(through|on to)|patch (me|us)"
    r"|(speak|talk|speaking|talking) (to|with)|get me|give me|reach|dial|ring|call(?! me| back)"
    r"|get hold of)\b",
    Intent.OPERATOR: r"\b(operator|humans?|(real|live|actual|other) (person|one|people)"
    r"|(a|any|some|to) (person|agent|people)|representative|some(body|one)|any(body|one)"
    r"|receptionist|agent|colleague)\b",
    Intent.GOODBYE: r"\b(bye|good ?bye|see you|that?(s| is| was| will be|ll be) (all|it|everything)"
    r"|(nothing|no one) (else|more)|have a (nice|good|great)|hang up|nothing thank|wrong number"
    r"|(ill|i will|i can) (call|ring|phone|try) (you )?(back )?(again )?later)\b",
    Intent.THANKS: r"\b(thanks?|thank you|thankyou|cheers|much appreciated)\b",
    Intent.REPEAT: r"\b(repeat|(say|tell me) (that|it|this)? ?(again|once more)|come again|pardon"
    r"|what did you (just )?say|once more|(didnt|did not|couldnt|cant) (hear|catch|get|understand)"
    r"|again please)\b|^(what|sorry|huh|sorry what|excuse me|what was that)$",
    Intent.YES: r"^(oh |um |uh |well )?(yes|yeah|yep|yup|yah|sure|ok|okay|please|of course|right"
    r"|correct|alright|all right|go ahead|do (that|it)|fine|certainly|absolutely|definitely"
    r"|that would be|sounds good|lets do)\b",
    Intent.NO: r"^(oh |um |uh |well )?(no|nope|nah|not|dont|do not|never ?mind|rather not)\b",
    Intent.DIRECTORY: r"\b((which|what) (departments?|people)|who (can (i|you)|works|else|is there)"
    r"|(departments|people) (do you|are there)|what are my options|who do you have)\b",
    Intent.HOURS: r"\b((when|how (long|late)|what (time|hours|days)|until when|till when)\b.*"
    r"\b(open\w*|close[sd]?|closing|work\w*)|(opening|business|working|office) (hours|times)"
    r"|(open|closed) (on|at|over|tomorrow|saturday|sunday|weekend)\w*)\b",
    Intent.OPEN_NOW: r"\b(are you|is (it|the office|anybody|anyone|somebody)|youre) (still |now )?"
    r"(open|closed|in)\b|\bopen (now|today|right now)\b",
    Intent.TIME: r"\b(what time is it|(what is|whats) the time|the time please)\b",
    Intent.DATE: r"\b((what|which) (day|date) is|(what is|whats) (the|todays) date)\b",
    Intent.MACHINE: r"\b(are you|is this|am i (talking|speaking) (to|with)) (a |an |some |the )?"
    r"(real |actual |ai |voice )?(robot|machine|bot|computer|human|ai|person|recording|real)\b",
    Intent.COMPANY: r"\b(who (is this|am i (talking|speaking)|are you)|(what|which) company"
    r"|did i (call|reach))\b",
    Intent.HELP: r"\b(help|assist\w*|(take|leave) (a )?message|call (me|us) back|(cut|hung) off"
    r"|disconnected)\b",
    Intent.WAIT: r"^((can|do) you hear me|are you (still )?there|wait|hold on|hang on|stop"
    r"|(just )?(a|one) (second|minute|moment))\b",
    Intent.STAY: r"^(?!.*\b(not|cant|cannot|dont|wont|stop|long)\b).*"
    r"\b(wait|waiting|hold|stay|hang on|stand by)\b",
    Intent.LEAVE: r"\b(not|cant|cannot|dont|wont|stop|no longer|no more|too long|enough)\b.*"
    r"\b(wait|waiting|hold|longer|long|on)\b"
    r"|\b(never ?mind|forget it|give up|stop waiting|stop|cancel|changed my mind|too long"
    r"|call (back )?later)\b",
    Intent.OTHER: r"\b(try (it|them|that|there|him|her)|the (other|first)( one)?|instead"
    r"|(some|any)(body|one) else|else)\b",
    Intent.GREETING: r"^(hi|hello|hey|hallo|good (morning|afternoon|evening|day))\b",
}

_RUSSIAN: Final = {
    Intent.TRANSFER: r"\b(соедин\w*|соеден\w*|переключ\w*|перевед\w*|переадрес\w*|позов\w*"
    r"|приглас\w*|свяж\w*|связать\w*|поговор\w*|переговор\w*|пообща\w*|дайте|набер\w*"
    r"|дозвон\w*|(?:по)?звон\w+(?! мне))\b",
    Intent.OPERATOR: r"\b(оператор\w*|человек\w*|людьми|люди|сотрудник\w*|к(то|ем|ого|ому) ?нибудь"
    r"|кем то|жив(ой|ого|ым|ому)|специалист\w*|секретар\w*|диспетчер\w*|менеджер\w*|коллег\w*)\b",
    Intent.GOODBYE: r"\b(до свидан\w*|досвидан\w*|до встречи|всего (доброго|хорошего|наилучшего)"
    r"|это все|все спасибо|больше ничего|ничего (больше )?не (нужно|надо)|прощайте|кладу трубку"
    r"|повесь\w*|ошиб\w* номером|не туда попал\w*|перезвоню)\b|^(ну )?пока( пока)?$|\bпока$",
    Intent.THANKS: r"\b(спасибо\w*|благодар\w*)\b",
    Intent.REPEAT: r"\b(повтор\w*|еще раз\w*|не расслыш\w*|не услыш\w*|(что|как) вы сказали"
    r"|не понял\w*|(вас )?не слыш\w*|плохо слыш\w*)\b"
    r"|^(что|а|че|чего|что что|как|простите|извините|простите что|извините что)$",
    Intent.YES: r"^(ну |а |ой )?(да|ага|угу|конечно|давай\w*|хорошо|ладно|соединяй\w*|пожалуйста"
    r"|можно|хочу|ок|окей|верно|правильно|буду|будьте добры|пробуйте|попробуй\w*|согла\w+)\b",
    Intent.NO: r"^(ну |а |ой )?(нет|неа|не|неважно|спасибо не\w*)\b",
    Intent.DIRECTORY: r"\b(какие (у вас )?(есть )?отдел\w*|кто (у вас )?(там )?(есть|работает)"
    r"|с кем (я )?(можно|могу|можете)|кого (можно|можете)|какие отделы)\b",
    Intent.HOURS: r"\b(когда|во сколько|до скольки|со скольки|с какого|до какого|как|по каким)\b.*"
    r"\b(работа\w*|откр\w*|закр\w*)|\b(график\w*|режим\w*|(часы|время|расписание) работы)\b"
    r"|\b(работаете|открыты) (в|по|на|завтра)\b"
    r"|\b(завтра|выходн\w*|суббот\w*|воскресень\w*|праздник\w*)\b.*\b(работает\w*|открыты)\b",
    Intent.OPEN_NOW: r"\b(работаете|открыты|закрыты|открыто|закрыто)\b",
    Intent.TIME: r"\b(который (сейчас )?час|сколько (сейчас )?(времени|время))\b",
    Intent.DATE: r"\b(како[ей] (сегодня )?(число|день)|какая (сегодня )?дата)\b",
    Intent.MACHINE: r"\b(вы|ты|это|я (говорю|разговариваю) с) (\w+ )?(робот\w*|машин\w*|бот\w*"
    r"|человек\w*|живой|живая|автоответчик\w*|компьютер\w*|нейросет\w*|автомат\w*)\b",
    Intent.COMPANY: r"\b(куда я (попал|дозвон|позвон)\w*|(что|какая) (это )?(за )?(компания|фирма)"
    r"|кто (это|вы|говорит)|это (какая )?(компания|фирма))\b",
    Intent.HELP: r"\b(помощь|помоги\w*|помочь|(примите|передайте|оставить) сообщение"
    r"|перезвон(ите|ит|ить)|разъедин\w*|прервал\w*|сорвал\w*)\b",
    Intent.WAIT: r"^((вы )?меня слышите|вы (здесь|тут)|подожд\w*|погод\w*"
    r"|(одну )?(минут|секунд)\w*|стоп|стой\w*|хватит|тихо)\b",
    Intent.STAY: r"^(?!.*\b(не|долго|хватит)\b).*"
    r"\b((подо|обо)?жд(у|ем|ать|ите|и)|подождать|повишу|повисеть|останусь|на линии)\b",
    Intent.LEAVE: r"\bне (хочу|буду|могу|надо|нужно|готов\w*|стану)?\b.*\b(ждать|жду|подожд\w*)\b"
    r"|\b(хватит|отмен\w*|передумал\w*|(очень|слишком|так) долго|надоел\w*|перезвоню"
    r"|не (надо|нужно)|стоп)\b",
    Intent.OTHER: r"\b(друг(ой|ого|им|ую|ие)|кого нибудь еще|с кем нибудь еще|туда|попробуй\w*"
    r"|пробуйте|первое|перв(ый|ого))\b",
    Intent.GREETING: r"^(алло|але|ало|здравствуй\w*|здрасьте|добр(ый|ое|ой|ого)|привет\w*"
    r"|день добрый)\b",
}

PATTERNS: Final[Mapping[str, Mapping[Intent, re.Pattern[str]]]] = {
    language: {intent: re.compile(pattern) for intent, pattern in table.items()}
    for language, table in (("en", _ENGLISH), ("ru", _RUSSIAN))
}

# What comes before this was a slip of the tongue.
CORRECTED: Final[Mapping[str, re.Pattern[str]]] = {
    "en": re.compile(r"^.*\b(?:no wait|no sorry|sorry no|i mean|i meant|or rather)\b"),
    "ru": re.compile(r"^.*\b(?:нет лучше|лучше|точнее|вернее|ой нет|нет простите)\b"),
}

# Somebody who is named only to be ruled out.
NOT_MEANT: Final[Mapping[str, re.Pattern[str]]] = {
    "en": re.compile(
        r"\b(?:not|instead of|(?:dont|do not) (?:want|need))\s+(?:the |to )?(?!to\b)\w+"
    ),
    "ru": re.compile(r"\b(?:не|вместо)\s+(?:с |со |в |к )?(?:отдел\w* )?\w+"),
}

EXTENSION: Final[Mapping[str, re.Pattern[str]]] = {
    "en": re.compile(r"\b(?:extension|ext)\b"),
    "ru": re.compile(r"\b(?:добавочн\w*|внутренн\w*)\b"),
}

DIGIT_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "zero": "0",
        "oh": "0",
        "one": "1",
        "two": "2",
        "three": "3",
        "four": "4",
        "five": "5",
        "six": "6",
        "seven": "7",
        "eight": "8",
        "nine": "9",
    },
    "ru": {
        "ноль": "0",
        "один": "1",
        "два": "2",
        "три": "3",
        "четыре": "4",
        "пять": "5",
        "шесть": "6",
        "семь": "7",
        "восемь": "8",
        "девять": "9",
        "двести": "200",
        "триста": "300",
        "четыреста": "400",
        "пятьсот": "500",
    },
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that say nothing about whom or what a caller means.
EMPTY_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "en": _words("""
        a an the i id im me my we us our you your it its is are be am was do does did can could
        would will shall may might should to at of in on for with from by and or but so if that
        this these those there here please like want need wish just now what where when who whom
        how have has had get got give let hi hello hey good morning afternoon evening day yes no
        ok okay well uh um er oh yeah thanks thank sir madam connect connected transfer put
        through speak speaking talk talking call calling dial ring reach patch about some any up
        department dept team section person office number extension ext line back direct directly
        somebody someone sure not dont person people human real never mind nevermind hear
    """),
    "ru": _words("""
        а и в во на по с со к ко у о об от до за из для не ни но же ли бы б то это этот эта эти я
        мы ты вы он она они мне меня мной нам нас вам вас ваш ваша ваше ваши вами ваших мой моя
        мое мои какой какая какое какие как что где когда кто кого кому кем куда есть быть был
        была можно могу можете может мог могла бы надо нужно нужен нужна хочу хотел хотела
        хотелось пожалуйста будьте добры здравствуйте добрый день утро вечер доброе алло да нет
        ну вот так там тут уже еще сейчас спасибо соедините соединить соедини соединяйте
        переключите переключить переведите перевести позовите поговорить связаться свяжите дайте
        позвонить наберите давайте отдел отдела отделом отделу номер добавочный нибудь девушка
        скажите подскажите вопрос хорошо конечно ага угу неважно важно слышите
    """),
}
