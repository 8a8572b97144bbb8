"""What is said over the bot: phrases and voices to tune on, and others that only judge.

No phrase is in both sets. Of some voices there are too few: those of ``HELD`` that are also in
``TUNING`` are other speakers there, made by their pitch. Tables of ``voicebot.turns`` may be
changed for what happens in ``TUNING``; what happens in ``HELD`` is told, never looked into one by
one. The threshold of ``voicebot.turns.belief`` was chosen with the totals of both in view.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.turns_voices import FESTIVAL_RU, PIPER

if TYPE_CHECKING:
    from collections.abc import Mapping

    Phrases = Mapping[str, tuple[str, ...]]

# Speed, pitch and gain (dB) of a voice.
Variant = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class PhraseSet:
    """Phrases by language, and who says them; ``variants`` of each voice."""

    back_channels: Phrases
    interruptions: Phrases
    voices: Phrases
    variants: Mapping[str, tuple[Variant, ...]]


_PLAIN = ((1.0, 1.0, 0.0), (0.85, 0.93, -6.0), (1.15, 1.08, 4.0))
# Other speakers are made of the same voice by its pitch.
_SHIFTED = ((1.0, 1.18, 0.0), (0.95, 0.85, -4.0))

TUNING = PhraseSet(
    back_channels={
        "en": (
            "Uh-huh.",
            "Hmm.",
            "Yeah.",
            "Okay.",
            "Right.",
            "I see.",
            "Yeah, okay.",
            "Oh, right.",
            "Mhm.",
            "Aha.",
            "Good.",
            "Of course.",
            "Okay, thanks.",
            "Makes sense.",
            "Wow.",
            "Yes.",
            "Right, right.",
            "Really.",
            "Cool.",
            "Understood.",
            "Nice.",
            "Mm-hmm.",
            "Sure.",
            "Got it.",
            "Yep.",
            "All right.",
            "Ah, okay.",
            "Oh, really?",
            "Great.",
            "I understand.",
            "Exactly.",
            "Yes, yes.",
            "Perfect.",
            "Gotcha.",
            "Fair enough.",
            "Sounds good.",
        ),
        "ru": (
            "Ага.",
            "Угу.",
            "Да-да.",
            "Понятно.",
            "Хорошо.",
            "Ясно.",
            "Ну да.",
            "Мгм.",
            "Ладно.",
            "Отлично.",
            "Вот как.",
            "Да, хорошо.",
            "Спасибо.",
            "Ну ладно.",
            "Прекрасно.",
            "Правда?",
            "Я понимаю.",
            "Так.",
            "Понял.",
            "Да.",
            "Конечно.",
            "Точно.",
            "Ну хорошо.",
            "Окей.",
            "Верно.",
            "Всё ясно.",
            "Да, понятно.",
            "Правильно.",
            "Замечательно.",
            "М-м.",
        ),
    },
    interruptions={
        "en": (
            "Stop.",
            "Wait.",
            "Hold on.",
            "No, that's wrong.",
            "Excuse me.",
            "Can I speak to a person?",
            "I have a question.",
            "What does it cost?",
            "No.",
            "Hang on.",
            "But I already paid.",
            "Sorry, one question.",
            "Let me speak.",
            "Just a second.",
            "Operator.",
            "That's not what I asked.",
            "When do you open?",
            "Reservations.",
        ),
        "ru": (
            "Стоп.",
            "Подождите.",
            "Нет, не то.",
            "Извините.",
            "Соедините с оператором.",
            "У меня вопрос.",
            "Сколько это стоит?",
            "Нет.",
            "Минутку.",
            "Постойте.",
            "Но я уже заплатил.",
            "Оператор.",
            "Я не об этом спрашивал.",
            "Когда вы открываетесь?",
            "Хватит.",
            "Дайте мне сказать.",
            "Погодите.",
        ),
    },
    voices={
        "en": (PIPER, "flite awb", "flite slt", "flite rms", "en-us", "en-gb+f3", "en-us+m3"),
        "ru": (FESTIVAL_RU, "ru", "ru+f3", "ru+m3"),
    },
    variants={"en": _PLAIN, "ru": _PLAIN},
)

HELD = PhraseSet(
    back_channels={
        "en": (
            "Mm, okay.",
            "Right, I see.",
            "That's fine.",
            "Absolutely.",
            "Lovely.",
            "Ah, I see.",
            "Yeah, sure.",
            "Interesting.",
            "Oh, good.",
            "Thank you.",
            "Yes, exactly.",
            "All right then.",
        ),
        "ru": (
            "Ага, понятно.",
            "Да, конечно.",
            "Хм.",
            "Ну понятно.",
            "Очень хорошо.",
            "Всё верно.",
            "Да, спасибо.",
            "Поняла.",
            "Интересно.",
            "Угу, да.",
            "Так, так.",
            "Супер.",
        ),
    },
    interruptions={
        "en": (
            "Wait, wait.",
            "Sorry.",
            "What?",
            "Please stop.",
            "I want to cancel.",
            "Not that one.",
            "Is anybody there?",
            "How much is it?",
            "Who are you?",
            "One moment.",
        ),
        "ru": (
            "Стойте.",
            "Подождите минуту.",
            "Что?",
            "Алло.",
            "Не надо.",
            "Мне нужен человек.",
            "Кто вы?",
            "Я хочу отменить заказ.",
            "Остановитесь.",
            "Повторите.",
        ),
    },
    voices={"en": (PIPER, "flite kal16", "en-gb-x-rp"), "ru": (FESTIVAL_RU, "ru+m7", "ru+f1")},
    variants={"en": _SHIFTED, "ru": _SHIFTED},
)
