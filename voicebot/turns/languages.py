"""What turn taking knows about words, by language.

Another language is another ``Language`` in ``LANGUAGES``; without one the neutral rules apply,
which look at punctuation and digits only. Words are written as ``words.tokens`` gives them: lower
case, no punctuation, 'ё' as 'е'. A phrase of several words is one string with single spaces.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING

from voicebot.turns.words import tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def _set(text: str) -> frozenset[str]:
    """Return the phrases of ``text``, which are separated by commas."""
    return frozenset(phrase.strip() for phrase in text.split(",") if phrase.strip())


def _heard(text: str) -> frozenset[str]:
    """Return the phrases of ``text``, also without apostrophes, as some recognisers write them."""
    return _set(text) | _set(text.replace("'", ""))


def _numbers(**classes: str) -> Mapping[str, str]:
    """Return the class of each number word."""
    return {word: name for name, text in classes.items() for word in text.split()}


def _least(count: int, text: str) -> dict[str, int]:
    """Return ``count`` for each of the words of ``text``."""
    return dict.fromkeys(text.split(), count)


def _counts(text: str, *, first: int) -> dict[str, int]:
    """Return what the words of ``text``, which count upwards from ``first``, stand for."""
    return {word: count for count, word in enumerate(text.split(), start=first)}


def _echoes(verbs: str, pronouns: str, adverbs: str) -> frozenset[str]:
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
    ``hundred`` (said after a digit), ``double`` or ``triple``. The rest reads
    the bot's questions: ``counts`` before a ``digit_noun`` say how many digits are asked for,
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

# Listeners' words are those that are frequent in Switchboard, the HCRC Map Task, ICSI's meetings,
# and calls to BT's operators.
ENGLISH = Language(
    code="en",
    open_endings=_set(
        "and, or, but, because, so, if, when, while, that, which, who, whose, than, then, as, "
        "unless, until, since, although, though, whether, plus, also, the, a, an, my, your, his, "
        "her, our, their, its, this, these, those, some, any, every, of, to, for, with, at, in, "
        "on, from, by, about, into, between, after, before, without, through, during, against, "
        "under, near, via, not, very, is, are, was, were, am, i'm, it's, be, been, would, could, "
        "should, will, can, i'd, i'll, i've, we're, we'd, let's, i, we, they, he, she, um, uh, er, "
        "erm, hmm, well, like, you know, i mean, let me see, let me think, one moment, just a "
        "moment, my number is, my name is, the number is, i would like, i want, i need, i wanted "
        "to, i'd like to, i would like to, can you, could you, can you please, could you please, "
        "would you please, can i please, please tell me, can you tell me, could you tell me, can "
        "you give me, could you give me, can you send me, could you send me, and also, as well as, "
        "mr, mrs, ms, dr"
    ),
    complete=_set(
        "thank you, thanks, yes please, no thank you, no thanks, that's all, that is all, that's "
        "it, that's right, that's correct, i don't know, never mind, help, pardon, repeat that "
        "please, can you repeat that, say that again, operator, stop, hold on, hang on, be quiet, "
        "shut up, enough, cancel, a person, human, i will wait, i'll wait, i can wait, i'd like to "
        "wait"
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
        "yes, yeah, yep, yup, yes please, yes sir, yes ma'am, yes of course, aye, sure, for sure, "
        "sure thing, of course, by all means, right, correct, exactly, precisely, okay, ok, please "
        "do, that's right, that's correct, go ahead, absolutely, definitely, most definitely, "
        "certainly, totally, naturally, indeed, you bet, will do, sounds good, works for me, that "
        "works, fine by me, fine, alright, all right, agreed, i agree, i think so, i guess so, i "
        "suppose so, i believe so, i hope so, i'd like that, i'd love to, i'd love that"
    ),
    no=_set(
        "no, nope, nah, no thanks, no thank you, not really, not now, not yet, not at all, of "
        "course not, absolutely not, definitely not, certainly not, probably not, i don't think "
        "so, i'm afraid not, i guess not, no way, wrong, incorrect, never"
    ),
    goodbyes=_set(
        "bye, goodbye, good bye, bye bye, see you, have a nice day, have a good day, good night, "
        "thank you bye, thanks bye, talk to you later, see you later"
    ),
    back_channels=_heard(
        # Sounds.
        "uh huh, uh uh, uhhuh, uh hum, uh hm, uh hmm, mm, mmm, mhm, mm hmm, mmhmm, mm hm, um hum, "
        "um hm, um hmm, hm, hmm, hum, ah, ahh, aah, a ha, aha, ah ha, oh, ohh, ooh, oooh, ooo, aw, "
        "aww, huh, uh, um, uhm, er, erm, em, ehm, eh, well, so, "
        # Agreement.
        "yeah, yes, yep, yup, ya, yea, yeh, yah, aye, yes sir, yes ma'am, okay, ok, o k, okey, "
        "okie, kay, mkay, okey doke, okey dokey, okie dokie, right, right you are, right ho, right "
        "oh, righto, rightio, righty ho, righty oh, too right, sure, for sure, that's for sure, "
        "sure thing, alright, all right, all righty, alrighty, of course, exactly, precisely, "
        "absolutely, definitely, most definitely, certainly, most certainly, surely, indeed, yes "
        "indeed, totally, completely, entirely, naturally, obviously, clearly, quite, quite so, "
        "very much so, very well, agreed, i agree, i totally agree, i agree with you, i agree with "
        "that, i'd agree with that, i would agree, you're right, you are right, you're quite "
        "right, you're so right, you're probably right, you're absolutely right, i'm with you, i'm "
        "sure, i think you're right, i bet, i'll bet, i'd bet, you bet, you betcha, i guess, i "
        "guess so, i suppose, i suppose so, i expect so, i reckon, i reckon so, i imagine, i "
        "imagine so, i hope so, i think so, think so, i believe so, i believe it, i would think "
        "so, i'd think so, i should think so, i thought so, thought so, i'd say so, i'll say, you "
        "said it, you got it, no doubt, no question, by all means, will do, can do, me too, me "
        "neither, me either, same here, likewise, so do i, so am i, so have i, so did i, neither "
        "do i, nor do i, i do too, i did too, i am too, i would too, i don't either, so it is, so "
        "they are, so they do, yes that's it, yeah that's it, that's exactly it, that's the one, "
        "that's the thing, that's the way, that's the spirit, that's the truth, isn't that the "
        "truth, this is true, good point, good question, great question, point taken, fair do's, "
        "well said, works for me, that works, that'll do, that will do, suits me, that suits me, "
        "sounds like it, sounds like fun, sounds like a plan, i like it, i like that, i love it, i "
        "love that, i'd like that, i'd love that, i'd love to, "
        # The commonest assessments, so that they are known where they are misheard, too.
        "that's good, that's great, that's fine, that's nice, that's okay, that's cool, that's "
        "true, that's right, that's correct, that's fair, that's interesting, very good, very "
        "nice, sounds good, sounds great, how nice, how interesting, "
        # Understanding.
        "i see, i see what you mean, i see what you're saying, i know what you mean, i know how "
        "you feel, i understand what you mean, that's what i thought, that's what i heard, i see "
        "that, i see now, i see why, i see your point, i can see that, now i see, i get it, i get "
        "that, i get you, now i get it, got it, got that, got you, gotcha, i got it, i got that, i "
        "got you, i've got it, i've got that, i've got you, i understand, i understand that, i "
        "understand now, i understood, i've understood, i can understand that, understood, make "
        "sense, makes sense, it makes sense, that makes sense, that would make sense, that makes "
        "perfect sense, i know, i know it, i know that, i know the feeling, i can imagine, i can "
        "imagine that, i can believe it, i can believe that, i believe that, i can tell, i can "
        "relate, i remember, i follow, i'm following, i hear you, i'm listening, so i see, so i "
        "hear, so i gather, so i've heard, i've heard that, i've noticed, noted, duly noted, loud "
        "and clear, roger, roger that, copy that, that figures, no problem, no problem at all, not "
        "a problem, that's no problem, no worries, no bother, no trouble, there you go, there we "
        "go, there you are, there it is, "
        # Surprise.
        "wow, whoa, wowee, really, seriously, are you serious, for real, boy, oh boy, man, oh man, "
        "oh my, my my, goodness, my goodness, goodness me, goodness gracious, gosh, my gosh, "
        "golly, gee, gee whiz, jeez, geez, god, my god, oh god, lord, good lord, good god, "
        "heavens, good heavens, good grief, good gracious, my word, blimey, crikey, cor, crumbs, "
        "holy cow, holy smoke, holy moly, shoot, hooray, hurray, yay, whew, phew, yikes, oops, "
        "whoops, uh oh, ouch, ugh, no way, no kidding, you're kidding, are you kidding, you're not "
        "kidding, you're joking, you must be joking, you don't say, you're telling me, tell me "
        "about it, is that so, is that right, is that true, is it true, is that a fact, how about "
        "that, imagine that, fancy that, well i never, who knew, go figure, i never knew that, i "
        "didn't know that, i had no idea, i can't imagine, i'll be darned, i'll be damned, isn't "
        "that something, that's something, that's a thought, that's an idea, that's news to me, "
        # Sympathy.
        "oh dear, dear me, dear oh dear, bless, bless you, bless your heart, bless him, bless her, "
        "poor thing, poor you, poor him, poor her, too bad, that's too bad, bad luck, hard luck, "
        "tough luck, that's life, these things happen, it happens, that happens, sorry to hear "
        "that, i'm sorry to hear that, good for you, good for him, good for her, good for them, "
        "well done, way to go, congratulations, congrats, lucky you, good luck, i don't blame you, "
        # Thanks, and what is answered to them.
        "thanks, thank you, thanks a lot, thanks a million, thanks a bunch, thanks again, thank "
        "you again, thanks very much, thank you very much, thanks ever so much, thank you ever so "
        "much, thanks so much, thank you so much, thank you kindly, many thanks, thank goodness, "
        "thank god, thank heavens, cheers, ta, much obliged, i'm much obliged, much appreciated, i "
        "appreciate it, i appreciate that, i'd appreciate it, i'd appreciate that, appreciate it, "
        "you're welcome, you're very welcome, my pleasure, pleasure, it's my pleasure, not at all, "
        "you too, you as well, same to you"
    ),
    noises=_set(
        "uh huh, uhhuh, uh hum, uh hm, uh hmm, mm, mmm, mhm, mm hmm, mmhmm, mm hm, um hum, um hm, "
        "um hmm, hm, hmm, hum, ah, ahh, aah, aw, oh, ohh, ooh, oooh, ooo, a ha, aha, ah ha, huh, "
        "uh, um, uhm, er, erm, em, ehm, eh"
    ),
    assessments=_heard(
        "good, great, fine, nice, lovely, perfect, excellent, wonderful, brilliant, awesome, "
        "amazing, fantastic, fabulous, marvellous, marvelous, terrific, superb, super, splendid, "
        "smashing, magic, grand, beautiful, gorgeous, sweet, neat, cool, wicked, outstanding, "
        "magnificent, delightful, impressive, incredible, remarkable, unbelievable, extraordinary, "
        "exciting, thrilling, interesting, fascinating, intriguing, surprising, funny, hilarious, "
        "fun, cute, clever, smart, wise, sensible, reasonable, logical, fair, fair enough, good "
        "enough, easy enough, clear enough, clear, crystal clear, easy, simple, handy, useful, "
        "helpful, kind, generous, thoughtful, decent, acceptable, okay, ok, alright, all right, "
        "right, correct, true, accurate, spot on, lucky, fortunate, encouraging, reassuring, "
        "refreshing, better, much better, even better, the best, ideal, not bad, not bad at all, "
        "not too bad, not so bad, sad, awful, terrible, horrible, dreadful, tragic, shocking, "
        "scary, frightening, unfortunate, unlucky, tough, rough, nasty, disappointing, strange, "
        "weird, odd, bizarre, peculiar, crazy, wild, shame, pity, relief, bummer, nightmare, "
        "delight, treat, bargain, surprise, coincidence, blessing, miracle"
    ),
    frames=_heard(
        "that's, that is, that'd be, that would be, that will be, that'll be, that must be, that "
        "could be, that might be, that sounds, that seems, that looks, it's, it is, it'd be, it "
        "would be, it'll be, it will be, it must be, it sounds, it seems, would be, must be, "
        "sounds, sound, seems, looks, isn't that, isn't it, how, how very, what a, a, an, and, i "
        "think, i'm sure, which is, very, pretty, really, real, so, quite, rather, just, too, "
        "absolutely, totally, completely, perfectly, entirely, extremely, exceptionally, "
        "particularly, truly, most, all, exactly, probably, certainly, definitely, awfully, "
        "terribly, jolly, such, such a, kind of, sort of, a bit, a little, more than"
    ),
    judged=_set(
        "idea, point, thinking, thought, choice, news, plan, job, work, stuff, deal, thing, one, "
        "call, shout, suggestion, story, answer"
    ),
    echoes=_echoes(
        "is was does did has will", "it he she", "really sure certainly definitely probably still"
    )
    | _echoes("are were do did have", "they you", "really sure certainly definitely probably still")
    | _heard(
        "isn't it, isn't he, isn't she, wasn't it, doesn't it, didn't it, hasn't it, aren't they, "
        "weren't they, don't they, didn't they, haven't they"
    ),
    tails=_heard(
        "then, too, indeed, though, sir, madam, ma'am, mate, love, dear, man, for you, for me, "
        "with me, by me, to me, of you, to hear, to know, to hear that, to know that, as well, "
        "anyway, at all, so much, very much, really, i guess, i suppose, i must say, isn't it, for "
        "that, for your help, for your time, for calling, for telling me, for letting me know"
    ),
    stops=_set(
        "stop, start, wait, hold on, no, hang on, pause, excuse me, sorry, hello, listen, one "
        "moment, just a moment, just a second, one second, shut up, be quiet, enough, never mind, "
        "cancel, but, actually, operator, human, a person, repeat, pardon, what"
    ),
    go_on=_set(
        "go on, go on then, do go on, please go on, go ahead, go right ahead, please go ahead, "
        "continue, please continue, do continue, carry on, please carry on, keep going, keep "
        "talking, proceed, please proceed, please do, go for it, fire away, tell me more, i'm all "
        "ears, all ears, take your time"
    ),
    wants=_set(
        # Who is asked for.
        "agent, live agent, representative, advisor, adviser, consultant, specialist, technician, "
        "engineer, manager, supervisor, receptionist, secretary, assistant, director, owner, boss, "
        "doctor, dentist, nurse, lawyer, attorney, somebody, someone, anybody, anyone, staff, "
        "colleague, real person, live person, department, reception, front desk, customer service, "
        "customer services, customer care, customer support, support, tech support, sales, "
        "billing, accounting, accounts, finance, complaints, enquiries, inquiries, bookings, "
        "reservations, dispatch, security, maintenance, pharmacy, human resources, helpdesk, help "
        "desk, switchboard, robot, machine, computer, voicemail, "
        # What about.
        "appointment, appointments, booking, reservation, order, orders, delivery, shipment, "
        "parcel, package, invoice, bill, bills, payment, payments, refund, account, balance, "
        "credit, debit, loan, mortgage, insurance, claim, policy, prescription, ticket, tickets, "
        "flight, hotel, prices, pricing, quote, discount, charged, charges, address, website, "
        "email, telephone, mobile, message, callback, password, internet, broadband, wifi, "
        "contract, subscription, membership, warranty, repair, repairs, fault, complaint, problem, "
        "problems, issue, issues, question, questions, query, mistake, error, emergency, urgent, "
        "urgently, accident, ambulance, police, details, information, opening hours, opening "
        "times, availability, available, schedule, directions, parking, english, spanish, french, "
        "german, russian, "
        # When.
        "today, tomorrow, tonight, yesterday, monday, tuesday, wednesday, thursday, friday, "
        "saturday, sunday, weekend, afternoon, evening, this morning, next week, next month, last "
        "week, right now, later, earlier, o'clock, january, february, april, june, july, august, "
        "september, october, november, december, "
        # What is to be done.
        "again, slower, slowly, slow down, faster, hurry up, louder, speak up, quieter, quiet, "
        "silence, skip, next, previous, back up, go back, start over, start again, begin again, "
        "main menu, options, transfer, connect, put me through, speak to, speak with, talk to, "
        "talk with, call me back, call back, ring me back, hang up, change, reschedule, postpone, "
        "book, pay, paid, return, replace, leave a message, let me, tell me, give me, get me, help "
        "me, show me, send me, explain, clarify, spell, interrupt, finish, i want, i wanted, i "
        "wanna, i need, i'd like to, i would like, i'm calling, i am calling, i'm trying to, can "
        "i, can you, can we, could i, could you, may i, would you, will you, do you have, do you "
        "know, have you got, is there, are there, is this, bear with me, "
        # What is not as it should be.
        "that's not, that isn't, it's not, it isn't, you're not, not that, not this, not what, i "
        "don't, i didn't, i can't, i couldn't, i haven't, i won't, don't, can't hear, i said, i "
        "asked, i meant, i already, misunderstood, broken, doesn't work, not working, lost, "
        "stolen, missing, wrong, mistaken, too fast, too slow, too loud"
    ),
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
        "эээ, мм, ну, вот, типа, как бы, значит, в общем, то есть, хочу, хотел бы, хотела бы, мне "
        "нужно, мне надо, могу ли я, можно, мой номер, меня зовут, скажите, подскажите, скажите "
        "пожалуйста, подскажите пожалуйста, минутку, секунду, сейчас, еще, также, очень"
    ),
    complete=_set(
        "спасибо, большое спасибо, спасибо большое, да спасибо, нет спасибо, это все, все, больше "
        "ничего, не знаю, алло, помогите, повторите, повторите пожалуйста, оператор, оператора, "
        "стоп, хватит, стойте, постойте, тихо, достаточно, отмена, подожду, я подожду, я готов "
        "подождать, я готова подождать"
    ),
    openers=_set("здравствуйте, добрый день, доброе утро, добрый вечер, извините, простите"),
    courtesies=_set("пожалуйста, спасибо, здравствуйте, алло, добрый день, доброе утро"),
    closings=_set("пожалуйста, спасибо"),
    yes=_set(
        "да, ага, угу, да да, ну да, конечно, ну конечно, верно, все верно, совершенно верно, "
        "правильно, точно, так точно, именно так, хорошо, ну хорошо, ладно, ну ладно, давайте, "
        "давай, да пожалуйста, да конечно, именно, разумеется, безусловно, естественно, "
        "обязательно, непременно, пожалуй, думаю да, наверное да, согласен, согласна, я согласен, "
        "я согласна, не против, я не против, с удовольствием, подходит, устраивает, меня "
        "устраивает, годится, пойдет, идет, договорились, ок, окей, было бы хорошо, хотелось бы, "
        "можно, готов, готова"
    ),
    no=_set(
        "нет, не, неа, нет спасибо, не надо, не нужно, не хочу, не совсем, не очень, не сейчас, "
        "пока нет, еще нет, нет конечно, конечно нет, думаю нет, наверное нет, вряд ли, ни за что, "
        "никогда, неверно, неправильно, ни в коем случае"
    ),
    goodbyes=_set(
        "до свидания, пока, всего доброго, всего хорошего, до встречи, хорошего дня, спокойной "
        "ночи, счастливо, до связи, прощайте"
    ),
    back_channels=_set(
        # Sounds.
        "ага, угу, агась, угум, аха, мм, ммм, м, мгм, а, аа, ааа, о, оо, ооо, э, ээ, эм, ну, ну "
        "ну, хм, хмм, гм, ах, ах вот, ой, ох, эх, ух, уф, вот, вот вот, значит, "
        # Agreement.
        "да, да да, да да да, так, так так, ну да, да уж, точно, точно точно, так точно, конечно, "
        "ну конечно, конечно же, верно, это верно, все верно, совершенно верно, абсолютно верно, "
        "правильно, это правильно, все правильно, именно, вот именно, именно так, так и есть, это "
        "да, это точно, что верно то верно, и то правда, это правда, разумеется, само собой, само "
        "собой разумеется, еще бы, а как же, ясное дело, безусловно, несомненно, естественно, "
        "обязательно, непременно, действительно, в самом деле, пожалуй, наверное, возможно, "
        "видимо, похоже, не сомневаюсь, думаю да, я тоже, я тоже так думаю, согласен, согласна, я "
        "согласен, я согласна, полностью согласен, полностью согласна, совершенно согласен, "
        "совершенно согласна, вы правы, вы абсолютно правы, вы совершенно правы, ок, окей, хорошо, "
        "ну хорошо, ладно, ну ладно, ладненько, да ладно, лады, добро, идет, пойдет, годится, "
        "договорились, по рукам, подходит, мне подходит, устраивает, меня устраивает, давайте, "
        "давай, логично, без проблем, нет проблем, не вопрос, без вопросов, ничего, ничего "
        "страшного, не страшно, и не говорите, "
        # The commonest assessments, so that they are known where they are misheard, too.
        "очень хорошо, все хорошо, это хорошо, очень приятно, как интересно, как хорошо, все в "
        "порядке, все отлично, все нормально, "
        # Understanding.
        "понятно, понятненько, все понятно, это понятно, теперь понятно, понял, поняла, я понял, я "
        "поняла, понял вас, поняла вас, вас понял, вас поняла, я вас понял, я вас поняла, все "
        "понял, все поняла, понял спасибо, ясно, ясненько, все ясно, это ясно, теперь ясно, я "
        "понимаю, понимаю, понимаю вас, я вас понимаю, знаю, я знаю, я это знаю, помню, я помню, в "
        "курсе, я в курсе, вижу, я вижу, слышал, слышала, принято, принял, приняла, понял принял, "
        "я вас услышал, я вас услышала, вот как, вот оно как, вот оно что, вон оно что, вон как, "
        "вот так, вот и все, "
        # Surprise.
        "ого, ух ты, вау, надо же, ничего себе, ну и ну, правда, неужели, да неужели, да ну, "
        "серьезно, да что вы, да вы что, что вы говорите, не может быть, вот это да, вот это "
        "новость, подумать только, кто бы мог подумать, с ума сойти, обалдеть, боже, боже мой, о "
        "боже, господи, опа, упс, ура, "
        # Sympathy.
        "увы, сочувствую, бывает, всякое бывает, так бывает, не повезло, повезло, поздравляю, "
        "молодец, молодцы, "
        # Thanks, and what is answered to them.
        "спасибо, да спасибо, большое спасибо, спасибо большое, огромное спасибо, спасибо "
        "огромное, большое вам спасибо, благодарю, благодарю вас, благодарен, благодарна, "
        "признателен, признательна, и вам, и вам спасибо, и вам того же, взаимно, не за что"
    ),
    noises=_set(
        "мм, ммм, м, мгм, а, аа, ааа, о, оо, ооо, э, ээ, эм, хм, хмм, гм, ах, ой, ох, эх, ух, уф"
    ),
    assessments=_set(
        "хорошо, отлично, здорово, прекрасно, замечательно, чудесно, великолепно, превосходно, "
        "супер, класс, классно, круто, шикарно, блестяще, идеально, потрясающе, невероятно, "
        "удивительно, поразительно, неплохо, нормально, интересно, любопытно, забавно, смешно, "
        "странно, приятно, мило, логично, разумно, справедливо, удобно, полезно, красота, "
        "прелесть, жалость, чудо, фантастика, жаль, жалко, обидно, печально, грустно, неприятно, "
        "ужасно, ужас, кошмар, уже лучше, так лучше, хорошая идея, отличная идея, прекрасная идея, "
        "неплохая идея, хорошая мысль, интересная мысль, хорошая новость, отличная новость, "
        "хороший вопрос, хорошее дело, в порядке, совсем другое дело"
    ),
    frames=_set(
        "это, вот это, это же, это было бы, было бы, как, как же, какой, какая, какое, какая это, "
        "очень, просто, вполне, довольно, весьма, совсем, совершенно, абсолютно, действительно, "
        "правда, все, звучит, тоже, так, по моему, думаю это, я думаю это"
    ),
    tails=_set(
        "тогда, же, ведь, вам, тоже, конечно, за помощь, за информацию, за звонок, за ответ, за это"
    ),
    stops=_set(
        "стоп, стол, подождите, подожди, погодите, погоди, постойте, постой, нет, не надо, хватит, "
        "минутку, минуту, секунду, стойте, замолчи, тихо, извините, простите, алло, послушайте, "
        "слушайте, но, оператор, оператора, человека, повторите, что, отмена, достаточно"
    ),
    go_on=_set(
        "продолжайте, продолжай, продолжайте пожалуйста, дальше, давайте дальше, говорите, "
        "рассказывайте, слушаю, слушаю вас, я слушаю, я вас слушаю, внимательно слушаю, да "
        "продолжайте"
    ),
    wants=_set(
        # Who is asked for.
        "специалист, специалиста, специалистом, менеджер, менеджера, менеджером, консультант, "
        "консультанта, консультантом, сотрудник, сотрудника, сотрудником, человек, человеком, "
        "живой человек, директор, директора, директором, начальник, начальника, руководитель, "
        "руководителя, администратор, администратора, администратором, секретарь, бухгалтер, "
        "бухгалтера, бухгалтерия, бухгалтерию, бухгалтерией, врач, врача, врачу, доктор, доктора, "
        "юрист, юриста, диспетчер, диспетчера, оператору, оператором, техподдержка, техподдержку, "
        "поддержка, поддержку, отдел, отдел продаж, регистратура, регистратуру, приемная, "
        "приемную, бронирование, робот, робота, роботом, автоответчик, "
        # What about.
        "доставка, доставку, доставки, жалоба, жалобу, заявка, заявку, заказ, заказа, заказать, "
        "запись, записаться, запишите, оплата, оплату, оплатить, заплатил, заплатила, деньги, "
        "возврат, вернуть, счет, договор, карта, карту, карты, кредит, страховка, полис, адрес, "
        "сайт, телефон, пароль, интернет, тариф, цена, цены, стоимость, скидка, скидки, скидку, "
        "билет, билеты, столик, проблема, проблему, вопрос, вопросы, ошибка, ошиблись, помощь, "
        "помогите, срочно, авария, скорая, полиция, пожар, "
        # When.
        "сегодня, завтра, вчера, послезавтра, понедельник, вторник, среда, среду, четверг, "
        "пятница, пятницу, суббота, субботу, воскресенье, утром, вечером, позже, сейчас, "
        # What is to be done.
        "громче, погромче, тише, потише, медленнее, помедленнее, быстрее, побыстрее, короче, "
        "покороче, еще раз, заново, сначала, назад, пропустите, пропустить, главное меню, "
        "переключите, переведите, соедините, перезвоните, перезвонить, отмените, отменить, "
        "перенести, изменить, поменять, узнать, уточнить, спросить, скажите, подскажите, "
        "расскажите, объясните, дайте, покажите, хочу, хотел, хотела, нужно, нужен, нужна, надо, "
        "можно ли, могу, можете, мне, у меня, у вас, дайте сказать, "
        # What is not as it should be.
        "не то, не так, не тот, не та, не туда, не об этом, не про это, это не, я не, не понял, не "
        "поняла, не понимаю, непонятно, не слышу, не слышно, плохо слышно, не работает, сломался, "
        "сломалась, сломалось, потерял, потеряла"
    ),
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
        "что, чего, чему, чем, кто, кого, кому, кем, когда, где, куда, откуда, почему, зачем, как, "
        "какой, какая, какое, какие, каким, какую, сколько, чей, чья, который, котором"
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
